"""Facts: blocks, events, the deployment and the cursor."""

from alembic import op

revision: str = "0001"
down_revision: str | None = None

TABLES = """
CREATE TABLE blocks (
    number bigint NOT NULL,
    hash bytea NOT NULL,
    timestamp timestamptz NOT NULL,
    CONSTRAINT blocks_pkey PRIMARY KEY (number)
);
COMMENT ON TABLE blocks IS
    'Blocks that carry facts, that end a batch, or that are near the head.';
CREATE INDEX blocks_hash_idx
    ON blocks USING hash (hash);
CREATE TABLE events (
    block_number bigint NOT NULL,
    log_index integer NOT NULL,
    transaction_index integer NOT NULL,
    transaction_hash bytea NOT NULL,
    contract smallint NOT NULL,
    topic0 bytea,
    topic1 bytea,
    topic2 bytea,
    topic3 bytea,
    data bytea NOT NULL,
    decoded boolean NOT NULL,
    input bytea,
    CONSTRAINT events_pkey PRIMARY KEY (block_number, log_index)
) PARTITION BY RANGE (block_number);
COMMENT ON TABLE events IS
    'Every log of the contracts as it was; `input` is the calldata that caused it.';
CREATE INDEX events_topic0_contract_block_number_log_index_idx
    ON events (topic0, contract, block_number, log_index);
CREATE INDEX events_topic1_block_number_log_index_idx
    ON events (topic1, block_number, log_index);
CREATE INDEX events_topic2_block_number_log_index_idx
    ON events (topic2, block_number, log_index);
CREATE INDEX events_topic3_block_number_log_index_idx
    ON events (topic3, block_number, log_index) WHERE topic3 IS NOT NULL;
CREATE INDEX events_transaction_hash_idx
    ON events USING hash (transaction_hash);
CREATE INDEX events_undecoded_idx
    ON events (block_number, log_index) WHERE NOT decoded;
CREATE TABLE contracts (
    contract smallint NOT NULL,
    address bytea NOT NULL,
    start_block bigint NOT NULL,
    CONSTRAINT contracts_pkey PRIMARY KEY (contract)
);
COMMENT ON TABLE contracts IS
    'The deployment that this database indexes.';
CREATE TABLE cursor (
    one boolean NOT NULL,
    chain_id bigint NOT NULL,
    block_number bigint NOT NULL,
    block_hash bytea,
    block_timestamp timestamptz,
    head_block bigint,
    safe_block bigint,
    finalized_block bigint,
    synced boolean NOT NULL,
    event_count bigint NOT NULL,
    undecoded_count bigint NOT NULL,
    reorg_count bigint NOT NULL,
    CONSTRAINT cursor_pkey PRIMARY KEY (one),
    CONSTRAINT cursor_single_row_check CHECK (one)
);
COMMENT ON TABLE cursor IS
    'How far the index is: one row, moved by each batch in the batch''s own transaction.';
"""


def upgrade() -> None:
    op.execute(TABLES)
