-- Groups of volumes, their types, and snapshots of whole groups.

CREATE TABLE group_types (
    id          UUID NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    description TEXT COLLATE "C",
    is_public   BOOLEAN NOT NULL,
    -- The one that comes with the schema does not say.
    created_at  TIMESTAMPTZ
);

-- A spec may have no value, unlike those of volume types.
CREATE TABLE group_type_specs (
    group_type_id UUID NOT NULL REFERENCES group_types (id) ON DELETE CASCADE,
    key           TEXT COLLATE "C" NOT NULL,
    value         TEXT COLLATE "C",
    PRIMARY KEY (group_type_id, key)
);

-- Cinder's schema brings it too: the type of what were consistency groups once.
INSERT INTO group_types (id, name, description, is_public)
VALUES ('0c1a7b62-f5e4-4f0f-a1d5-a3bd3be7f002', 'default_cgsnapshot_type', 'Default group type for migrating cgsnapshot', TRUE);
INSERT INTO group_type_specs (group_type_id, key, value)
VALUES ('0c1a7b62-f5e4-4f0f-a1d5-a3bd3be7f002', 'consistent_group_snapshot_enabled', '<is> True');

-- Not `groups`, which is a word of SQL.
CREATE TABLE volume_groups (
    id                UUID NOT NULL PRIMARY KEY,
    project_id        TEXT COLLATE "C" NOT NULL,
    user_id           TEXT COLLATE "C" NOT NULL,
    group_type_id     UUID NOT NULL REFERENCES group_types (id),
    status            TEXT COLLATE "C" NOT NULL,
    previous_status   TEXT COLLATE "C",
    name              TEXT COLLATE "C",
    description       TEXT COLLATE "C",
    availability_zone TEXT COLLATE "C" NOT NULL,
    host              TEXT COLLATE "C" NOT NULL,
    group_snapshot_id UUID,
    source_group_id   UUID,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ,
    CHECK (status IN ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'in-use', 'error_deleting'))
);

CREATE INDEX volume_groups_of_project ON volume_groups (project_id, created_at, id);

-- The types that the volumes of a group may have.
CREATE TABLE group_volume_types (
    group_id       UUID NOT NULL REFERENCES volume_groups (id) ON DELETE CASCADE,
    volume_type_id UUID NOT NULL REFERENCES volume_types (id),
    PRIMARY KEY (group_id, volume_type_id)
);

CREATE INDEX group_volume_types_of_type ON group_volume_types (volume_type_id);

-- A group cannot go while it has volumes, whatever the program believes.
ALTER TABLE volumes ADD COLUMN group_id UUID REFERENCES volume_groups (id);
ALTER TABLE volume_tombstones ADD COLUMN group_id UUID;
CREATE INDEX volumes_of_group ON volumes (group_id) WHERE group_id IS NOT NULL;

CREATE TABLE group_snapshots (
    id              UUID NOT NULL PRIMARY KEY,
    project_id      TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    group_id        UUID NOT NULL REFERENCES volume_groups (id),
    group_type_id   UUID NOT NULL REFERENCES group_types (id),
    status          TEXT COLLATE "C" NOT NULL,
    previous_status TEXT COLLATE "C",
    name            TEXT COLLATE "C",
    description     TEXT COLLATE "C",
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ,
    CHECK (status IN ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'error_deleting'))
);

CREATE INDEX group_snapshots_of_project ON group_snapshots (project_id, created_at, id);
CREATE INDEX group_snapshots_of_group ON group_snapshots (group_id);
CREATE INDEX snapshots_of_group_snapshot ON snapshots (group_snapshot_id) WHERE group_snapshot_id IS NOT NULL;

-- What a task reads or writes besides its resource and its source; it goes with the task.
CREATE TABLE task_uses (
    task_id     UUID NOT NULL REFERENCES tasks (resource_id) ON DELETE CASCADE,
    resource_id UUID NOT NULL,
    writes      BOOLEAN NOT NULL,
    PRIMARY KEY (task_id, resource_id)
);

CREATE INDEX task_uses_of_resource ON task_uses (resource_id);
