"""Databases of SQLite, each a file of its own."""

import random
import sqlite3
import uuid
from contextlib import closing

import seed
import server
from plan import volume_id


class Sqlite:
    kind = "SQLite"
    dialect = seed.SQLITE

    def __init__(self, bench, name):
        self.file = bench.folder / f"{name}.sqlite"
        self.url = f"sqlite://{self.file}"
        server.migrate(bench, self)

    def pids(self):
        """It lives in the server's process."""
        return []

    def connect(self):
        connection = sqlite3.connect(self.file, isolation_level=None, timeout=30)
        # The same ids in every run.
        numbers = random.Random(1)
        connection.create_function("new_id", 0, lambda: uuid.UUID(int=numbers.getrandbits(128), version=4).bytes)
        connection.create_function("uuid_of", 1, lambda number: volume_id(number).bytes, deterministic=True)
        return closing(connection)

    def ask(self, sql):
        """All rows. Ids come as texts."""
        with self.connect() as connection:
            rows = connection.execute(sql).fetchall()
        return [tuple(str(uuid.UUID(bytes=cell)) if isinstance(cell, bytes) else cell for cell in row) for row in rows]

    def run(self, statements):
        """In one transaction."""
        with self.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement)
            connection.execute("COMMIT")

    def fill(self, rows):
        with self.connect() as connection:
            column = any(name == "metadata" for _, name, *_ in connection.execute("PRAGMA table_info(snapshots)"))
            indexes = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'snapshots' AND sql IS NOT NULL"
            ).fetchall()
            # Nobody minds if it has to be done again. WAL is kept in the file, and comes back below.
            for pragma in ["journal_mode = OFF", "synchronous = OFF", "cache_size = -500000", "temp_store = MEMORY"]:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN")
            for name, _ in indexes:
                connection.execute(f"DROP INDEX {name}")
            connection.execute(seed.volumes(self.dialect))
            connection.execute(seed.snapshots(self.dialect, rows, column))
            for statement in [] if column else seed.metadata():
                connection.execute(statement)
            # Made at the end an index is built by sorting.
            for _, sql in indexes:
                connection.execute(sql)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
