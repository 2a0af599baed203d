"""What each shape of list costs one client with 1 M rows, against 1 k."""

import itertools
import statistics
import time
import urllib.parse

from client import Client
from plan import OTHERS, ROOT, volume_id
from process import Meter
from reads import deep_marker
from results import Growth

# Each shape and table is measured so often, for so many seconds, in turns; the better one counts. What takes longer than
# that is measured once.
ROUNDS = 2
SPAN = 0.15
# Pages of 100 on average, of so many lengths in turns that nobody remembers having been asked for one before.
LIMITS = range(61, 140)
# Seconds that a page may take for all of these to be asked before it is measured: each is a statement to prepare.
SHORT = 0.01
# Keys that no index has in the order of a project's rows, by decision; docs/lists.md says why and what they cost.
UNSERVED = [
    "id",
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
UNINDEXED = {
    *(f"sort {key} {way}" for key in UNSERVED for way in ("asc", "desc")),
    "filter name~",
    "filter metadata",
    "filter metadata, none",
    "filter availability_zone",
    "filter consumes_quota",
    "filter user_id",
    "filter volume_type_id",
    # It counts all rows of the project.
    "with_count",
}
KEYS = ["created_at", "name", "status", *UNSERVED]


def shapes(middle):
    """Queries by name. All but three or so find a page of 100 in every table."""
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
    small, large = "1 k", "1 M"
    if not {small, large} <= set(databases) or not bench.wants("growth"):
        return
    queries = {size: shapes(deep_marker(databases[size])) for size in (small, large)}
    for shape in queries[small]:
        paths = {size: [f"{ROOT}/snapshots/detail?{query}" for query in encoded(queries[size][shape])] for size in queries}
        measured = {size: [] for size in queries}
        for _ in range(ROUNDS):
            for size, some in paths.items():
                if not measured[size] or measured[size][0][0] < SPAN * 1000:
                    measured[size].append(alone(servers[size], databases[size], some))
        best = {size: min(rounds, key=lambda figures: figures[1]) for size, rounds in measured.items()}
        growth = Growth(shape, kind, shape not in UNINDEXED, best[small], best[large])
        bench.results.growth.append(growth)
        print(
            f"  {kind:10}        {shape:32} {small}: {growth.small[1]:9,.0f} us   {large}: {growth.large[1]:11,.0f} us"
            f"   x {growth.ratio:,.2f}",
            flush=True,
        )


def encoded(query):
    return [urllib.parse.urlencode({"limit": limit, **query}) for limit in LIMITS]


def alone(server, database, paths):
    """Median milliseconds, and CPU microseconds of server and database, of a request."""
    pids = lambda: [*server.pids(), *database.pids()]  # noqa: E731
    with Client(server.port) as client:
        requests = itertools.cycle([client.prepared("GET", path) for path in paths])
        meter = Meter(pids)
        client.ask("GET", paths[0])
        (first,) = repeated(client, requests, 0)
        if first > SPAN:
            return first * 1000, meter.microseconds() / 2
        for _ in paths if first < SHORT else []:
            client.exchange(next(requests))
        repeated(client, requests, SPAN / 3)
        meter = Meter(pids)
        times = repeated(client, requests, SPAN)
        return statistics.median(times) * 1000, meter.microseconds() / len(times)


def repeated(client, requests, span):
    """The seconds that each took: one at least, and as many as there is time for."""
    times, end = [], time.monotonic() + span
    while not times or time.monotonic() < end:
        request = next(requests)
        begun = time.perf_counter()
        client.exchange(request)
        times.append(time.perf_counter() - begun)
    return times
