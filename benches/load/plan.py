"""What is in the databases, and who asks: the same for everybody."""

import uuid

# The project that owns nearly everything, and two others; every ninth row is theirs, mostly the first one's.
PROJECT = "0123456789abcdef0123456789abcdef"
OTHERS = ["00000000000000000000000000000001", "00000000000000000000000000000002"]
VOLUMES = 10
HOST = "bench@file#file"
# Rows that a filter finds are at least a page of 100 already in the smallest table, so that pages are equally long.
SIZES = {"1 k": 1_000, "100 k": 100_000, "1 M": 1_000_000}
ROOT = f"/v3/{PROJECT}"
HEADERS = {"X-Auth-Token": f"admin:{PROJECT}", "OpenStack-API-Version": "volume 3.66"}


def volume_id(number):
    """The ids of volumes are known; those of snapshots are random, as in life."""
    return uuid.UUID(f"00000000-0000-4000-8000-{number:012x}")


def total(rows):
    """So that the big project has `rows`."""
    return rows * 9 // 8
