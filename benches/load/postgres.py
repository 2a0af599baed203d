"""Databases of a PostgreSQL server, through psql: Python has no driver of its own."""

import os
import subprocess

import seed
import server
from process import family


class Postgres:
    kind = "PostgreSQL"
    dialect = seed.POSTGRES

    def __init__(self, bench, name):
        base = os.environ["TEST_POSTGRES_URL"]
        psql(base, f"CREATE DATABASE bench_{name}")
        self.url = base.replace("/postgres?", f"/bench_{name}?")
        self.postmaster = int(psql(self.url, "SELECT pg_read_file('postmaster.pid')").splitlines()[0])
        server.migrate(bench, self)

    def pids(self):
        return family(self.postmaster)

    def ask(self, sql):
        """All rows, as texts."""
        return [tuple(line.split("\t")) for line in psql(self.url, sql).splitlines()]

    def run(self, statements):
        """In one transaction."""
        psql(self.url, ";\n".join(["BEGIN", *statements, "COMMIT"]))

    def fill(self, rows):
        column = self.ask(
            "SELECT 1 FROM information_schema.columns WHERE table_name = 'snapshots' AND column_name = 'metadata'"
        )
        indexes = self.ask(
            """SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = 'snapshots'::regclass
                  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = c.oid)"""
        )
        self.run(
            [
                # The rows are known to refer to what is there; to look each one up takes most of the time.
                "SET LOCAL session_replication_role = replica",
                "SET LOCAL synchronous_commit = off",
                "SET LOCAL maintenance_work_mem = '256MB'",
                *(f"DROP INDEX {name}" for name, _ in indexes),
                seed.volumes(self.dialect),
                seed.snapshots(self.dialect, rows, bool(column)),
                *([] if column else seed.metadata()),
                # Made at the end an index is built by sorting.
                *(sql for _, sql in indexes),
            ]
        )
        # As autovacuum would soon; it is off so that it does not do so in the middle of something.
        psql(self.url, "VACUUM ANALYZE")
        psql(self.url, "CHECKPOINT")


def psql(url, sql):
    command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", url]
    command += ["--set=ON_ERROR_STOP=1", "--file=-"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"psql: {done.stderr}")
    return done.stdout
