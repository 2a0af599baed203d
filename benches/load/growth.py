"""What each shape of list costs one client in the largest table, against the smallest."""

import statistics
import time
import urllib.parse

from client import Client
from plan import OTHERS, ROOT, volume_id
from process import Meter
from reads import deep_marker
from results import Growth

# Seconds for each shape and table, and how many requests it may take at least.
SPAN = 0.3
FEWEST = 3
# Keys and filters that no index serves, by decision; docs/adr says why and what they cost.
UNINDEXED = set()
KEYS = [
    "created_at",
    "id",
    "name",
    "status",
    "volume_id",
    "volume_size",
    "updated_at",
    "display_description",
    "user_id",
    "project_id",
    "progress",
    "volume_type_id",
    "group_snapshot_id",
    "consumes_quota",
]


def shapes(middle):
    """Queries by name. All but three find a page of 100 in every table."""
    filters = {
        "status": {"status": "error"},
        "status, none": {"status": "deleting"},
        "name": {"name": "nightly"},
        "name, one": {"name": "snapshot-10000500"},
        "name~": {"name~": "night"},
        "volume_id": {"volume_id": volume_id(1)},
        "metadata": {"metadata": "{'kind': 'daily'}"},
        "metadata, none": {"metadata": "{'kind': 'weekly'}"},
        "availability_zone": {"availability_zone": "nova"},
        "consumes_quota": {"consumes_quota": "true"},
        "user_id": {"user_id": "admin"},
        "volume_type_id": {"volume_type_id": "0c1a7b62-f5e4-4f0f-a1d5-a3bd3be7f001"},
    }
    return {
        "first page": {},
        "page from the middle": {"marker": middle},
        "page from the middle by name": {"marker": middle, "sort": "name:asc"},
        "all_tenants": {"all_tenants": "1"},
        "all_tenants, one project": {"all_tenants": "1", "project_id": OTHERS[0]},
        "with_count": {"with_count": "true"},
        **{f"sort {key} {way}": {"sort": f"{key}:{way}"} for key in KEYS for way in ("asc", "desc")},
        **{f"filter {name}": query for name, query in filters.items()},
    }


def run(bench, databases, servers):
    kind = next(iter(databases.values())).kind
    small, large = list(databases)[0], list(databases)[-1]
    if small == large or not bench.wants("growth"):
        return
    queries = {size: shapes(deep_marker(databases[size])) for size in (small, large)}
    for shape in queries[small]:
        measured = {}
        for size in (small, large):
            path = f"{ROOT}/snapshots/detail?{urllib.parse.urlencode({'limit': 100, **queries[size][shape]})}"
            measured[size] = alone(servers[size], databases[size], path)
        growth = Growth(shape, kind, shape not in UNINDEXED, measured[small], measured[large])
        bench.results.growth.append(growth)
        print(
            f"  {kind:10}        {shape:32} {small}: {growth.small[1]:9,.0f} us   {large}: {growth.large[1]:11,.0f} us"
            f"   x {growth.ratio:,.2f}",
            flush=True,
        )


def alone(server, database, path):
    """Median milliseconds, and CPU microseconds of server and database, of a request."""
    with Client(server.port) as client:
        request = client.prepared("GET", path)
        # Statements are prepared and pages are read.
        for _ in range(2):
            client.ask("GET", path)
        pids = lambda: [*server.pids(), *database.pids()]  # noqa: E731
        times, meter, end = [], Meter(pids), time.monotonic() + SPAN
        while len(times) < FEWEST or time.monotonic() < end:
            begun = time.perf_counter()
            client.exchange(request)
            times.append(time.perf_counter() - begun)
        return statistics.median(times) * 1000, meter.microseconds() / len(times)
