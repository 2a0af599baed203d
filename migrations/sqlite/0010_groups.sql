-- Groups of volumes, their types, and snapshots of whole groups.

CREATE TABLE group_types (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    description TEXT,
    is_public   INTEGER NOT NULL CHECK (is_public IN (0, 1)),
    -- The one that comes with the schema does not say.
    created_at  TEXT
) STRICT;

-- A spec may have no value, unlike those of volume types.
CREATE TABLE group_type_specs (
    group_type_id BLOB NOT NULL REFERENCES group_types (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    value         TEXT,
    PRIMARY KEY (group_type_id, key)
) STRICT, WITHOUT ROWID;

-- Cinder's schema brings it too: the type of what were consistency groups once.
INSERT INTO group_types (id, name, description, is_public)
VALUES (x'0c1a7b62f5e44f0fa1d5a3bd3be7f002', 'default_cgsnapshot_type', 'Default group type for migrating cgsnapshot', 1);
INSERT INTO group_type_specs (group_type_id, key, value)
VALUES (x'0c1a7b62f5e44f0fa1d5a3bd3be7f002', 'consistent_group_snapshot_enabled', '<is> True');

-- Not `groups`, which is a word of SQL.
CREATE TABLE volume_groups (
    id                BLOB NOT NULL PRIMARY KEY,
    project_id        TEXT NOT NULL,
    user_id           TEXT NOT NULL,
    group_type_id     BLOB NOT NULL REFERENCES group_types (id),
    status            TEXT NOT NULL,
    previous_status   TEXT,
    name              TEXT,
    description       TEXT,
    availability_zone TEXT NOT NULL,
    host              TEXT NOT NULL,
    group_snapshot_id BLOB,
    source_group_id   BLOB,
    created_at        TEXT NOT NULL,
    updated_at        TEXT,
    CHECK (status IN ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'in-use', 'error_deleting'))
) STRICT;

CREATE INDEX volume_groups_of_project ON volume_groups (project_id, created_at, id);

-- The types that the volumes of a group may have.
CREATE TABLE group_volume_types (
    group_id       BLOB NOT NULL REFERENCES volume_groups (id) ON DELETE CASCADE,
    volume_type_id BLOB NOT NULL REFERENCES volume_types (id),
    PRIMARY KEY (group_id, volume_type_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_volume_types_of_type ON group_volume_types (volume_type_id);

-- A group cannot go while it has volumes, whatever the program believes.
ALTER TABLE volumes ADD COLUMN group_id BLOB REFERENCES volume_groups (id);
ALTER TABLE volume_tombstones ADD COLUMN group_id BLOB;
CREATE INDEX volumes_of_group ON volumes (group_id) WHERE group_id IS NOT NULL;

CREATE TABLE group_snapshots (
    id              BLOB NOT NULL PRIMARY KEY,
    project_id      TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    group_id        BLOB NOT NULL REFERENCES volume_groups (id),
    group_type_id   BLOB NOT NULL REFERENCES group_types (id),
    status          TEXT NOT NULL,
    previous_status TEXT,
    name            TEXT,
    description     TEXT,
    created_at      TEXT NOT NULL,
    updated_at      TEXT,
    CHECK (status IN ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'error_deleting'))
) STRICT;

CREATE INDEX group_snapshots_of_project ON group_snapshots (project_id, created_at, id);
CREATE INDEX group_snapshots_of_group ON group_snapshots (group_id);
CREATE INDEX snapshots_of_group_snapshot ON snapshots (group_snapshot_id) WHERE group_snapshot_id IS NOT NULL;

-- What a task reads or writes besides its resource and its source; it goes with the task.
CREATE TABLE task_uses (
    task_id     BLOB NOT NULL REFERENCES tasks (resource_id) ON DELETE CASCADE,
    resource_id BLOB NOT NULL,
    writes      INTEGER NOT NULL CHECK (writes IN (0, 1)),
    PRIMARY KEY (task_id, resource_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX task_uses_of_resource ON task_uses (resource_id);
