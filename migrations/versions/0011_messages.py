"""What people write: conversations, messages by month, and what hangs on them."""

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"

TABLES = """
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE TABLE conversations (
    id bigint GENERATED ALWAYS AS IDENTITY,
    key bytea NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL DEFAULT now(),
    last_block bigint NOT NULL DEFAULT -1,
    revision bigint NOT NULL DEFAULT 0,
    CONSTRAINT conversations_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX conversations_key_idx ON conversations (key);
COMMENT ON TABLE conversations IS
    '`key`: a group''s, or the two addresses of a direct one in order. `last_block`: the'
    ' highest that the index had when something was sent.';
CREATE TABLE parties (
    address bytea NOT NULL,
    conversation bigint NOT NULL,
    CONSTRAINT parties_pkey PRIMARY KEY (address, conversation)
);
COMMENT ON TABLE parties IS
    'The two who are in a direct conversation; those of a group are its members.';
CREATE TABLE messages (
    conversation bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    seq bigint NOT NULL,
    sender bytea NOT NULL,
    kind smallint NOT NULL,
    content text NOT NULL,
    encryption text,
    reply_to timestamptz,
    block_number bigint NOT NULL,
    edited_at timestamptz,
    deleted_at timestamptz,
    has_more boolean NOT NULL,
    revision bigint NOT NULL,
    client_id text NOT NULL
) PARTITION BY RANGE (sent_at);
CREATE UNIQUE INDEX messages_shown_idx ON messages (conversation, sent_at)
    INCLUDE (seq, sender, kind, content, encryption, reply_to, block_number, edited_at, deleted_at,
        has_more, revision);
CREATE INDEX messages_sender_conversation_client_id_idx
    ON messages (sender, conversation, client_id);
CREATE INDEX messages_search_idx
    ON messages USING gin (conversation, search_terms(''::text, content))
    WHERE kind = 0 AND encryption IS NULL AND deleted_at IS NULL;
COMMENT ON TABLE messages IS
    '`block_number`: where the index stood when it was checked that the sender may write;'
    ' `seq` counts within the conversation without gaps.';
CREATE TABLE message_parts (
    conversation bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    rest text,
    mentions bytea[],
    files bigint[],
    forwarded_from bytea,
    CONSTRAINT message_parts_pkey PRIMARY KEY (conversation, sent_at)
) PARTITION BY RANGE (sent_at);
COMMENT ON TABLE message_parts IS
    'What few messages have: more text than fits beside them, mentions, files, an author.';
CREATE TABLE reactions (
    conversation bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    emoji text NOT NULL,
    address bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reactions_pkey PRIMARY KEY (conversation, sent_at, emoji, address)
) PARTITION BY RANGE (sent_at);
COMMENT ON TABLE reactions IS
    'Who reacted to a message (named by when it was sent), and how.';
CREATE TABLE message_pins (
    conversation bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    pinned_by bytea NOT NULL,
    pinned_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT message_pins_pkey PRIMARY KEY (conversation, sent_at)
);
COMMENT ON TABLE message_pins IS 'Messages that are kept at hand in their conversation.';
CREATE TABLE receipts (
    conversation bigint NOT NULL,
    reader bytea NOT NULL,
    sent_at timestamptz NOT NULL,
    delivered_at timestamptz,
    read_at timestamptz,
    CONSTRAINT receipts_pkey PRIMARY KEY (conversation, reader, sent_at)
);
COMMENT ON TABLE receipts IS
    'Up to which message somebody had everything, or had read it, and since when.';
"""


def upgrade() -> None:
    op.execute(TABLES)
