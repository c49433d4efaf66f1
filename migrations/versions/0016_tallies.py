"""Sums that statistics are made of."""

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"

TABLES = """
CREATE TABLE tallied (
    first_block bigint NOT NULL,
    last_block bigint NOT NULL,
    CONSTRAINT tallied_pkey PRIMARY KEY (last_block)
);
COMMENT ON TABLE tallied IS 'The ranges of blocks that tallies are about; none overlap.';
CREATE TABLE tallies (
    last_block bigint NOT NULL,
    subject smallint NOT NULL,
    day date NOT NULL,
    kind smallint NOT NULL,
    status smallint NOT NULL,
    due date,
    n bigint NOT NULL,
    amount numeric NOT NULL,
    other numeric NOT NULL,
    best double precision
);
COMMENT ON TABLE tallies IS
    'What began in a range of blocks less what ended, by day (of the blocks, UTC).';
CREATE INDEX tallies_subject_last_block_idx ON tallies (subject, last_block);
CREATE INDEX tallies_last_block_idx ON tallies (last_block);
"""


def upgrade() -> None:
    op.execute(TABLES)
