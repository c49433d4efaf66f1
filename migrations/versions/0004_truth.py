"""What was seen of the contracts' state, how it is known that no log is missing, and verdicts."""

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"

TABLES = """
CREATE TABLE observations (
    key bytea NOT NULL,
    kind smallint NOT NULL,
    address bytea NOT NULL,
    block_number bigint NOT NULL,
    block_hash bytea NOT NULL,
    answer bytea,
    origin smallint NOT NULL,
    CONSTRAINT observations_pkey PRIMARY KEY (key, kind, address, block_number)
);
CREATE INDEX observations_block_number_idx ON observations (block_number);
COMMENT ON TABLE observations IS
    'What a view answered at the end of a block, where no event tells; null: it refused.';
CREATE TABLE completeness (
    first_block bigint NOT NULL,
    last_block bigint NOT NULL,
    proof smallint NOT NULL,
    CONSTRAINT completeness_pkey PRIMARY KEY (first_block)
);
CREATE INDEX completeness_last_block_idx ON completeness (last_block);
COMMENT ON TABLE completeness IS 'How it is known of each range of blocks that no log is missing.';
CREATE TABLE audits (
    contract smallint NOT NULL,
    at timestamptz NOT NULL,
    block_number bigint NOT NULL,
    block_hash bytea NOT NULL,
    compared bigint NOT NULL,
    not_compared bigint NOT NULL,
    differences bigint NOT NULL,
    repaired bigint NOT NULL,
    findings jsonb NOT NULL,
    CONSTRAINT audits_pkey PRIMARY KEY (contract, at)
);
COMMENT ON TABLE audits IS 'Verdicts: the index compared with the contracts'' own views.';
"""


def upgrade() -> None:
    op.execute(TABLES)
