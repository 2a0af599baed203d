"""Waiting for something to become true, which is asking again and again until a deadline."""

import time

PATIENCE = 60.0
PAUSE = 0.05


def until(what, probe, patience=PATIENCE):
    """The first true answer of `probe`; the test fails if there is none within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain for {what}; the last answer was {answer!r}")
        time.sleep(PAUSE)
