"""Programs of other people, run as a user runs them."""

import json
import subprocess
from dataclasses import dataclass

from kit.places import until

PATIENCE = 120


def _run(arguments, environment, cwd=None, patience=PATIENCE):
    return subprocess.run(
        arguments,
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )


def output(arguments, environment, cwd=None, patience=PATIENCE):
    """What a program prints, which must succeed and have nothing to say on stderr, where warnings go."""
    arguments = [str(argument) for argument in arguments]
    done = _run(arguments, environment, cwd, patience)
    assert done.returncode == 0, f"{' '.join(arguments)}: exit code {done.returncode}: {done.stderr or done.stdout}"
    assert not done.stderr, f"{' '.join(arguments)} warns: {done.stderr}"
    return done.stdout


def refusal(words, arguments, environment):
    """Runs a program that must fail, and say these words."""
    done = _run([str(argument) for argument in arguments], environment)
    assert done.returncode != 0, f"{arguments} succeeds: {done.stdout}"
    said = done.stdout + done.stderr
    assert words in said, f"{arguments} does not say {words!r}: {said}"


@dataclass(frozen=True)
class Openstack:
    """The `openstack` command of one person."""

    program: object
    environment: dict

    def __call__(self, *arguments):
        """Runs a command that prints nothing."""
        printed = output([self.program, *arguments], self.environment)
        assert not printed, f"{arguments} prints {printed}"

    def read(self, *arguments):
        """Runs a command that prints JSON when asked to, and gives that."""
        return json.loads(output([self.program, *arguments, "-f", "json"], self.environment))

    def is_told(self, words, *arguments):
        """Runs a command that must fail, and say these words."""
        refusal(words, [self.program, *arguments], self.environment)

    def wait(self, kind, name, status):
        """Waits for the status of a `volume` or a `volume snapshot`."""
        until(
            f"{kind} {name} to be {status}", lambda: self.read(*kind.split(), "show", name)["status"] == status
        )

    def wait_gone(self, kind, id_):
        """Waits until there is none with the id."""

        def gone():
            return id_ not in [row["ID"] for row in self.read(*kind.split(), "list")]

        until(f"{kind} {id_} to be gone", gone)
