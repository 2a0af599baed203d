-- Whether a volume may be attached for reading only; NULL until somebody says.
ALTER TABLE volumes ADD COLUMN readonly INTEGER;

-- Who has a volume attached: one at a time, because no type is multiattach.
CREATE TABLE volume_attachments (
    volume_id     BLOB NOT NULL PRIMARY KEY REFERENCES volumes (id) ON DELETE CASCADE,
    id            BLOB NOT NULL,
    instance_uuid TEXT,
    host_name     TEXT,
    mountpoint    TEXT NOT NULL,
    attach_mode   TEXT NOT NULL,
    attached_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
