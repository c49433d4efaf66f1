"""What the index leads to: effects to be done, what people were told, and endpoints."""

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"

TABLES = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY,
    key bytea NOT NULL,
    kind smallint NOT NULL,
    webhook bigint NOT NULL,
    payload jsonb NOT NULL,
    block_number bigint NOT NULL,
    block_hash bytea NOT NULL,
    log_index integer NOT NULL,
    finality smallint NOT NULL,
    state smallint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try timestamptz DEFAULT now() NOT NULL,
    busy_until timestamptz,
    last_error text,
    retracts bigint,
    created_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
);
CREATE INDEX outbox_block_number_idx ON outbox (block_number);
CREATE UNIQUE INDEX outbox_effect_idx ON outbox (block_hash, log_index, kind, webhook)
    WHERE retracts IS NULL;
CREATE UNIQUE INDEX outbox_key_idx ON outbox (key);
CREATE INDEX outbox_retracts_idx ON outbox (retracts) WHERE retracts IS NOT NULL;
CREATE INDEX outbox_state_id_idx ON outbox (state, id);
CREATE INDEX outbox_unfinished_idx ON outbox (finality, block_number) WHERE state < 2;
CREATE INDEX outbox_webhook_id_idx ON outbox (webhook, id) WHERE webhook > 0;
COMMENT ON TABLE outbox IS 'Effects of events, written with them; `webhook` 0: people are told.';
CREATE TABLE notifications (
    recipient bytea NOT NULL,
    key bytea NOT NULL,
    kind smallint NOT NULL,
    arguments jsonb NOT NULL,
    block_number bigint NOT NULL,
    block_hash bytea NOT NULL,
    log_index integer NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    read_at timestamptz,
    CONSTRAINT notifications_pkey PRIMARY KEY (recipient, key)
);
CREATE INDEX notifications_block_number_idx ON notifications (block_number);
CREATE INDEX notifications_recipient_created_at_key_idx
    ON notifications (recipient, created_at, key);
COMMENT ON TABLE notifications IS 'What people were told; `key` is that of the effect.';
CREATE TABLE webhooks (
    id bigint GENERATED ALWAYS AS IDENTITY,
    url text NOT NULL,
    secret text NOT NULL,
    kinds jsonb,
    address bytea,
    created_at timestamptz DEFAULT now() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamptz,
    rests_until timestamptz,
    last_error text,
    disabled_at timestamptz,
    CONSTRAINT webhooks_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE webhooks IS 'Endpoints that are told; `kinds` or `address` null: of all.';
"""


def upgrade() -> None:
    op.execute(TABLES)
