-- Where deleted rows were in every order, so that a client's next link still works (docs/adr/0005).
-- The columns are those that lists sort by. The worker sweeps the rows.

CREATE TABLE snapshot_tombstones (
    id                  UUID NOT NULL PRIMARY KEY,
    created_at          TIMESTAMPTZ NOT NULL,
    updated_at          TIMESTAMPTZ,
    status              TEXT COLLATE "C" NOT NULL,
    volume_id           UUID NOT NULL,
    volume_size         BIGINT NOT NULL,
    display_name        TEXT COLLATE "C",
    display_description TEXT COLLATE "C",
    project_id          TEXT COLLATE "C" NOT NULL,
    user_id             TEXT COLLATE "C" NOT NULL,
    progress            TEXT COLLATE "C",
    volume_type_id      UUID NOT NULL,
    group_snapshot_id   UUID,
    consumes_quota      BOOLEAN NOT NULL,
    deleted_at          TIMESTAMPTZ NOT NULL
);

CREATE INDEX snapshot_tombstones_by_time ON snapshot_tombstones (deleted_at);

CREATE TABLE volume_tombstones (
    id                  UUID NOT NULL PRIMARY KEY,
    created_at          TIMESTAMPTZ NOT NULL,
    updated_at          TIMESTAMPTZ,
    status              TEXT COLLATE "C" NOT NULL,
    size                BIGINT NOT NULL,
    display_name        TEXT COLLATE "C",
    display_description TEXT COLLATE "C",
    project_id          TEXT COLLATE "C" NOT NULL,
    user_id             TEXT COLLATE "C" NOT NULL,
    availability_zone   TEXT COLLATE "C" NOT NULL,
    host                TEXT COLLATE "C" NOT NULL,
    attach_status       TEXT COLLATE "C" NOT NULL,
    migration_status    TEXT COLLATE "C",
    volume_type_id      UUID NOT NULL,
    snapshot_id         UUID,
    source_volid        UUID,
    bootable            BOOLEAN NOT NULL,
    consumes_quota      BOOLEAN NOT NULL,
    deleted_at          TIMESTAMPTZ NOT NULL
);

CREATE INDEX volume_tombstones_by_time ON volume_tombstones (deleted_at);
