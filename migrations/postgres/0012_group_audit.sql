-- What the audit has to know of groups and of group snapshots, as 0009 has it for volumes and snapshots.

-- Whether the status is what an admin said, and not what the service itself came to.
ALTER TABLE volume_groups ADD COLUMN overridden BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE group_snapshots ADD COLUMN overridden BOOLEAN NOT NULL DEFAULT FALSE;

-- A group for which there was no back end was told so without the cause.
UPDATE messages SET cause = 'no back end that works has everything that the types of the group''s volumes ask for'
 WHERE resource_type = 'GROUP' AND cause = '';

-- Nobody remembered so far what admins said. A status that has neither work nor a reason can only be theirs.
UPDATE volume_groups SET overridden = TRUE
 WHERE status <> 'available'
   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.resource_id = volume_groups.id)
   AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.resource_uuid = volume_groups.id);
UPDATE group_snapshots SET overridden = TRUE
 WHERE status <> 'available'
   AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.resource_id = group_snapshots.id)
   AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.resource_uuid = group_snapshots.id);
