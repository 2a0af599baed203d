"""The `cinder` command from python-cinderclient, as it comes, in a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .waiting import PATIENCE, until

PROGRAM = Path(sys.executable).with_name("cinder")
PROJECT = "0123456789abcdef0123456789abcdef"
FINAL = {"available", "error", "error_deleting", "error_extending"}


@dataclass(frozen=True)
class Output:
    """What a command that succeeded printed."""

    text: str
    rows: list

    @property
    def fields(self):
        """The two columns of a table of properties."""
        return {key: value for key, value in (row.values() for row in self.rows)}

    def column(self, name):
        return [row[name] for row in self.rows]


class Cinder:
    """Runs commands as a user of a project.

    `cinder("snapshot-show", "ice")` must succeed and is parsed; `cinder.refused(...)` must fail and
    gives the reason that was printed.
    """

    def __init__(self, server, home, project=PROJECT, user="demo"):
        self.server = server
        self.project = project
        self._home = home
        self._user = user

    def __call__(self, *arguments):
        done = self._run(arguments)
        assert (done.returncode, done.stderr) == (0, ""), f"{arguments}: {done}"
        return Output(done.stdout, table(done.stdout))

    def refused(self, *arguments):
        done = self._run(arguments)
        assert done.returncode == 1, f"{arguments}: {done}"
        return done.stdout + done.stderr

    def _run(self, arguments):
        # Nothing of the caller's own cloud may leak into a test.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("OS_", "CINDER"))}
        settings = {
            "HOME": str(self._home),
            "OS_AUTH_TYPE": "noauth",
            "OS_USER_ID": self._user,
            "OS_PROJECT_ID": self.project,
            "CINDER_ENDPOINT": f"{self.server.base}/v3/{self.project}",
        }
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            env=inherited | settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
        )

    # What nearly every test does.

    def volume(self, name, *options, size=1):
        """A new volume that is available."""
        created = self("create", "--name", name, *options, *([] if size is None else [size])).fields
        self.wait("volumes", created["id"], "available")
        return created["id"]

    def snapshot(self, volume, name, *options):
        """A new snapshot that is available."""
        created = self("snapshot-create", "--name", name, *options, volume).fields
        assert created["status"] == "creating"
        self.wait("snapshots", created["id"], "available")
        return created["id"]

    def wait(self, collection, id_, status):
        """Waits until a volume or snapshot has a status; another one that stays fails at once."""

        def reached():
            code, body = self.server.get(f"/v3/{self.project}/{collection}/{id_}")
            assert code == 200, body
            (resource,) = body.values()
            now = resource["status"]
            assert now == status or now not in FINAL, f"{id_} became {now}, not {status}"
            return now == status

        until(f"{id_} to be {status}", reached)

    def wait_gone(self, collection, id_):
        """Waits until a volume or snapshot does not exist any more."""
        until(f"{id_} to be gone", lambda: self.server.get(f"/v3/{self.project}/{collection}/{id_}")[0] == 404)


def table(text):
    """The rows of the last table in `text`, by column name."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    if not cells:
        return []
    header, *rows = cells
    return [dict(zip(header, row, strict=True)) for row in rows]
