"""Snapshots that come and go: created, seen available, deleted, the oldest first, so that there are always as many."""

import collections
import itertools
import json
import math
import random
import threading
import time
from array import array

from client import Client
from plan import ROOT

CLIENTS = 48
# So many are there. What the worker has not finished by then it is behind with, and nobody gives it more.
KEPT = 100
STEPS = 3


class Tally:
    """The requests of one kind."""

    def __init__(self):
        # Seconds.
        self.times = array("d")
        self.errors = collections.Counter()


class Churn:
    """At work in the `with`, with `rate` requests a second at random moments."""

    def __init__(self, port, volumes, rate, snapshots):
        self.port, self.volumes, self.rate = port, itertools.cycle(volumes), rate
        # Ids, oldest first; they outlive this.
        self.snapshots = snapshots
        self.tallies = {name: Tally() for name in ("create", "show the new", "delete")}
        self.turns = threading.Lock()
        self.turn = time.monotonic()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.work) for _ in range(CLIENTS)]

    def __enter__(self):
        self.begun = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        self.seconds = time.monotonic() - self.begun

    @property
    def count(self):
        return sum(len(tally.times) for tally in self.tallies.values())

    def work(self):
        client = None
        while not self.over.wait(self.until_next()):
            try:
                client = client or Client(self.port, timeout=30)
                self.step(client)
            except OSError as error:
                self.tallies["create"].errors[type(error).__name__] += 1
                client = None

    def until_next(self):
        """Seconds until the next turn, which is taken with that."""
        with self.turns:
            self.turn += -math.log(1 - random.random()) * STEPS / 2 / self.rate
            return max(0, self.turn - time.monotonic())

    def step(self, client):
        """Two turns of three requests: one creates, and one looks and deletes."""
        with self.turns:
            oldest = self.snapshots.popleft() if len(self.snapshots) > KEPT else None
            volume = None if oldest else next(self.volumes)
        if oldest is None:
            body = json.dumps({"snapshot": {"volume_id": volume, "name": "new"}})
            if made := self.exchange(client, "create", "POST", f"{ROOT}/snapshots", body):
                self.snapshots.append(made.json()["snapshot"]["id"])
            return
        path = f"{ROOT}/snapshots/{oldest}"
        seen = self.exchange(client, "show the new", "GET", path)
        status = seen.json()["snapshot"]["status"] if seen else "lost"
        if status == "available":
            self.exchange(client, "delete", "DELETE", path)
        elif status == "creating":
            self.snapshots.appendleft(oldest)
        else:
            self.tallies["create"].errors[status] += 1

    def exchange(self, client, name, method, path, body=None):
        """The reply, if it is a good one."""
        tally, request = self.tallies[name], client.prepared(method, path, body)
        begun = time.perf_counter()
        reply = client.exchange(request)
        tally.times.append(time.perf_counter() - begun)
        if reply.status < 300:
            return reply
        tally.errors[str(reply.status)] += 1
        return None
