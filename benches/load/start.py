"""From the start to the first answer, and what it weighs then: all defaults, an empty database."""

import statistics

import server
from process import memory

STARTS = 7


def run(bench, make):
    """`make` makes a database by name."""
    if not bench.wants("start"):
        return
    database = make("start")
    ready, idle = [], []
    for _ in range(STARTS):
        with server.breezeblock(bench, database, bench.folder / f"start-{database.kind}", worker=True) as program:
            ready.append(program.ready * 1000)
            idle.append(memory(program.pid))
    bench.results.fact("start to first 200, ms", database.kind, statistics.median(ready))
    bench.results.fact("memory idle, MiB", database.kind, statistics.median(idle))
