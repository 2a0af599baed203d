import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients"))
from chromium import Chromium  # noqa: E402
from harness.database import database  # noqa: E402
from harness.server import Server  # noqa: E402


@pytest.fixture
def server(tmp_path):
    """A server that has just been started."""
    with database("sqlite", tmp_path) as url:
        server = Server(Path(os.environ["BREEZEBLOCK_BIN"]).resolve(), tmp_path, url)
        server.start()
        yield server
        # pytest shows this beside a failure only.
        print(server.log())
        assert server.stop() == 0


@pytest.fixture
def browser():
    pictures = os.environ.get("PICTURES")
    if pictures:
        Path(pictures).mkdir(parents=True, exist_ok=True)
    browser = Chromium(Path(pictures) if pictures else None)
    yield browser
    browser.close()
