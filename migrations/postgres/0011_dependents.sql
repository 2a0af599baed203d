-- The snapshot that a volume cannot do without: where the back end shares bytes between the two for good. NULL for
-- a volume that stands alone, whatever it was made from.
ALTER TABLE volumes ADD COLUMN depends_on_snapshot_id UUID;

CREATE INDEX volumes_dependent ON volumes (depends_on_snapshot_id) WHERE depends_on_snapshot_id IS NOT NULL;
