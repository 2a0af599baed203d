"""What was measured."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    case: str
    database: str
    rows: str
    run: object
    # The ceiling of the same bytes, in the same moment; None where there is none.
    ceiling: object = None

    @property
    def ratio(self):
        return self.run.rate / self.ceiling.rate if self.ceiling else None

    @property
    def title(self):
        """The case, and how much of it went wrong."""
        return f"{self.case}, {self.run.failed:.1%} FAILED" if self.run.failed else self.case


@dataclass(frozen=True)
class Growth:
    """What a request costs in the smallest and the largest table, to one client."""

    shape: str
    database: str
    indexed: bool
    # (milliseconds, CPU microseconds) each.
    small: tuple
    large: tuple

    @property
    def ratio(self):
        return self.large[1] / self.small[1]


@dataclass
class Results:
    lines: list = field(default_factory=list)
    growth: list = field(default_factory=list)
    # Single figures by (name, database).
    facts: dict = field(default_factory=dict)

    def line(self, case, database, rows, run, ceiling=None):
        line = Line(case, database, rows, run, ceiling)
        self.lines.append(line)
        ratio = f" {line.ratio:5.2f} of the ceiling" if ceiling else ""
        print(f"  {database:10} {rows:>5}  {line.title:28} {run.rate:9,.0f}/s {run.cpu:9,.0f} us{ratio}", flush=True)

    def fact(self, name, database, value, unit=""):
        self.facts[name, database] = value
        print(f"  {database:10}        {name:28} {value:,.2f} {unit}", flush=True)

    def get(self, case, database, rows="100 k"):
        """The line of a case, or None."""
        wanted = (case, database, rows)
        return next((line for line in self.lines if (line.case, line.database, line.rows) == wanted), None)
