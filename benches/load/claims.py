"""Claim and finish, by one process and by four, with a driver that does nothing."""

import os
import subprocess

import seed
from plan import HOST
from process import Meter

TASKS = 4000


def run(bench, databases):
    if not bench.wants("claims"):
        return
    database = list(databases.values())[len(databases) // 2]
    for processes in (1, 4):
        # What is left of other cases is not what is counted.
        database.run(["DELETE FROM tasks", "DELETE FROM snapshots WHERE display_name = 'work'"])
        database.run(seed.work(database.dialect, TASKS))
        rate, cpu = work(bench, database, processes)
        bench.results.fact(f"claims/s, {processes} processes", database.kind, rate)
        bench.results.fact(f"CPU us a claim, {processes} processes", database.kind, cpu)


def work(bench, database, processes):
    """Tasks a second from the first claim to the last outcome, and CPU microseconds a task, with the database's."""
    meter = Meter(database.pids)
    command = [bench.programs / "examples" / "claims", database.url, HOST]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    printed = [process.stdout.read() for process in running]
    spent = meter.microseconds()
    for process in running:
        _, status, usage = wait(process)
        if status:
            raise RuntimeError(f"claims ended with {status}")
        spent += (usage.ru_utime + usage.ru_stime) * 1e6
    tallies = [tuple(int(figure) for figure in line.split()) for line in printed]
    finished = sum(count for count, _, _ in tallies)
    left = database.ask("SELECT count(*) FROM snapshots WHERE display_name = 'work' AND status <> 'available'")
    if finished != TASKS or int(left[0][0]):
        raise RuntimeError(f"{finished} of {TASKS} tasks were finished, and {left[0][0]} snapshots are not available")
    seconds = (max(last for _, _, last in tallies) - min(first for _, first, _ in tallies)) / 1e6
    return TASKS / seconds, spent / TASKS


def wait(process):
    """Its exit code, and the time that it took; Popen would not tell."""
    pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return pid, process.returncode, usage
