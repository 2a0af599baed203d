-- When a type was made; the one that comes with the schema does not say, and stands last in lists.
ALTER TABLE volume_types ADD COLUMN created_at TEXT;

-- Who may use a private type.
CREATE TABLE volume_type_projects (
    volume_type_id BLOB NOT NULL REFERENCES volume_types (id) ON DELETE CASCADE,
    project_id     TEXT NOT NULL,
    PRIMARY KEY (volume_type_id, project_id)
) STRICT, WITHOUT ROWID;
