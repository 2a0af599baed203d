-- Metadata stands with what it belongs to: one row is read where there were two statements (docs/adr/0015). It is a
-- JSON object of texts, `{}` where there is none.

ALTER TABLE volumes ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata));
ALTER TABLE snapshots ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata));

UPDATE volumes SET metadata = (SELECT json_group_object(key, value) FROM volume_metadata WHERE volume_id = id)
 WHERE id IN (SELECT volume_id FROM volume_metadata);
UPDATE snapshots SET metadata = (SELECT json_group_object(key, value) FROM snapshot_metadata WHERE snapshot_id = id)
 WHERE id IN (SELECT snapshot_id FROM snapshot_metadata);

DROP TABLE volume_metadata;
DROP TABLE snapshot_metadata;
