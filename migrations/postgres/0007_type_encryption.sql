-- How the volumes of a type are to be encrypted. A type without a row does not say.
CREATE TABLE volume_type_encryption (
    volume_type_id   UUID NOT NULL PRIMARY KEY REFERENCES volume_types (id) ON DELETE CASCADE,
    id               UUID NOT NULL UNIQUE,
    provider         TEXT COLLATE "C" NOT NULL,
    control_location TEXT COLLATE "C" NOT NULL CHECK (control_location IN ('front-end', 'back-end')),
    cipher           TEXT COLLATE "C",
    key_size         INTEGER CHECK (key_size >= 0),
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ
);
