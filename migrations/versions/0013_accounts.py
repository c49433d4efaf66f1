"""Who signed in, and what programs ask with in somebody's name."""

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"

TABLES = """
CREATE TABLE sessions (
    id bytea NOT NULL,
    address bytea NOT NULL,
    client text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    used_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (id)
);
CREATE INDEX sessions_address_created_at_idx ON sessions (address, created_at);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
COMMENT ON TABLE sessions IS
    'Signed in until `expires_at`, or revoked; `client` is what its program says it is.';
CREATE TABLE refresh_tokens (
    digest bytea NOT NULL,
    session bytea NOT NULL,
    issued_at timestamptz DEFAULT now() NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (digest)
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session);
COMMENT ON TABLE refresh_tokens IS
    'Each is good for once; one that comes again revokes its session.';
CREATE TABLE api_keys (
    id bytea NOT NULL,
    digest bytea NOT NULL,
    address bytea NOT NULL,
    name text NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX api_keys_digest_idx ON api_keys (digest);
CREATE INDEX api_keys_address_created_at_idx ON api_keys (address, created_at);
COMMENT ON TABLE api_keys IS 'What programs ask with in the name of `address`.';
"""


def upgrade() -> None:
    op.execute(TABLES)
