"""Load from wrk: one thread, keep-alive, requests of a file in turn."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from plan import HEADERS
from process import Meter, memory

SCRIPT = Path(__file__).with_name("load.lua")
LONGEST = 10


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


def run(bench, program, database, requests, *, seconds, clients=64):
    """Sends `requests`, (method, path, body) each, to a program for so long. `database` has pids() too, or is None."""
    file = bench.folder / "requests.txt"
    file.write_text("".join(f"{method}\t{path}\t{body or ''}\n" for method, path, body in requests))
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", SCRIPT]
    for name, value in {**HEADERS, "Content-Type": "application/json"}.items():
        command += ["-H", f"{name}: {value}"]
    command += [f"http://127.0.0.1:{program.port}", "--", str(file)]
    server, behind = Meter(program.pids), Meter(database.pids if database else list)
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent, spent_behind = server.microseconds(), behind.microseconds()
    figures = next((line for line in printed.splitlines() if line.startswith("RESULT ")), None)
    if figures is None:
        raise RuntimeError(f"wrk says\n{printed}")
    count, duration, p50, p99, refused, broken = (int(figure) for figure in figures.split()[1:])
    if count < clients and seconds < LONGEST:
        # So slow that hardly anybody has an answer yet.
        return run(bench, program, database, requests, seconds=LONGEST, clients=clients)
    if not count:
        raise RuntimeError(f"{requests[0][:2]}: no answer in {duration / 1e6:.0f} s")
    return Run(
        count,
        (count - refused) / duration * 1e6,
        p50 / 1000,
        p99 / 1000,
        spent / count,
        spent_behind / count,
        memory(program.pid),
        (refused + broken) / (count + broken),
    )
