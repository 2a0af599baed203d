"""Show and lists, at 64 clients, each right behind the ceiling of its own bytes."""

import wrk
from client import Client
from plan import PROJECT, ROOT
from process import memory
from server import ceiling

SAMPLES = 1000
# Cases that only the largest database is asked: they tell of what they read, which no size changes.
ONCE = ["summary", "all_tenants", "list 1000 from anywhere"]


def cases(database):
    """The requests of each case, by name."""
    own = f"FROM snapshots WHERE project_id = '{PROJECT}'"
    ids = [id_ for (id_,) in database.ask(f"SELECT id {own} ORDER BY id LIMIT {SAMPLES}")]
    middle = deep_marker(database)
    lists = {
        f"list {limit} {'detail' if detail else 'summary'}": [f"/snapshots{detail}?limit={limit}"]
        for limit in (10, 100, 1000)
        for detail in ("", "/detail")
    }
    paths = {
        "show": [f"/snapshots/{id_}" for id_ in ids],
        **lists,
        "list 100 from the middle": [f"/snapshots/detail?limit=100&marker={middle}"],
        # A thousand pages in turns: more than anybody keeps.
        "list 100 from anywhere": [f"/snapshots/detail?limit=100&marker={id_}" for id_ in ids],
        "list 1000 from anywhere": [f"/snapshots/detail?limit=1000&marker={id_}" for id_ in ids],
        "list 100 with_count": ["/snapshots/detail?limit=100&with_count=true"],
        "list 100 all_tenants": ["/snapshots/detail?limit=100&all_tenants=1"],
    }
    return {name: [("GET", ROOT + path, None) for path in some] for name, some in paths.items()}


def deep_marker(database):
    """The snapshot in the middle of the big project's."""
    own = f"FROM snapshots WHERE project_id = '{PROJECT}'"
    middle = int(database.ask(f"SELECT count(*) {own}")[0][0]) // 2
    return database.ask(f"SELECT id {own} ORDER BY created_at LIMIT 1 OFFSET {middle}")[0][0]


def beside(name, requests):
    """The same requests for the ceiling."""
    return [(method, f"/{name}{path}", body) for method, path, body in requests]


def file_name(case):
    return case.replace(" ", "-")


def run(bench, databases, servers):
    """`databases` and `servers` are of one kind, by size, smallest first."""
    kind = next(iter(databases.values())).kind
    all_cases = {size: cases(database) for size, database in databases.items()}
    largest = list(databases)[-1]
    wanted = [case for case in all_cases[largest] if bench.wants(case)]
    replies = bench.fresh_folder("replies")
    with Client(servers[largest].port) as client:
        for case in wanted:
            reply = client.ask(*all_cases[largest][case][0])
            (replies / f"{file_name(case)}.http").write_bytes(reply.raw)
    with ceiling(bench, replies) as static:
        for case in wanted:
            requests = beside(file_name(case), all_cases[largest][case])
            top = wrk.run(bench, static, None, requests, seconds=bench.seconds)
            once = any(words in case for words in ONCE)
            for size in [largest] if once else servers:
                server = servers[size]
                done = wrk.run(bench, server, databases[size], all_cases[size][case], seconds=bench.seconds)
                bench.results.line(case, kind, size, done, top)
    if wanted:
        bench.results.fact(f"memory under load, {largest} rows, MiB", kind, memory(servers[largest].pid, "VmHWM"))
