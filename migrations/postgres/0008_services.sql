-- Several processes on one database: who is there, and whose work a task is.

-- One row a program and host (Cinder: table services), refreshed by a heartbeat. Programs have the names that
-- clients know, `cinder-volume` and `cinder-scheduler`; the host of the first is `host@backend`.
CREATE TABLE services (
    host              TEXT COLLATE "C" NOT NULL,
    binary_name       TEXT COLLATE "C" NOT NULL,
    -- The pool of volumes that it keeps, `host@backend#pool`.
    pool              TEXT COLLATE "C",
    availability_zone TEXT COLLATE "C" NOT NULL,
    disabled          BOOLEAN NOT NULL,
    disabled_reason   TEXT COLLATE "C",
    frozen            BOOLEAN NOT NULL,
    -- How full the back end was at the last heartbeat; NULL where that has no meaning.
    total_bytes       BIGINT,
    free_bytes        BIGINT,
    created_at        TIMESTAMPTZ NOT NULL,
    heartbeat_at      TIMESTAMPTZ NOT NULL,
    -- When an operator changed it.
    modified_at       TIMESTAMPTZ,
    PRIMARY KEY (host, binary_name)
);

-- The back end whose worker has to do it: the host of the volume, `host@backend#pool`.
ALTER TABLE tasks ADD COLUMN host TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE tasks SET host = coalesce(
    (SELECT v.host FROM volumes v WHERE v.id = tasks.resource_id),
    (SELECT v.host FROM snapshots s JOIN volumes v ON v.id = s.volume_id WHERE s.id = tasks.resource_id),
    '');
DROP INDEX tasks_due;
CREATE INDEX tasks_due ON tasks (host, run_at, seq);
