-- Metadata stands with what it belongs to: one row is read where there were two statements (docs/adr/0015). It is a
-- JSON object of texts, `{}` where there is none.

ALTER TABLE volumes ADD COLUMN metadata TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE snapshots ADD COLUMN metadata TEXT COLLATE "C" NOT NULL DEFAULT '{}';

UPDATE volumes SET metadata = (SELECT json_object_agg(key, value) FROM volume_metadata WHERE volume_id = id)
 WHERE id IN (SELECT volume_id FROM volume_metadata);
UPDATE snapshots SET metadata = (SELECT json_object_agg(key, value) FROM snapshot_metadata WHERE snapshot_id = id)
 WHERE id IN (SELECT snapshot_id FROM snapshot_metadata);

DROP TABLE volume_metadata;
DROP TABLE snapshot_metadata;
