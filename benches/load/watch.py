"""Memory and work that waits, looked at every now and then while something else goes on."""

import threading
import time
from dataclasses import dataclass, field

from process import memory

MOST_APART = 10
# So many looks there are at least, however short the time is.
LOOKS = 30
# Looks whose mean is what there is at a moment.
MEAN = 3
# What is in a look, behind the seconds since the beginning: MiB of the server and of the database, and tasks.
SERVER, DATABASE, TASKS = 1, 2, 3


def together(pids):
    """MiB of processes that share some of it, which is counted once."""
    own, shared = 0, 0
    for pid in pids:
        try:
            own += memory(pid, "RssAnon")
            shared = max(shared, memory(pid, "RssShmem"))
        except (OSError, RuntimeError):
            # It has ended.
            continue
    return own + shared


@dataclass
class Watch:
    """Looks in the `with`, which is to last so many seconds."""

    server: object
    database: object
    seconds: float
    looks: list = field(default_factory=list)

    def __enter__(self):
        self.begun = time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def work(self):
        apart = min(MOST_APART, self.seconds / LOOKS)
        while not self.over.wait(apart):
            self.looks.append(
                (
                    time.monotonic() - self.begun,
                    memory(self.server.pid),
                    together(self.database.pids()),
                    tasks(self.database),
                )
            )

    def at(self, second, column):
        """The mean around that second."""
        nearest = sorted(self.looks, key=lambda look: abs(look[0] - second))[:MEAN]
        return sum(look[column] for look in nearest) / len(nearest)

    def growth(self, since, column):
        """The part that was added between a second and the end."""
        before = self.at(since, column)
        return self.at(self.looks[-1][0], column) / before - 1 if before else 0.0

    def slope(self, since, column):
        """What comes to it in a minute from that second on: the line that fits best."""
        some = [(look[0] / 60, look[column]) for look in self.looks if look[0] >= since]
        x, y = (sum(values) / len(some) for values in zip(*some, strict=True))
        return sum((a - x) * (b - y) for a, b in some) / sum((a - x) ** 2 for a, _ in some)

    def most(self, column):
        return max(look[column] for look in self.looks)


def tasks(database):
    return int(database.ask("SELECT count(*) FROM tasks")[0][0])
