-- How the volumes of a type are to be encrypted. A type without a row does not say.
CREATE TABLE volume_type_encryption (
    volume_type_id   BLOB NOT NULL PRIMARY KEY REFERENCES volume_types (id) ON DELETE CASCADE,
    id               BLOB NOT NULL UNIQUE,
    provider         TEXT NOT NULL,
    control_location TEXT NOT NULL CHECK (control_location IN ('front-end', 'back-end')),
    cipher           TEXT,
    key_size         INTEGER CHECK (key_size >= 0),
    created_at       TEXT NOT NULL,
    updated_at       TEXT
) STRICT, WITHOUT ROWID;
