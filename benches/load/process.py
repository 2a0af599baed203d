"""What the kernel knows of a process: CPU time and memory."""

import os
import time
from pathlib import Path


def family(pid):
    """A process and its children."""
    pids = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold anything.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            pids.append(int(stat.parent.name))
    return pids


# Field numbers of /proc/PID/stat, counted from the state: the time of children that have ended, user and system.
REAPED = slice(13, 15)
TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def cpu(pids):
    """Nanoseconds of CPU, user and system, that processes have had, with their threads and children that have ended."""
    spent = 0
    for pid in pids:
        try:
            # The clock of a process (clock_getcpuclockid): /proc/PID/stat counts in ticks of 10 ms, too coarse for a run
            # of a fraction of a second.
            spent += time.clock_gettime_ns(~pid << 3 | 2)
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent += sum(int(ticks) for ticks in fields[REAPED]) * TICK
    return spent


class Meter:
    """CPU time between two moments, of processes that `pids` names at each."""

    def __init__(self, pids):
        self.pids = pids
        self.before = cpu(pids())

    def microseconds(self):
        return (cpu(self.pids()) - self.before) / 1000


def memory(pid, field="VmRSS"):
    """Resident memory in MiB; with VmHWM the most there ever was."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no {field}")
