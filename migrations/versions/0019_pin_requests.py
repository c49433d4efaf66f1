"""What is asked of our pinning service."""

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"

TABLES = """
CREATE TABLE pin_requests (
    id bytea NOT NULL,
    cid bytea NOT NULL,
    asked text NOT NULL,
    name text,
    origins jsonb NOT NULL,
    meta jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pin_requests_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX pin_requests_created_at_idx ON pin_requests (created_at);
COMMENT ON TABLE pin_requests IS
    'What is asked of our pinning service; `cid` in version 1, `asked` as it was written.';
"""


def upgrade() -> None:
    op.execute(TABLES)
