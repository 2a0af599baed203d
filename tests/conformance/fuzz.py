#!/usr/bin/env python3
"""Sends random requests, made from /openapi.json, to the real binary, and holds each reply to that description.

    fuzz.py BINARY [SEED]

A reply that is a 5xx, has a status or a type that is not described, or a body of another form, is a failure. The
seed is printed and fixed unless given, so that a failure can be seen again.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))
from harness.server import Server  # noqa: E402

# The default of the description's server.
PROJECT = "0123456789abcdef0123456789abcdef"
SEED = "7"
EXAMPLES = "120"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]
# Random volumes and snapshots are never tidied up, and a full quota would hide what comes behind it.
ROOM = {f"BREEZEBLOCK__QUOTA__{name}": "1000000" for name in ("VOLUMES", "SNAPSHOTS", "GIGABYTES")}


def main():
    # So that the server ends with whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    program = sys.argv[1]
    seed = sys.argv[2] if len(sys.argv) > 2 else SEED
    with tempfile.TemporaryDirectory(prefix="breezeblock-fuzz.") as name:
        folder = Path(name)
        server = Server(program, folder, f"sqlite://{folder}/state.db", ROOM)
        server.start()
        print(f"fuzzing {server.base} with seed {seed}", flush=True)
        try:
            code = subprocess.run(
                [
                    Path(sys.executable).with_name("schemathesis"),
                    "run",
                    f"{server.base}/openapi.json",
                    f"--checks={','.join(CHECKS)}",
                    f"--max-examples={EXAMPLES}",
                    f"--seed={seed}",
                    "--continue-on-failure",
                    "--no-shrink",
                    "--warnings=off",
                ],
                cwd=folder,
                env=os.environ
                | {
                    "SCHEMATHESIS_HOOKS": "real_ids",
                    "PYTHONPATH": str(HERE),
                    "FUZZ_BASE": f"{server.base}/v3/{PROJECT}",
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                check=False,
            ).returncode
            served = Counter(re.findall(r'"status":(\d+)', server.log()))
            print("statuses served:", dict(sorted(served.items())))
            assert server.alive(), f"the server ended:\n{server.log()[-5000:]}"
        finally:
            if server.running:
                server.kill()
    return code


if __name__ == "__main__":
    sys.exit(main())
