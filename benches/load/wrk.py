"""Load from wrk: one thread, keep-alive, requests of a file in turn."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from plan import HEADERS
from process import Meter, memory

SCRIPT = Path(__file__).with_name("load.lua")
LONGEST = 10


@dataclass(frozen=True)
class Figures:
    """What wrk says."""

    requests: int
    # Microseconds.
    duration: int
    p50: int
    p99: int
    longest: int
    # Answers that are refusals; and connections that failed, and requests that had no answer in time.
    refused: int
    broken: int


@dataclass(frozen=True)
class Run:
    requests: int
    # Requests a second.
    rate: float
    # Milliseconds.
    p50: float
    p99: float
    # CPU microseconds a request.
    server: float
    database: float
    # MiB afterwards.
    resident: float
    # The part of the requests that got no or no good answer; `rate` does without them.
    failed: float

    @property
    def cpu(self):
        return self.server + self.database


def start(file, port, requests, *, seconds, clients, rate=None):
    """wrk at work, with `requests`, (method, path, body) each, in that file; with a rate, that many a second."""
    file.write_text("".join(f"{method}\t{path}\t{body or ''}\n" for method, path, body in requests))
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", SCRIPT]
    for name, value in {**HEADERS, "Content-Type": "application/json"}.items():
        command += ["-H", f"{name}: {value}"]
    command += [f"http://127.0.0.1:{port}", "--", str(file), *([str(rate)] if rate else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(running):
    """The figures, when it is done."""
    printed, _ = running.communicate()
    figures = next((line for line in printed.splitlines() if line.startswith("RESULT ")), None)
    if running.returncode or figures is None:
        raise RuntimeError(f"wrk says\n{printed}")
    return Figures(*(int(figure) for figure in figures.split()[1:]))


def run(bench, program, database, requests, *, seconds, clients=64):
    """Sends `requests` to a program for so long. `database` has pids() too, or is None."""
    server, behind = Meter(program.pids), Meter(database.pids if database else list)
    said = finish(start(bench.folder / "requests.txt", program.port, requests, seconds=seconds, clients=clients))
    spent, spent_behind = server.microseconds(), behind.microseconds()
    if said.requests < clients and seconds < LONGEST:
        # So slow that hardly anybody has an answer yet.
        return run(bench, program, database, requests, seconds=LONGEST, clients=clients)
    if not said.requests:
        raise RuntimeError(f"{requests[0][:2]}: no answer in {said.duration / 1e6:.0f} s")
    return Run(
        said.requests,
        (said.requests - said.refused) / said.duration * 1e6,
        said.p50 / 1000,
        said.p99 / 1000,
        spent / said.requests,
        spent_behind / said.requests,
        memory(program.pid),
        (said.refused + said.broken) / (said.requests + said.broken),
    )
