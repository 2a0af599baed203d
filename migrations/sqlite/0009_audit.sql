-- What the audit has to know (docs/invariants.md).

-- Whether the status is what an admin or Nova said, and not what the service itself came to.
ALTER TABLE volumes ADD COLUMN overridden INTEGER NOT NULL DEFAULT 0 CHECK (overridden IN (0, 1));
ALTER TABLE snapshots ADD COLUMN overridden INTEGER NOT NULL DEFAULT 0 CHECK (overridden IN (0, 1));

-- When somebody deleted the message. The reason of an error is kept as long as the error.
ALTER TABLE messages ADD COLUMN dismissed_at TEXT;

-- What each back end holds, as its own worker saw it last: for those who cannot look into it themselves.
CREATE TABLE stored_objects (
    host      TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('volume', 'snapshot')),
    name      TEXT NOT NULL,
    size      INTEGER NOT NULL CHECK (size >= 0),
    volume_id BLOB,
    -- When it was first seen like this.
    seen_at   TEXT NOT NULL,
    PRIMARY KEY (host, kind, name)
) STRICT, WITHOUT ROWID;

-- Nobody remembered so far what admins said. A status that has neither work nor a reason can only be theirs.
UPDATE volumes SET overridden = 1
 WHERE status NOT IN ('available', 'in-use', 'attaching', 'detaching')
   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.resource_id = volumes.id)
   AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.resource_uuid = volumes.id);
UPDATE snapshots SET overridden = 1
 WHERE status <> 'available'
   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.resource_id = snapshots.id)
   AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.resource_uuid = snapshots.id)
   AND NOT EXISTS (SELECT 1 FROM volumes WHERE volumes.revert_snapshot_id = snapshots.id);
