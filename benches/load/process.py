"""What the kernel knows of a process: CPU time and memory."""

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


def cpu(pids):
    """Nanoseconds of CPU, user and system, that each thread has had. /proc/PID/stat has the same in ticks of 10 ms, which
    is too coarse for a run of a third of a second."""
    spent = {}
    for pid in pids:
        for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                spent[file.parent.name] = int(file.read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return spent


class Meter:
    """CPU time between two moments, of processes that `pids` names at each."""

    def __init__(self, pids):
        self.pids = pids
        self.before = cpu(pids())

    def microseconds(self):
        after = cpu(self.pids())
        return sum(spent - self.before.get(thread, 0) for thread, spent in after.items()) / 1000


def memory(pid, field="VmRSS"):
    """Resident memory in MiB; with VmHWM the most there ever was."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no {field}")
