"""The breezeblock process."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from .waiting import PATIENCE, until

LISTENING = re.compile(r"listening on (http://[0-9.:]+)")


class Server:
    """One `breezeblock serve` with a port, a database and a storage folder of its own.

    It may be killed and started again; everything but the port stays.
    """

    def __init__(self, program, folder, database_url, settings=None):
        self.program = program
        self.storage = folder / "storage"
        self.base = None
        self._log = folder / "server.log"
        self._process = None
        self._settings = {
            "BREEZEBLOCK__SERVER__BIND": "127.0.0.1:0",
            "BREEZEBLOCK__DATABASE__URL": database_url,
            "BREEZEBLOCK__STORAGE__PATH": str(self.storage),
            "BREEZEBLOCK__STORAGE__HOST": "testhost",
            "BREEZEBLOCK__LOG__FORMAT": "json",
        } | (settings or {})

    def start(self):
        """Starts it, and reads from its log where it listens."""
        assert self._process is None
        environment = {key: value for key, value in os.environ.items() if not key.startswith("BREEZEBLOCK")}
        with self._log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [self.program, "serve"],
                env=environment | self._settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

        def listening():
            assert self._process.poll() is None, f"the server ended at its start:\n{self.log()}"
            return LISTENING.search(self._log.read_bytes()[begin:].decode())

        self.base = until("the start-up line", listening)[1]

    def kill(self):
        """Ends it as a power cut would: it gets no chance to tidy up."""
        self._process.send_signal(signal.SIGKILL)
        assert self._process.wait(PATIENCE) == -signal.SIGKILL
        self._process = None

    def stop(self):
        """Asks it to end, and gives its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._process = None
        return code

    @property
    def running(self):
        return self._process is not None

    def alive(self):
        """Whether the process still runs, however it may have ended."""
        return self._process is not None and self._process.poll() is None

    def log(self):
        return self._log.read_text()

    def volume(self, volume_id):
        """The file of a volume."""
        return Path(self.storage, "volumes", f"volume-{volume_id}")

    def snapshot(self, snapshot_id):
        """The file of a snapshot."""
        return Path(self.storage, "snapshots", f"snapshot-{snapshot_id}")

    def get(self, path, headers=None):
        """A plain GET as curl would send it: the status and the body."""
        request = urllib.request.Request(self.base + path, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
