"""One durable row at a time, with nothing around it: what a create is compared with."""

import os
import re
import sqlite3
import subprocess
import time
from contextlib import closing

# About as long as a snapshot's row.
DOCUMENT = "x" * 300
SPAN = 1.0


def commit(bench, database):
    """Milliseconds that one takes."""
    return postgres(bench, database) if database.pids() else sqlite(bench)


def sqlite(bench):
    """WAL and FULL, on the same disk."""
    with closing(sqlite3.connect(bench.folder / "raw.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (id BLOB NOT NULL PRIMARY KEY, document TEXT)")
        count, begun = 0, time.monotonic()
        while time.monotonic() < begun + SPAN:
            connection.execute("INSERT INTO rows VALUES (?, ?)", (os.urandom(16), DOCUMENT))
            count += 1
        return (time.monotonic() - begun) / count * 1000


def postgres(bench, database):
    """A snapshot and its task in one statement, from pgbench."""
    insert = """
        WITH added AS (
            INSERT INTO snapshots (id, project_id, user_id, volume_id, volume_type_id, volume_size, status, progress,
                                   display_name, consumes_quota, created_at)
            SELECT gen_random_uuid(), project_id, user_id, id, volume_type_id, size, 'creating', '0%', 'raw', TRUE, clock_timestamp()
              FROM volumes WHERE display_name = 'volume-1'
            RETURNING id, volume_id, created_at)
        INSERT INTO tasks (resource_id, source_id, operation, attempts, run_at, request_id, created_at, host)
        SELECT id, volume_id, 'create_snapshot', 0, created_at, 'req-raw', created_at, 'raw' FROM added;"""
    script = bench.folder / "raw.sql"
    script.write_text(" ".join(insert.split()) + "\n")
    command = ["pgbench", "--no-vacuum", "--client=1", "--protocol=prepared", f"--time={SPAN:.0f}", f"--file={script}"]
    printed = subprocess.run([*command, database.url], check=True, capture_output=True, text=True).stdout
    found = re.search(r"latency average = ([\d.]+) ms", printed)
    if not found or "number of failed transactions: 0 " not in printed:
        raise RuntimeError(f"pgbench says\n{printed}")
    return float(found[1])


def fdatasync(folder):
    """Milliseconds that the disk takes to keep 4 KiB: below that nothing durable can be."""
    with (folder / "raw.bytes").open("wb") as file:
        count, begun = 0, time.monotonic()
        while time.monotonic() < begun + SPAN / 2:
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
        return (time.monotonic() - begun) / count * 1000
