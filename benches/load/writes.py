"""Create, update and metadata, and one client's durable create against one raw commit."""

import json
import statistics

import raw
import reads
import wrk
from client import Client
from plan import PROJECT, ROOT, VOLUMES, volume_id
from server import ceiling

ROUNDS = 5
RATIO = "create / raw commit, median of the pairs"


def cases(database):
    """The requests of each case, by name."""
    own = f"FROM snapshots WHERE project_id = '{PROJECT}' AND status = 'available'"
    ids = [id_ for (id_,) in database.ask(f"SELECT id {own} ORDER BY id LIMIT {reads.SAMPLES}")]
    creates = [
        ("POST", f"{ROOT}/snapshots", {"snapshot": {"volume_id": str(volume_id(1 + n % VOLUMES)), "name": f"new-{n}"}})
        for n in range(reads.SAMPLES)
    ]
    updates = [("PUT", f"{ROOT}/snapshots/{id_}", {"snapshot": {"name": f"changed-{id_[:4]}"}}) for id_ in ids]
    metadata = [("POST", f"{ROOT}/snapshots/{id_}/metadata", {"metadata": {"seen": id_[:4]}}) for id_ in ids]
    some = {"create": creates, "update": updates, "metadata": metadata}
    return {
        case: [(method, path, json.dumps(body)) for method, path, body in requests] for case, requests in some.items()
    }


def run(bench, databases, servers):
    """Creates in every size, the others in the middle one, because their cost is the commit's."""
    kind = next(iter(databases.values())).kind
    middle = list(databases)[len(databases) // 2]
    all_cases = {size: cases(database) for size, database in databases.items()}
    wanted = [case for case in all_cases[middle] if bench.wants(case)]
    replies = bench.fresh_folder("replies")
    with Client(servers[middle].port) as client:
        for case in wanted:
            (replies / f"{case}.http").write_bytes(client.ask(*all_cases[middle][case][0]).raw)
    with ceiling(bench, replies) as static:
        for case in wanted:
            requests = all_cases[middle][case]
            # The ceiling of a create has no database, but reads and writes JSON; the others are repeated.
            above = [("POST", "/create", body) for _, _, body in requests] if case == "create" else None
            top = wrk.run(bench, static, None, above or reads.beside(case, requests), seconds=bench.seconds)
            for size in databases if case == "create" else [middle]:
                done = wrk.run(bench, servers[size], databases[size], all_cases[size][case], seconds=bench.seconds)
                bench.results.line(case, kind, size, done, top)
    if bench.wants("create"):
        single(bench, databases[middle], servers[middle], middle, all_cases[middle]["create"])


def single(bench, database, server, size, requests):
    """In turns with the raw commit, because disks have moods: what counts is the median of how the two compare."""
    pairs, runs = [], []
    for _ in range(ROUNDS):
        theirs = raw.commit(bench, database)
        runs.append(wrk.run(bench, server, database, requests, seconds=1, clients=1))
        pairs.append((1000 / runs[-1].rate, theirs))
    bench.results.line("create, one client", database.kind, size, sorted(runs, key=lambda run: run.rate)[ROUNDS // 2])
    bench.results.fact("fdatasync of 4 KiB, ms", database.kind, raw.fdatasync(bench.folder))
    bench.results.fact("one raw commit, ms", database.kind, statistics.median(theirs for _, theirs in pairs))
    bench.results.fact("one durable create, ms", database.kind, statistics.median(ours for ours, _ in pairs))
    bench.results.fact(RATIO, database.kind, statistics.median(ours / theirs for ours, theirs in pairs))
