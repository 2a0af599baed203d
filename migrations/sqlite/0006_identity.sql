-- What the development identity (auth.strategy = dev) has to remember. Users, projects and roles are settings.

-- The key that signs tokens: made once, shared by all processes.
CREATE TABLE identity_keys (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens that were revoked, by audit id, and application credentials that were deleted, until no token of theirs can be valid.
CREATE TABLE identity_revocations (
    id         TEXT NOT NULL PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE application_credentials (
    id           BLOB NOT NULL PRIMARY KEY,
    user_id      TEXT NOT NULL,
    project_id   TEXT NOT NULL,
    name         TEXT NOT NULL,
    description  TEXT,
    secret_hash  TEXT NOT NULL,
    roles        TEXT NOT NULL,
    unrestricted INTEGER NOT NULL CHECK (unrestricted IN (0, 1)),
    created_at   TEXT NOT NULL,
    expires_at   TEXT,
    UNIQUE (user_id, name)
) STRICT, WITHOUT ROWID;
