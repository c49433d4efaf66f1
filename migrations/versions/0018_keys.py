"""Keys of encryption between clients."""

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"

TABLES = """
CREATE TABLE public_keys (
    address bytea NOT NULL,
    fingerprint bytea NOT NULL,
    algorithm text NOT NULL,
    key text NOT NULL,
    message text NOT NULL,
    signature bytea NOT NULL,
    registered_at timestamptz DEFAULT now() NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT public_keys_pkey PRIMARY KEY (address, fingerprint)
);
COMMENT ON TABLE public_keys IS
    'JWKs with the text that their owner''s wallet signed; rows stay when a key ends.';
CREATE TABLE key_epochs (
    group_key bytea NOT NULL,
    block_number bigint NOT NULL,
    log_index integer NOT NULL,
    block_hash bytea NOT NULL,
    key_id bytea NOT NULL,
    opened_by bytea NOT NULL,
    opened_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT key_epochs_pkey PRIMARY KEY (group_key, block_number, log_index, block_hash)
);
COMMENT ON TABLE key_epochs IS
    'Named by the event that changed who is in the group, on its fork.';
CREATE TABLE wrapped_keys (
    group_key bytea NOT NULL,
    block_number bigint NOT NULL,
    log_index integer NOT NULL,
    block_hash bytea NOT NULL,
    recipient bytea NOT NULL,
    fingerprint bytea NOT NULL,
    wrapped bytea NOT NULL,
    sender bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT wrapped_keys_pkey PRIMARY KEY
        (group_key, block_number, log_index, block_hash, recipient, fingerprint)
);
COMMENT ON TABLE wrapped_keys IS
    'An epoch''s key, encrypted by `sender` for one public key of `recipient`.';
"""


def upgrade() -> None:
    op.execute(TABLES)
