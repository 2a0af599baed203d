"""Keystone is killed under load and started again: who asks meanwhile is told 503, and nobody has to do anything."""

import collections
import http.client
import threading
import time

from kit.cloud import TOKEN_CACHE_TIME
from kit.places import until
from suites.api import Caller

WORKERS = 4
# Within which the first request must succeed when Keystone is there again.
RECOVERY = 2.0
# For which whoever has just been validated notices nothing, at the least.
BRIDGED = 1.0


class Load:
    """Requests in a row by several users; of each reply the time, the number of the user, and the status."""

    def __init__(self, callers):
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=each) for each in enumerate(callers)]
        self.replies = []

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number, caller):
        while not self._ending.is_set():
            for path in ("/snapshots", "/volumes/detail"):
                try:
                    outcome = caller("GET", path).status
                except (OSError, http.client.HTTPException) as error:
                    outcome = f"{type(error).__name__}: {error}"
                self.replies.append((time.monotonic(), number, outcome))
            # A user who is told 503 does not ask a thousand times a second.
            self._ending.wait(0.02)

    def since(self, moment, status):
        """When a status was first seen after a moment, or None."""
        return next((when for when, _, seen in list(self.replies) if when > moment and seen == status), None)

    def everybody_succeeded(self):
        """Whether each user has had a success."""
        return len({number for _, number, seen in list(self.replies) if seen == 200}) == len(self._threads)


def run(cloud, report, duration):
    """Kills Keystone for so many seconds; gives the tokens that were used."""
    callers = [Caller.of(cloud, "demo", "demo") for _ in range(WORKERS)]
    unseen = Caller.of(cloud, "alt", "alt")

    def check(name):
        return report.check(f"outage/{cloud.identity}/{name}")

    with Load(callers) as load:
        until("a success of everybody", load.everybody_succeeded)
        cloud.keystone.kill()
        killed = time.monotonic()
        with check("is-noticed-as-503"):
            seen = until("a 503", lambda: load.since(killed, 503), patience=TOKEN_CACHE_TIME + 5)
            print(f"    the first 503 after {seen - killed:.2f} s", flush=True)
            assert seen - killed > BRIDGED, "somebody whose token had just been validated was told 503 at once"
            reply = unseen("GET", "/snapshots").expect(503)
            assert b"The Keystone service is temporarily unavailable." in reply.body, reply
        with check("nonsense-is-503-too"):
            # Nobody can say whether it is a token.
            unseen.sending(X_Auth_Token="nonsense-of-the-outage")("GET", "/snapshots").expect(503)
        time.sleep(max(0.0, killed + duration - time.monotonic()))
        down_until = time.monotonic()
        with check("bridged-no-longer-than-the-cache"):
            late = load.since(killed + TOKEN_CACHE_TIME + 1, 200)
            assert late is None, f"a request succeeded {late - killed:.1f} s after Keystone was gone"
        with check("is-over-in-time"):
            cloud.keystone.start()
            # When it answered at last, as seen by this test.
            back = time.monotonic()
            first = until("a success", lambda: load.since(down_until, 200), patience=30)
            print(f"    Keystone was back after {back - killed:.1f} s, and the first success {first - back:+.2f} s later")
            assert first - back <= RECOVERY, f"the first success was {first - back:.1f} s after Keystone was back"
        until("successes only", lambda: [seen for _, _, seen in load.replies[-50:]] == [200] * 50)
    with check("nothing-but-200-and-503"):
        counts = collections.Counter(outcome for _, _, outcome in load.replies)
        print(f"    {dict(counts)}", flush=True)
        assert set(counts) == {200, 503}, counts
    return [caller.token for caller in [*callers, unseen]]
