"""Files that people attach to what they write."""

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"

TABLES = """
CREATE TABLE files (
    id bigint GENERATED ALWAYS AS IDENTITY,
    owner bytea NOT NULL,
    cid bytea NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    private boolean NOT NULL,
    thumbnail bytea,
    width integer,
    height integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT files_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX files_owner_cid_private_name_idx ON files (owner, cid, private, name);
COMMENT ON TABLE files IS
    'Whole files; `cid` in version 1. A private one is kept where no gateway looks.';
CREATE TABLE file_uses (
    file bigint NOT NULL,
    conversation bigint NOT NULL,
    sent_at timestamptz NOT NULL,
    CONSTRAINT file_uses_pkey PRIMARY KEY (file, conversation, sent_at)
);
CREATE INDEX file_uses_conversation_sent_at_idx ON file_uses (conversation, sent_at);
COMMENT ON TABLE file_uses IS
    'The messages that a file is attached to: who may read one of them may have it.';
CREATE TABLE uploads (
    id bytea NOT NULL,
    owner bytea NOT NULL,
    name text NOT NULL,
    declared_type text NOT NULL,
    private boolean NOT NULL,
    length bigint NOT NULL,
    received bigint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    file bigint,
    CONSTRAINT uploads_pkey PRIMARY KEY (id)
);
CREATE INDEX uploads_owner_idx ON uploads (owner);
CREATE INDEX uploads_expires_at_idx ON uploads (expires_at);
COMMENT ON TABLE uploads IS
    'Files on their way in, piece by piece; `file`: what became of it.';
"""


def upgrade() -> None:
    op.execute(TABLES)
