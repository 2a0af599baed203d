-- What the development identity (auth.strategy = dev) has to remember. Users, projects and roles are settings.

-- The key that signs tokens: made once, shared by all processes.
CREATE TABLE identity_keys (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Tokens that were revoked, by audit id, and application credentials that were deleted, until no token of theirs can be valid.
CREATE TABLE identity_revocations (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE application_credentials (
    id           UUID NOT NULL PRIMARY KEY,
    user_id      TEXT COLLATE "C" NOT NULL,
    project_id   TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    description  TEXT COLLATE "C",
    secret_hash  TEXT COLLATE "C" NOT NULL,
    roles        TEXT COLLATE "C" NOT NULL,
    unrestricted BOOLEAN NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    UNIQUE (user_id, name)
);
