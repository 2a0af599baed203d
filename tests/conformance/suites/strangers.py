"""The walk of tests/api/strangers.txt with real tokens: what each call tells nobody, other projects, and each role.

What the columns mean is said there; the walk inside the tests of the API uses the same rows.
"""

from dataclasses import dataclass

from kit.places import ROOT
from suites.api import Caller, unauthorized

TABLE = ROOT / "tests/api/strangers.txt"
NOWHERE = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
OTHER = "fedcba9876543210fedcba9876543210"
NEWEST = "3.71"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    method: str
    path: str
    absent: list
    malformed: list
    body: bytes | None
    text: str

    @classmethod
    def read(cls, line):
        method, path, absent, malformed, body, text = (column.strip() for column in line.split("|"))
        statuses = [[int(status) for status in column.split(" ")] for column in (absent, malformed)]
        return cls(method, path, *statuses, body.encode() or None, text)

    def filled(self, id_):
        """The path with its variables given."""
        parts = ["k" if part == "{key}" else id_ if part.startswith("{") else part for part in self.path.split("/")]
        return "/".join(parts)


def rows():
    lines = TABLE.read_text().splitlines()
    return [Row.read(line) for line in lines if line and not line.startswith("#")]


def run(cloud, report):
    """Walks three times."""
    table = rows()
    people = [Caller.of(cloud, *who) for who in (("reader", "demo"), ("demo", "demo"), ("admin", "admin"))]

    def check(name):
        return report.check(f"strangers/{cloud.identity}/{name}")

    with check("nobody-gets-in"):
        for caller in (Caller(cloud.base, OTHER), Caller(cloud.base, OTHER, {"X-Auth-Token": "nonsense"})):
            for row in table:
                for id_ in (NOWHERE, "nope"):
                    unauthorized(caller(row.method, row.filled(id_), row.body), cloud)
    with check("other-projects-are-refused"):
        for person in people:
            elsewhere = Caller(cloud.base, OTHER, person.headers)
            for row in table:
                for id_ in (NOWHERE, "nope"):
                    reply = elsewhere(row.method, row.filled(id_), row.body).expect(400)
                    assert reply.json() == {"badRequest": {"code": 400, "message": "Malformed request url"}}, reply
    with check("roles-and-ids-decide"):
        wrong = []
        for row in table:
            for id_, expected in ((NOWHERE, row.absent), ("nope", row.malformed)):
                replies = [person(row.method, row.filled(id_), row.body, NEWEST) for person in people]
                got = [reply.status for reply in replies]
                if got != expected:
                    wrong.append(f"{row.method} {row.path} {row.body} {id_}: {got}, not {expected}")
                for reply in replies:
                    text = row.text.replace("{id}", id_)
                    if reply.status == 404 and reply.json()["itemNotFound"]["message"] != text:
                        wrong.append(f"{row.method} {row.path} {id_}: {reply.body}, not {text}")
        assert not wrong, "\n".join(wrong)
    return [person.token for person in people]
