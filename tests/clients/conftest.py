import os
from pathlib import Path

import pytest

from harness.cinder import PROGRAM, Cinder
from harness.database import KINDS, database
from harness.server import Server


@pytest.fixture(scope="session")
def program():
    """The breezeblock binary under test."""
    path = os.environ.get("BREEZEBLOCK_BIN")
    assert path, "BREEZEBLOCK_BIN names the binary to test; `make test` sets it"
    path = Path(path).resolve()
    assert os.access(path, os.X_OK), f"BREEZEBLOCK_BIN={path} is not a program; cargo build makes it"
    assert PROGRAM.exists(), f"{PROGRAM} is missing; install requirements.txt into this Python"
    return path


@pytest.fixture(params=KINDS)
def database_url(request, tmp_path):
    with database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def server(program, tmp_path, database_url):
    """A server that has just been started. It must end well after every test that leaves it running."""
    server = Server(program, tmp_path, database_url)
    server.start()
    yield server
    # pytest shows this beside a failure only.
    print(server.log())
    if server.running:
        assert server.stop() == 0


@pytest.fixture
def cinder(server, tmp_path):
    return Cinder(server, tmp_path)
