#!/usr/bin/env python3
"""`make bench`: what breezeblock costs, against the best that its parts could do, in one run on one machine.

    scripts/with-postgres --durable benches/load/run.py FOLDER_OF_PROGRAMS [--only WORDS] [--rows 1k,1M] [--seconds 2]

For each database: makes and fills one of each size, starts a server on each, and measures case by case. Only a run of
everything is kept in docs/benchmarks.md. `--only` takes words with commas in between; a case whose name has one is run:
show, list, growth, create, update, metadata, claims, storage, start.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

import claims
import growth
import machine
import reads
import report
import server
import start
import storage
import writes
from plan import SIZES
from postgres import Postgres
from results import Results
from sqlite import Sqlite


class Bench:
    """What everybody needs."""

    def __init__(self, told, folder):
        self.programs = told.programs.resolve()
        self.seconds = told.seconds
        self.words = told.only
        self.folder = folder
        self.results = Results()

    def wants(self, case):
        return not self.words or any(word in case for word in self.words)

    def fresh_folder(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def measure(bench, kind, sizes):
    """Everything on one kind of database."""

    def make(name):
        return kind(bench, name)

    print(f"{kind.kind}:", flush=True)
    start.run(bench, make)
    with contextlib.ExitStack() as running:
        databases, servers = {}, {}
        for size in sizes:
            begun = time.monotonic()
            databases[size] = make(size.replace(" ", "_").lower())
            databases[size].fill(SIZES[size])
            print(f"  {size} snapshots in {time.monotonic() - begun:.1f} s", flush=True)
            program = server.breezeblock(bench, databases[size], bench.fresh_folder("no-bytes"), worker=False)
            servers[size] = running.enter_context(program)
        reads.run(bench, databases, servers)
        growth.run(bench, databases, servers)
        writes.run(bench, databases, servers)
    claims.run(bench, databases)
    storage.run(bench, make)


def main():
    words = lambda text: [word.strip() for word in text.split(",") if word.strip()]  # noqa: E731
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="where breezeblock and examples/ are, such as target/release")
    parser.add_argument("--only", type=words, default=[])
    parser.add_argument("--rows", type=words, default=[])
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--database", type=words, default=[])
    told = parser.parse_args()
    sizes = [size for size in SIZES if not told.rows or size.replace(" ", "").lower() in [rows.lower() for rows in told.rows]]
    kinds = [kind for kind in (Sqlite, Postgres) if not told.database or kind.kind.lower() in told.database]
    if not sizes or not kinds:
        parser.error("no such size or database; there are 1k, 100k, 1M, sqlite, postgresql")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="breezeblock-bench.") as folder:
        bench = Bench(told, Path(folder))
        for kind in kinds:
            measure(bench, kind, sizes)
        text = report.markdown(bench.results, machine.described(folder), bench.seconds)
    text += f"\n\nMeasured in {time.monotonic() - begun:.0f} s."
    print(f"\n{text}")
    if told.only or len(sizes) < len(SIZES) or told.database:
        print("\nNot kept, because it is not all.")
    else:
        report.keep(text)
        print(f"\nKept in {report.FILE}.")
    return any(line.run.failed for line in bench.results.lines)


if __name__ == "__main__":
    sys.exit(main())
