-- What the audit has to know (docs/invariants.md).

-- Whether the status is what an admin or Nova said, and not what the service itself came to.
ALTER TABLE volumes ADD COLUMN overridden BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE snapshots ADD COLUMN overridden BOOLEAN NOT NULL DEFAULT FALSE;

-- When somebody deleted the message. The reason of an error is kept as long as the error.
ALTER TABLE messages ADD COLUMN dismissed_at TIMESTAMPTZ;

-- What each back end holds, as its own worker saw it last: for those who cannot look into it themselves.
CREATE TABLE stored_objects (
    host      TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('volume', 'snapshot')),
    name      TEXT COLLATE "C" NOT NULL,
    size      BIGINT NOT NULL CHECK (size >= 0),
    volume_id UUID,
    -- When it was first seen like this.
    seen_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (host, kind, name)
);

-- Nobody remembered so far what admins said. A status that has neither work nor a reason can only be theirs.
UPDATE volumes SET overridden = TRUE
 WHERE status NOT IN ('available', 'in-use', 'attaching', 'detaching')
   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.resource_id = volumes.id)
   AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.resource_uuid = volumes.id);
UPDATE snapshots SET overridden = TRUE
 WHERE status <> 'available'
   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.resource_id = snapshots.id)
   AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.resource_uuid = snapshots.id)
   AND NOT EXISTS (SELECT 1 FROM volumes WHERE volumes.revert_snapshot_id = snapshots.id);
