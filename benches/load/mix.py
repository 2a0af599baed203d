"""What the mixed load is made of: kinds of requests, their shares of the whole, and the requests themselves."""

import json
import random
from dataclasses import dataclass

from plan import PROJECT, ROOT

# Ids that are asked for; those of the big project are spread over all its pages.
SAMPLES = 50_000
LISTS = 5_000


@dataclass(frozen=True)
class Kind:
    name: str
    # Of all requests. What is missing of the whole is done by churn.py.
    percent: int
    # Connections while the rate is given.
    clients: int


KINDS = [
    Kind("show", 68, 32),
    Kind("list 100 detail", 15, 16),
    Kind("list 10 summary", 5, 8),
    Kind("update", 4, 8),
    Kind("metadata", 2, 8),
]
# A create, the show that sees it available, and the delete: 2 % each.
CHURN = 100 - sum(kind.percent for kind in KINDS)


def requests(database):
    """(method, path, body) of each kind, by name."""
    own = f"FROM snapshots WHERE project_id = '{PROJECT}' AND status = 'available'"
    ids = [id_ for (id_,) in database.ask(f"SELECT id {own} ORDER BY random() LIMIT {SAMPLES}")]
    # The first page, and one from anywhere, in turns.
    pages = [page for id_ in ids[:LISTS] for page in ("", f"&marker={id_}")]
    body = json.dumps
    return {
        "show": [("GET", f"{ROOT}/snapshots/{id_}", None) for id_ in ids],
        "list 100 detail": [("GET", f"{ROOT}/snapshots/detail?limit=100{page}", None) for page in pages],
        "list 10 summary": [("GET", f"{ROOT}/snapshots?limit=10{page}", None) for page in pages],
        "update": [
            ("PUT", f"{ROOT}/snapshots/{id_}", body({"snapshot": {"name": f"changed-{id_[:4]}"}})) for id_ in ids
        ],
        "metadata": [
            ("POST", f"{ROOT}/snapshots/{id_}/metadata", body({"metadata": {"seen": id_[:4]}})) for id_ in ids
        ],
    }


def shuffled(by_kind):
    """All of them in one row, each kind by its share."""
    numbers = random.Random(1)
    drawn = numbers.choices(KINDS, [kind.percent for kind in KINDS], k=SAMPLES)
    return [numbers.choice(by_kind[kind.name]) for kind in drawn]
