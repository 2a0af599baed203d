"""A database of its own for each server, gone when the test ends."""

import contextlib
import os
import subprocess
import uuid
from urllib.parse import urlsplit, urlunsplit

KINDS = ("sqlite", "postgres")


@contextlib.contextmanager
def database(kind, folder):
    """The URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite://{folder / 'breezeblock.sqlite'}"
        return
    server = os.environ.get("TEST_POSTGRES_URL")
    # A database that is silently left out would look as if it had passed.
    assert server, "TEST_POSTGRES_URL is not set; run `make test`, or pytest under scripts/with-postgres"
    name = f"clients_{uuid.uuid4().hex}"
    _sql(server, f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        _sql(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _sql(server, statement):
    command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={statement}", server]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{statement}: {done.stderr}"
