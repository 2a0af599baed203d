-- What a task was asked to do, where the resource's own row does not say it: the reference of a snapshot
-- that is to be managed.
ALTER TABLE tasks ADD COLUMN argument TEXT COLLATE "C";
