"""The outcome of the mixed load as a table, and whether it is a good one."""

from dataclasses import dataclass

import report
from churn import STEPS
from watch import DATABASE, SERVER, TASKS

BEGIN, END = "<!-- make bench-mixed: begin -->", "<!-- make bench-mixed: end -->"
# Milliseconds that 99 of 100 shows and lists must stay below.
LIMIT = 50
JUDGED = ("show", "list 100 detail")
# The part by which memory may grow from the second minute on, or from a fifth of a shorter run.
GROWTH = 0.1
WARM = 120
# Seconds in which the work that is left must be done: it may wait for other work, but not for a lease of 30 s to run out.
SETTLED = 10


@dataclass(frozen=True)
class Line:
    """One kind of request. Milliseconds."""

    name: str
    # Requests a second, as they should be and as they were.
    wanted: float
    requests: int
    rate: float
    p50: float
    p99: float
    longest: float
    errors: int
    # What they were.
    said: str = ""

    @classmethod
    def of_wrk(cls, name, wanted, figures):
        count, seconds = figures.requests, figures.duration / 1e6
        said = f"{figures.refused} refused, {figures.broken} broken or late"
        errors = figures.refused + figures.broken
        times = (figures.p50 / 1000, figures.p99 / 1000, figures.longest / 1000)
        return cls(name, wanted, count, count / seconds, *times, errors, said if errors else "")

    @classmethod
    def of_churn(cls, churn):
        lines = []
        for name, tally in churn.tallies.items():
            times = [seconds * 1000 for seconds in sorted(tally.times)] or [0.0]
            said = ", ".join(f"{count} {what}" for what, count in tally.errors.items())
            at = lambda part, times=times: times[int(part * (len(times) - 1))]  # noqa: E731
            count = len(tally.times)
            figures = (count, count / churn.seconds, at(0.5), at(0.99), at(1))
            lines.append(cls(name, churn.rate / STEPS, *figures, tally.errors.total(), said))
        return lines


@dataclass(frozen=True)
class Outcome:
    database: str
    # Requests a second.
    capacity: float
    seconds: int
    lines: list
    watch: object
    # Seconds after which no work was left.
    settled: float
    healthy: bool
    # Lines of the log that are warnings or errors.
    complaints: int

    @property
    def since(self):
        return min(WARM, self.seconds / 5)

    @property
    def rate(self):
        return sum(line.rate for line in self.lines)

    def wrong(self):
        """What is not as it must be."""
        slow = [
            f"{line.name}: p99 {line.p99:.1f} ms" for line in self.lines if line.name in JUDGED and line.p99 >= LIMIT
        ]
        errors = [f"{line.name}: {line.said}" for line in self.lines if line.errors]
        growth = self.watch.growth(self.since, SERVER)
        grown = [f"the server's memory grew by {growth:.0%}"] if growth > GROWTH else []
        others = {
            f"work was left for {self.settled:.0f} s": self.settled >= SETTLED,
            f"{self.complaints} warnings and errors in the log": self.complaints,
            "doctor found something": not self.healthy,
        }
        return [*slow, *errors, *grown, *(what for what, so in others.items() if so)]

    def memory(self):
        watch, end = self.watch, self.watch.looks[-1][0]
        columns = [("server", SERVER), ("PostgreSQL", DATABASE)]
        head = ["MiB", f"at {min(60, self.seconds / 10):.0f} s", f"at {self.since:.0f} s", "at the end", "a minute"]
        rows = [
            [
                name,
                watch.at(min(60, self.seconds / 10), column),
                watch.at(self.since, column),
                watch.at(end, column),
                f"{watch.slope(self.since, column):+.2f}",
            ]
            for name, column in columns
            if watch.most(column)
        ]
        return report.table(head, rows)

    def text(self):
        head = ["request", "count", "req/s", "p50 ms", "p99 ms", "longest", "errors"]
        rows = [
            [line.name, line.requests, line.rate, line.p50, line.p99, line.longest, line.errors] for line in self.lines
        ]
        count, errors = (sum(getattr(line, name) for line in self.lines) for name in ("requests", "errors"))
        rows.append(["all", count, self.rate, None, None, None, errors])
        wrong = self.wrong()
        parts = [
            f"{self.seconds / 60:g} minutes at {self.rate / self.capacity:.0%} of {self.capacity:,.0f} requests/s",
            f"at most {self.watch.most(TASKS):,} tasks at a time, none {self.settled:.1f} s after the end",
            f"doctor: {'healthy' if self.healthy else 'NOT HEALTHY'}",
            f"{self.complaints} warnings and errors in the log",
        ]
        verdict = f"WRONG: {'; '.join(wrong)}." if wrong else "As it must be."
        return f"### {self.database}\n\n{report.table(head, rows)}\n\n{self.memory()}\n\n{'; '.join(parts)}.\n{verdict}"


def markdown(outcomes, about):
    lines = "\n".join(f"- {name}: {text}" for name, text in about.items())
    return "\n\n".join([lines, *(outcome.text() for outcome in outcomes)])
