"""The `curl` command, as it comes."""

import subprocess
from dataclasses import dataclass
from xml.etree import ElementTree

from .waiting import PATIENCE


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict
    body: str

    @property
    def xml(self):
        assert self.headers["content-type"] == "application/xml", self
        return ElementTree.fromstring(self.body)


class Curl:
    """Sends requests as a user of a project, with the name and the password in each."""

    def __init__(self, login):
        self._login = login

    def __call__(self, address, *options):
        command = ["curl", "--silent", "--show-error", "--include", "-u", self._login, *options, address]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        assert (done.returncode, done.stderr) == (0, b""), done
        head, _, body = done.stdout.decode().partition("\r\n\r\n")
        first, *headers = head.split("\r\n")
        pairs = (header.split(": ", 1) for header in headers)
        return Answer(int(first.split()[1]), {name.lower(): value for name, value in pairs}, body)
