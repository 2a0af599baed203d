"""Where and when."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return done.stdout.strip()


def described(folder):
    """One line each, by what it is about."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", info, re.MULTILINE)
    memory = int(re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)[1])
    postgres = said("psql", "-XAtc", "SHOW server_version", os.environ["TEST_POSTGRES_URL"])
    dirty = "" if not said("git", "status", "--porcelain", "--untracked-files=no") else ", with changes"
    return {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        "commit": said("git", "rev-parse", "--short=12", "HEAD") + dirty,
        "machine": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {memory >> 20} GiB; "
        "it runs wrk and the databases as well",
        "kernel": f"{platform.system()} {platform.release()}, {said('stat', '-f', '-c', '%T', str(folder))}",
        "programs": f"PostgreSQL {postgres}; {said('rustc', '--version')}",
    }
