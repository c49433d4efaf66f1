"""What an undo took back: for subscribers, who have to be told."""

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"

TABLES = """
CREATE TABLE reversals (
    number bigint GENERATED ALWAYS AS IDENTITY,
    first_block bigint NOT NULL,
    last_block bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    kept boolean NOT NULL,
    retracted bigint NOT NULL,
    CONSTRAINT reversals_pkey PRIMARY KEY (number)
);
CREATE INDEX reversals_kept_idx ON reversals (number) WHERE kept;
COMMENT ON TABLE reversals IS
    'Each time that blocks left the index, in order; `kept`: what they held is known.';
CREATE TABLE retractions (
    reversal bigint NOT NULL,
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
    block_hash bytea NOT NULL,
    block_timestamp timestamptz NOT NULL,
    CONSTRAINT retractions_pkey PRIMARY KEY (reversal, block_number, log_index)
);
COMMENT ON TABLE retractions IS
    'Events that a reversal took out of the index, as clients saw them.';
CREATE TABLE setbacks (
    reversal bigint NOT NULL,
    contract smallint NOT NULL,
    key bytea NOT NULL,
    "row" jsonb,
    CONSTRAINT setbacks_pkey PRIMARY KEY (reversal, contract, key)
);
COMMENT ON TABLE setbacks IS
    'What a reversal set back; `row`: how a thing stood that it took away altogether.';
"""


def upgrade() -> None:
    op.execute(TABLES)
