#!/usr/bin/env python3
"""`make bench-mixed`: minutes of mixed load at 80 % of what the machine can do, on a million snapshots.

    scripts/with-postgres --stock benches/load/mixed.py FOLDER_OF_PROGRAMS [--minutes 10] [--database sqlite,postgresql]

Ends with 1 when a show or a list of 100 took 50 ms or more at the 99th percentile, when anything went wrong, when memory
grew, or when work was left undone. Only a run of ten minutes or more on both databases is kept in docs/benchmarks.md.
"""

import argparse
import collections
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine
import mix
import mixed_report
import report
import server
import wrk
from churn import Churn
from client import Client
from plan import ROOT, SIZES, VOLUMES
from postgres import Postgres
from sqlite import Sqlite
from storage import until_available
from watch import TASKS, Watch, tasks

SHARE = 0.8
# To find out what it can do: seconds that each rate is tried, how far it is to the next one, and the part of its share
# that every kind must have.
PROBE = 15
STEP = 1.1
KEPT = 0.97
CLIENTS = 64
# Bytes written in each volume, so that its snapshots have something to copy.
WRITTEN = 64 << 10
FULL = 10
# The million are of another machine: no bytes are here that this one's worker would look for.
HERE = "mixed"
PATIENCE = 300


class Load:
    """One server, and what is sent to it."""

    def __init__(self, bench, program, database, volumes):
        self.bench, self.program, self.database, self.volumes = bench, program, database, volumes
        self.requests = mix.requests(database)
        self.snapshots = collections.deque()
        # A rate that was known to be more than it can do.
        self.too_much = float("inf")

    def start(self, name, **more):
        file = self.bench.folder / f"requests-{name.replace(' ', '-')}.txt"
        requests = self.requests[name] if name in self.requests else mix.shuffled(self.requests)
        return wrk.start(file, self.program.port, requests, **more)

    def capacity(self):
        """The most requests a second at which every kind still has its share: the worker may be what is slowest."""
        figures = wrk.finish(self.start("all", seconds=PROBE, clients=CLIENTS))
        rate, best = figures.requests / figures.duration * 1e6, 0.0
        print(f"  without churn, as fast as it goes: {rate:,.0f}/s", flush=True)
        while True:
            lines, watch = self.hold(rate, PROBE)
            share, name = min((line.rate / line.wanted, line.name) for line in lines)
            self.settle()
            print(f"  {rate:,.0f}/s: {name} has {share:.0%} of its share, {watch.most(TASKS)} tasks wait", flush=True)
            if share >= KEPT:
                best, rate = rate, rate * STEP
                if best * STEP >= self.too_much:
                    return best
            else:
                self.too_much = rate
                if best:
                    return best
                # What is left undone says how far it is, roughly.
                rate *= min(1 / STEP, (1 + share) / 2)

    def hold(self, rate, seconds):
        """That many requests a second for so long: lines of the table, and what was watched."""
        with (
            Churn(self.program.port, self.volumes, rate * mix.CHURN / 100, self.snapshots) as churn,
            Watch(self.program, self.database, seconds) as watch,
        ):
            running = []
            for kind in mix.KINDS:
                wanted = rate * kind.percent / 100
                process = self.start(kind.name, seconds=seconds, clients=kind.clients, rate=wanted)
                running.append((kind.name, wanted, process))
            said = [(name, wanted, wrk.finish(process)) for name, wanted, process in running]
        lines = [mixed_report.Line.of_wrk(*one) for one in said]
        return [*lines, *mixed_report.Line.of_churn(churn)], watch

    def settle(self):
        """Seconds until all work is done."""
        begun = time.monotonic()
        while left := tasks(self.database):
            if time.monotonic() > begun + PATIENCE:
                raise RuntimeError(f"{left} tasks are left after {PATIENCE} s")
            time.sleep(0.2)
        return time.monotonic() - begun


def seeded(bench, kind):
    """A database with a million snapshots."""
    begun = time.monotonic()
    database = kind(bench, "mixed")
    database.fill(SIZES["1 M"])
    # Nobody said why these failed, so it must have been an admin who said that they did.
    database.run([f"UPDATE snapshots SET overridden = {database.dialect.true} WHERE status = 'error'"])
    print(f"  1 M snapshots in {time.monotonic() - begun:.1f} s", flush=True)
    return database


def volumes(port, folder):
    """Made by the server, with some bytes in them."""
    made = []
    with Client(port) as client:
        for _ in range(VOLUMES):
            made.append(client.ask("POST", f"{ROOT}/volumes", '{"volume": {"size": 1}}').json()["volume"]["id"])
            until_available(client, f"{ROOT}/volumes/{made[-1]}", "volume")
            with (folder / "volumes" / f"volume-{made[-1]}").open("r+b") as opened:
                opened.write(os.urandom(WRITTEN))
    return made


def doctor(bench, settings):
    """Whether it finds everything in order."""
    done = subprocess.run(
        [bench.programs / "breezeblock", "doctor"],
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    print(f"  doctor: {(done.stdout + done.stderr).strip()[-2000:]}", flush=True)
    return done.returncode == 0


def complained(log):
    """How many lines of the log, JSON each, are warnings or errors. The first ones are shown."""
    lines = [line for line in log.read_text().splitlines() if '"level":"WARN"' in line or '"level":"ERROR"' in line]
    print("".join(f"  {line[:300]}\n" for line in lines[:3]), end="", flush=True)
    return len(lines)


def measure(bench, kind):
    """The outcome on one kind of database."""
    print(f"{kind.kind}:", flush=True)
    database = seeded(bench, kind)
    folder = bench.folder / f"bytes-{kind.kind}"
    here = {"BREEZEBLOCK__STORAGE__HOST": HERE}
    with server.breezeblock(bench, database, folder, worker=True, **here) as program:
        load = Load(bench, program, database, volumes(program.port, folder))
        capacity = load.capacity()
        lines, watch = load.hold(SHARE * capacity, bench.seconds)
        settled = load.settle()
        healthy = doctor(bench, server.settings(database, folder, **here))
        complaints = complained(program.log)
    outcome = mixed_report.Outcome(kind.kind, capacity, bench.seconds, lines, watch, settled, healthy, complaints)
    print(f"\n{outcome.text()}\n", flush=True)
    return outcome


class Bench:
    """What everybody needs."""

    def __init__(self, told, folder):
        self.programs = told.programs.resolve()
        self.seconds = round(told.minutes * 60)
        self.folder = folder


def main():
    names = {"sqlite": Sqlite, "postgres": Postgres}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="where breezeblock is, such as target/release")
    parser.add_argument("--minutes", type=float, default=FULL)
    parser.add_argument("--database", choices=[*names, "both"], default="both")
    told = parser.parse_args()
    kinds = list(names.values()) if told.database == "both" else [names[told.database]]
    with tempfile.TemporaryDirectory(prefix="breezeblock-mixed.") as folder:
        bench = Bench(told, Path(folder))
        outcomes = [measure(bench, kind) for kind in kinds]
        text = mixed_report.markdown(outcomes, machine.described(folder))
    if told.minutes >= FULL and len(outcomes) == len(names):
        report.keep(text, mixed_report.BEGIN, mixed_report.END)
        print(f"Kept in {report.FILE}.")
    else:
        print("Not kept, because it is not all.")
    return any(outcome.wrong() for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
