"""What the leading indexer waits for, for people who look."""

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"

TABLE = """
CREATE TABLE waits (
    subject text NOT NULL,
    cause text NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT waits_pkey PRIMARY KEY (subject)
);
COMMENT ON TABLE waits IS
    'What the leading indexer waits for (subject ''''), and which nodes rest, and why.';
"""


def upgrade() -> None:
    op.execute(TABLE)
