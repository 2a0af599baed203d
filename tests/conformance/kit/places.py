"""Where things are, and what the kit takes from the tests of python-cinderclient."""

import socket
import sys
from pathlib import Path

CONFORMANCE = Path(__file__).resolve().parent.parent
ROOT = CONFORMANCE.parent.parent
# What the clients run in, and what Keystone runs in: their needs contradict each other.
KIT = ROOT / ".venv-kit"
KEYSTONE = ROOT / ".venv-keystone"

sys.path.insert(0, str(ROOT / "tests/clients"))
from harness.cinder import table as cinder_table  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.waiting import until  # noqa: E402

__all__ = ["CONFORMANCE", "KEYSTONE", "KIT", "ROOT", "Server", "cinder_table", "free_port", "until"]


def free_port():
    """A port that is free now, for programs that must be told one before they start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
