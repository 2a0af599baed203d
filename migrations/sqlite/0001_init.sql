-- The state of the service. Keep in step with migrations/postgres/0001_init.sql: same tables, same
-- columns, same rules; a test compares the two.
--
-- Times are text as sqlx writes them (RFC 3339, UTC), bound by the program and never made here.

CREATE TABLE volume_types (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    description TEXT,
    is_public   INTEGER NOT NULL CHECK (is_public IN (0, 1))
) STRICT;

INSERT INTO volume_types (id, name, description, is_public)
VALUES (x'0c1a7b62f5e44f0fa1d5a3bd3be7f001', '__DEFAULT__', 'Default Volume Type', 1);

CREATE TABLE volume_type_extra_specs (
    volume_type_id BLOB NOT NULL REFERENCES volume_types (id) ON DELETE CASCADE,
    key            TEXT NOT NULL,
    value          TEXT NOT NULL,
    PRIMARY KEY (volume_type_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE volumes (
    id                  BLOB NOT NULL PRIMARY KEY,
    project_id          TEXT NOT NULL,
    user_id             TEXT NOT NULL,
    volume_type_id      BLOB NOT NULL REFERENCES volume_types (id),
    size                INTEGER NOT NULL CHECK (size >= 0),
    target_size         INTEGER,
    status              TEXT NOT NULL,
    previous_status     TEXT,
    attach_status       TEXT NOT NULL,
    migration_status    TEXT,
    display_name        TEXT,
    display_description TEXT,
    availability_zone   TEXT NOT NULL,
    host                TEXT NOT NULL,
    snapshot_id         BLOB,
    source_volid        BLOB,
    revert_snapshot_id  BLOB,
    bootable            INTEGER NOT NULL CHECK (bootable IN (0, 1)),
    consumes_quota      INTEGER NOT NULL CHECK (consumes_quota IN (0, 1)),
    created_at          TEXT NOT NULL,
    updated_at          TEXT,
    CHECK (status IN ('creating', 'available', 'deleting', 'error', 'error_deleting', 'error_managing', 'managing',
                      'attaching', 'in-use', 'detaching', 'maintenance', 'restoring-backup', 'error_restoring',
                      'reserved', 'awaiting-transfer', 'backing-up', 'error_backing-up', 'error_extending',
                      'downloading', 'uploading', 'retyping', 'extending', 'reverting'))
) STRICT;

CREATE INDEX volumes_of_project ON volumes (project_id, created_at, id);
CREATE INDEX volumes_by_time ON volumes (created_at, id);
CREATE INDEX volumes_by_name ON volumes (project_id, display_name, created_at, id);
CREATE INDEX volumes_of_type ON volumes (volume_type_id);

CREATE TABLE volume_metadata (
    volume_id BLOB NOT NULL REFERENCES volumes (id) ON DELETE CASCADE,
    key       TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (volume_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
    id                  BLOB NOT NULL PRIMARY KEY,
    project_id          TEXT NOT NULL,
    user_id             TEXT NOT NULL,
    -- A volume cannot go while it has snapshots, whatever the program believes.
    volume_id           BLOB NOT NULL REFERENCES volumes (id),
    volume_type_id      BLOB NOT NULL REFERENCES volume_types (id),
    volume_size         INTEGER NOT NULL CHECK (volume_size >= 0),
    status              TEXT NOT NULL,
    previous_status     TEXT,
    progress            TEXT,
    display_name        TEXT,
    display_description TEXT,
    group_snapshot_id   BLOB,
    consumes_quota      INTEGER NOT NULL CHECK (consumes_quota IN (0, 1)),
    created_at          TEXT NOT NULL,
    updated_at          TEXT,
    CHECK (status IN ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'error_deleting',
                      'unmanaging', 'backing-up', 'restoring')),
    -- "The latest snapshot" of a volume must have one answer.
    UNIQUE (volume_id, created_at)
) STRICT;

CREATE INDEX snapshots_of_project ON snapshots (project_id, created_at, id);
CREATE INDEX snapshots_by_time ON snapshots (created_at, id);
CREATE INDEX snapshots_by_name ON snapshots (project_id, display_name, created_at, id);

CREATE TABLE snapshot_metadata (
    snapshot_id BLOB NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (snapshot_id, key)
) STRICT, WITHOUT ROWID;

-- Work. A row is committed together with the status change that asks for it and removed together with
-- the one that ends it.
CREATE TABLE tasks (
    -- The order of acceptance, by which tasks that would disturb each other wait.
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    resource_id BLOB NOT NULL UNIQUE,
    source_id   BLOB,
    operation   TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    run_at      TEXT NOT NULL,
    lease_token BLOB,
    lease_until TEXT,
    request_id  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    last_error  TEXT
) STRICT;

CREATE INDEX tasks_due ON tasks (run_at, seq);
CREATE INDEX tasks_of_source ON tasks (source_id) WHERE source_id IS NOT NULL;

CREATE TABLE messages (
    id            BLOB NOT NULL PRIMARY KEY,
    project_id    TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_uuid BLOB NOT NULL,
    event_id      TEXT NOT NULL,
    message_level TEXT NOT NULL,
    cause         TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    expires_at    TEXT NOT NULL
) STRICT;

CREATE INDEX messages_of_project ON messages (project_id, created_at, id);
CREATE INDEX messages_of_resource ON messages (resource_uuid);
CREATE INDEX messages_expiring ON messages (expires_at);

CREATE TABLE quotas (
    project_id TEXT NOT NULL,
    resource   TEXT NOT NULL,
    hard_limit INTEGER NOT NULL,
    PRIMARY KEY (project_id, resource)
) STRICT, WITHOUT ROWID;

CREATE TABLE quota_classes (
    class_name TEXT NOT NULL,
    resource   TEXT NOT NULL,
    hard_limit INTEGER NOT NULL,
    PRIMARY KEY (class_name, resource)
) STRICT, WITHOUT ROWID;

-- Which storage belongs to this database: bytes must not be looked for, or lost, in another one.
CREATE TABLE backends (
    host       TEXT NOT NULL PRIMARY KEY,
    storage_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
