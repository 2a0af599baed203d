-- The state of the service. Keep in step with migrations/sqlite/0001_init.sql: same tables, same
-- columns, same rules; a test compares the two.
--
-- Times are bound by the program and never made here. Text that lists sort by compares by bytes, as in SQLite.

CREATE TABLE volume_types (
    id          UUID NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    description TEXT COLLATE "C",
    is_public   BOOLEAN NOT NULL
);

INSERT INTO volume_types (id, name, description, is_public)
VALUES ('0c1a7b62-f5e4-4f0f-a1d5-a3bd3be7f001', '__DEFAULT__', 'Default Volume Type', TRUE);

CREATE TABLE volume_type_extra_specs (
    volume_type_id UUID NOT NULL REFERENCES volume_types (id) ON DELETE CASCADE,
    key            TEXT COLLATE "C" NOT NULL,
    value          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (volume_type_id, key)
);

CREATE TABLE volumes (
    id                  UUID NOT NULL PRIMARY KEY,
    project_id          TEXT COLLATE "C" NOT NULL,
    user_id             TEXT COLLATE "C" NOT NULL,
    volume_type_id      UUID NOT NULL REFERENCES volume_types (id),
    size                BIGINT NOT NULL CHECK (size >= 0),
    target_size         BIGINT,
    status              TEXT COLLATE "C" NOT NULL,
    previous_status     TEXT COLLATE "C",
    attach_status       TEXT COLLATE "C" NOT NULL,
    migration_status    TEXT COLLATE "C",
    display_name        TEXT COLLATE "C",
    display_description TEXT COLLATE "C",
    availability_zone   TEXT COLLATE "C" NOT NULL,
    host                TEXT COLLATE "C" NOT NULL,
    snapshot_id         UUID,
    source_volid        UUID,
    revert_snapshot_id  UUID,
    bootable            BOOLEAN NOT NULL,
    consumes_quota      BOOLEAN NOT NULL,
    created_at          TIMESTAMPTZ NOT NULL,
    updated_at          TIMESTAMPTZ,
    CHECK (status IN ('creating', 'available', 'deleting', 'error', 'error_deleting', 'error_managing', 'managing',
                      'attaching', 'in-use', 'detaching', 'maintenance', 'restoring-backup', 'error_restoring',
                      'reserved', 'awaiting-transfer', 'backing-up', 'error_backing-up', 'error_extending',
                      'downloading', 'uploading', 'retyping', 'extending', 'reverting'))
);

CREATE INDEX volumes_of_project ON volumes (project_id, created_at, id);
CREATE INDEX volumes_by_time ON volumes (created_at, id);
CREATE INDEX volumes_by_name ON volumes (project_id, display_name, created_at, id);
CREATE INDEX volumes_of_type ON volumes (volume_type_id);

CREATE TABLE volume_metadata (
    volume_id UUID NOT NULL REFERENCES volumes (id) ON DELETE CASCADE,
    key       TEXT COLLATE "C" NOT NULL,
    value     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (volume_id, key)
);

CREATE TABLE snapshots (
    id                  UUID NOT NULL PRIMARY KEY,
    project_id          TEXT COLLATE "C" NOT NULL,
    user_id             TEXT COLLATE "C" NOT NULL,
    -- A volume cannot go while it has snapshots, whatever the program believes.
    volume_id           UUID NOT NULL REFERENCES volumes (id),
    volume_type_id      UUID NOT NULL REFERENCES volume_types (id),
    volume_size         BIGINT NOT NULL CHECK (volume_size >= 0),
    status              TEXT COLLATE "C" NOT NULL,
    previous_status     TEXT COLLATE "C",
    progress            TEXT COLLATE "C",
    display_name        TEXT COLLATE "C",
    display_description TEXT COLLATE "C",
    group_snapshot_id   UUID,
    consumes_quota      BOOLEAN NOT NULL,
    created_at          TIMESTAMPTZ NOT NULL,
    updated_at          TIMESTAMPTZ,
    CHECK (status IN ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'error_deleting',
                      'unmanaging', 'backing-up', 'restoring')),
    -- "The latest snapshot" of a volume must have one answer.
    UNIQUE (volume_id, created_at)
);

CREATE INDEX snapshots_of_project ON snapshots (project_id, created_at, id);
CREATE INDEX snapshots_by_time ON snapshots (created_at, id);
CREATE INDEX snapshots_by_name ON snapshots (project_id, display_name, created_at, id);

CREATE TABLE snapshot_metadata (
    snapshot_id UUID NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
    key         TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (snapshot_id, key)
);

-- Work. A row is committed together with the status change that asks for it and removed together with
-- the one that ends it.
CREATE TABLE tasks (
    -- The order of acceptance, by which tasks that would disturb each other wait.
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource_id UUID NOT NULL UNIQUE,
    source_id   UUID,
    operation   TEXT COLLATE "C" NOT NULL,
    attempts    BIGINT NOT NULL,
    run_at      TIMESTAMPTZ NOT NULL,
    lease_token UUID,
    lease_until TIMESTAMPTZ,
    request_id  TEXT COLLATE "C" NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    last_error  TEXT COLLATE "C"
);

CREATE INDEX tasks_due ON tasks (run_at, seq);
CREATE INDEX tasks_of_source ON tasks (source_id) WHERE source_id IS NOT NULL;

CREATE TABLE messages (
    id            UUID NOT NULL PRIMARY KEY,
    project_id    TEXT COLLATE "C" NOT NULL,
    request_id    TEXT COLLATE "C" NOT NULL,
    resource_type TEXT COLLATE "C" NOT NULL,
    resource_uuid UUID NOT NULL,
    event_id      TEXT COLLATE "C" NOT NULL,
    message_level TEXT COLLATE "C" NOT NULL,
    cause         TEXT COLLATE "C" NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL
);

CREATE INDEX messages_of_project ON messages (project_id, created_at, id);
CREATE INDEX messages_of_resource ON messages (resource_uuid);
CREATE INDEX messages_expiring ON messages (expires_at);

CREATE TABLE quotas (
    project_id TEXT COLLATE "C" NOT NULL,
    resource   TEXT COLLATE "C" NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (project_id, resource)
);

CREATE TABLE quota_classes (
    class_name TEXT COLLATE "C" NOT NULL,
    resource   TEXT COLLATE "C" NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (class_name, resource)
);

-- Which storage belongs to this database: bytes must not be looked for, or lost, in another one.
CREATE TABLE backends (
    host       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    storage_id TEXT COLLATE "C" NOT NULL
);
