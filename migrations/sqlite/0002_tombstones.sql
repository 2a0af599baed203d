-- Where deleted rows were in every order, so that a client's next link still works (docs/adr/0005).
-- The columns are those that lists sort by. The worker sweeps the rows.

CREATE TABLE snapshot_tombstones (
    id                  BLOB NOT NULL PRIMARY KEY,
    created_at          TEXT NOT NULL,
    updated_at          TEXT,
    status              TEXT NOT NULL,
    volume_id           BLOB NOT NULL,
    volume_size         INTEGER NOT NULL,
    display_name        TEXT,
    display_description TEXT,
    project_id          TEXT NOT NULL,
    user_id             TEXT NOT NULL,
    progress            TEXT,
    volume_type_id      BLOB NOT NULL,
    group_snapshot_id   BLOB,
    consumes_quota      INTEGER NOT NULL,
    deleted_at          TEXT NOT NULL
) STRICT;

CREATE INDEX snapshot_tombstones_by_time ON snapshot_tombstones (deleted_at);

CREATE TABLE volume_tombstones (
    id                  BLOB NOT NULL PRIMARY KEY,
    created_at          TEXT NOT NULL,
    updated_at          TEXT,
    status              TEXT NOT NULL,
    size                INTEGER NOT NULL,
    display_name        TEXT,
    display_description TEXT,
    project_id          TEXT NOT NULL,
    user_id             TEXT NOT NULL,
    availability_zone   TEXT NOT NULL,
    host                TEXT NOT NULL,
    attach_status       TEXT NOT NULL,
    migration_status    TEXT,
    volume_type_id      BLOB NOT NULL,
    snapshot_id         BLOB,
    source_volid        BLOB,
    bootable            INTEGER NOT NULL,
    consumes_quota      INTEGER NOT NULL,
    deleted_at          TEXT NOT NULL
) STRICT;

CREATE INDEX volume_tombstones_by_time ON volume_tombstones (deleted_at);
