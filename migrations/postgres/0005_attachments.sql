-- Whether a volume may be attached for reading only; NULL until somebody says.
ALTER TABLE volumes ADD COLUMN readonly BOOLEAN;

-- Who has a volume attached: one at a time, because no type is multiattach.
CREATE TABLE volume_attachments (
    volume_id     UUID NOT NULL PRIMARY KEY REFERENCES volumes (id) ON DELETE CASCADE,
    id            UUID NOT NULL,
    instance_uuid TEXT COLLATE "C",
    host_name     TEXT COLLATE "C",
    mountpoint    TEXT COLLATE "C" NOT NULL,
    attach_mode   TEXT COLLATE "C" NOT NULL,
    attached_at   TIMESTAMPTZ NOT NULL
);
