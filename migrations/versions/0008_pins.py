"""Content that is kept: what refers to it, and how far its pinning is."""

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"

TABLES = """
CREATE TABLE pins (
    cid bytea NOT NULL,
    state smallint NOT NULL,
    size bigint,
    attempts integer NOT NULL,
    last_error text,
    next_try timestamptz,
    queued_at timestamptz NOT NULL DEFAULT now(),
    pinned_at timestamptz,
    verified_at timestamptz,
    unreferenced_since timestamptz,
    CONSTRAINT pins_pkey PRIMARY KEY (cid)
);
CREATE INDEX pins_next_try_idx ON pins (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX pins_state_queued_at_idx ON pins (state, queued_at);
COMMENT ON TABLE pins IS
    'Content that is pinned or shall be; `cid` in version 1, `size` of all its blocks.';
CREATE TABLE pin_references (
    kind smallint NOT NULL,
    key bytea NOT NULL,
    cid bytea,
    digest bytea NOT NULL,
    CONSTRAINT pin_references_pkey PRIMARY KEY (kind, key)
);
CREATE INDEX pin_references_cid_idx ON pin_references (cid) WHERE cid IS NOT NULL;
COMMENT ON TABLE pin_references IS
    'What refers to content, and the SHA-256 of the text that does; null: to none.';
"""


def upgrade() -> None:
    op.execute(TABLES)
