-- Indexes that keep lists as quick with a million rows as with a thousand; docs/lists.md says what each is for, and a
-- test (tests/store/plans.rs) that it is used.

-- Lists by status, and in its order.
CREATE INDEX snapshots_by_status ON snapshots (project_id, status, created_at, id);

-- The parts of a group snapshot, in order.
DROP INDEX snapshots_of_group_snapshot;
CREATE INDEX snapshots_of_group_snapshot ON snapshots (group_snapshot_id, created_at, id)
 WHERE group_snapshot_id IS NOT NULL;

-- The volumes of a group, in order, and those that were made from a snapshot.
DROP INDEX volumes_of_group;
CREATE INDEX volumes_of_group ON volumes (group_id, created_at, id) WHERE group_id IS NOT NULL;
CREATE INDEX volumes_made_from ON volumes (snapshot_id, created_at, id) WHERE snapshot_id IS NOT NULL;

-- What counts for quotas, and for the number of rows of a project, is read from these alone.
CREATE INDEX snapshots_usage ON snapshots (project_id, consumes_quota, volume_type_id, volume_size);
CREATE INDEX volumes_usage ON volumes (project_id, consumes_quota, volume_type_id, target_size, size);

-- Messages that somebody deleted are in no list.
DROP INDEX messages_of_project;
CREATE INDEX messages_of_project ON messages (project_id, created_at, id) WHERE dismissed_at IS NULL;
DROP INDEX messages_of_resource;
CREATE INDEX messages_of_resource ON messages (resource_uuid, created_at, id);
