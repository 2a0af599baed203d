"""What must be reached, and whether it was."""

from dataclasses import dataclass
from typing import Callable

import writes

# CPU microseconds of Cinder 29.0.0 with PostgreSQL, measured once on another machine: docs/benchmarks.md says what that
# means for the comparison. A create is until available.
CINDER = {"show": 12_800, "list 100 detail": 52_000, "list 1000 detail": 390_000, "create": 160_000}
# How much more a page may cost in the largest table than in the smallest.
GROWTH = 1.2
KINDS = ("SQLite", "PostgreSQL")


@dataclass(frozen=True)
class Target:
    figure: str
    # What SQLite and PostgreSQL must reach.
    goals: tuple
    # The figure, or None if it was not measured.
    measured: Callable
    least: bool = True

    def met(self, value, goal):
        return value >= goal if self.least else value <= goal


def ratio(case):
    def measured(results, kind):
        line = results.get(case, kind)
        return line.ratio if line else None

    return measured


def cheaper(case):
    """How many times less CPU than Cinder."""

    def measured(results, kind):
        line = results.get(case, kind)
        if not line:
            return None
        cpu = line.run.cpu
        if case == "create":
            claim = results.facts.get(("CPU us a claim, 1 processes", kind))
            if claim is None:
                return None
            cpu += claim
        return CINDER[case] / cpu

    return measured


def fact(name):
    return lambda results, kind: results.facts.get((name, kind))


def quotient(above, below):
    def measured(results, kind):
        both = [results.facts.get((name, kind)) for name in (above, below)]
        return None if None in both else both[0] / both[1]

    return measured


def worst_growth(results, kind):
    indexed = [growth.ratio for growth in results.growth if growth.database == kind and growth.indexed]
    return max(indexed, default=None)


CLAIMS = "claims/s, {} processes"
TARGETS = [
    Target("show, of the static reply", (0.60, 0.40), ratio("show")),
    Target("list of 100, detail, of the static reply", (0.30, 0.14), ratio("list 100 detail")),
    Target("list of 1000, detail, of the static reply", (0.40, 0.13), ratio("list 1000 detail")),
    Target("show: times less CPU than Cinder", (200, 100), cheaper("show")),
    Target("list of 100: times less CPU than Cinder", (150, 75), cheaper("list 100 detail")),
    Target("list of 1000: times less CPU than Cinder", (150, 75), cheaper("list 1000 detail")),
    Target("create until available, without the bytes: times less CPU than Cinder", (300, 200), cheaper("create")),
    Target("durable creates, 64 clients, of the POST without a database", (0.22, 0.25), ratio("create")),
    Target(
        "one client's durable create, of one raw commit",
        (1.3, 1.3),
        fact(writes.RATIO),
        least=False,
    ),
    Target("CPU of a page, 1 M rows against 1 k, worst indexed shape", (GROWTH, GROWTH), worst_growth, least=False),
    Target("claims/s, one process", (1000, 2000), fact(CLAIMS.format(1))),
    Target("claims/s, four processes", (1000, 2000), fact(CLAIMS.format(4))),
    # Flat, within what two runs differ by.
    Target("claims/s, four processes against one", (0.95, 0.95), quotient(CLAIMS.format(4), CLAIMS.format(1))),
    Target("resident memory idle, MiB", (16, 16), fact("memory idle, MiB"), least=False),
    Target("resident memory under load, 1 M rows, MiB", (64, 48), fact("memory under load, 1 M rows, MiB"), least=False),
    Target("start to first 200, ms", (50, 150), fact("start to first 200, ms"), least=False),
    Target("creating to available, reflink, ms", (25, 25), fact("reflink snapshot, ms"), least=False),
    Target(
        "sparse copy, of the speed of cp --sparse=always with sync",
        (0.9, 0.9),
        quotient("cp --sparse=always, ms", "sparse snapshot, ms"),
    ),
]
