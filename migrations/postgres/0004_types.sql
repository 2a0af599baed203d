-- When a type was made; the one that comes with the schema does not say, and stands last in lists.
ALTER TABLE volume_types ADD COLUMN created_at TIMESTAMPTZ;

-- Who may use a private type.
CREATE TABLE volume_type_projects (
    volume_type_id UUID NOT NULL REFERENCES volume_types (id) ON DELETE CASCADE,
    project_id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (volume_type_id, project_id)
);
