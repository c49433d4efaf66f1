"""How people want to be told: their language and quiet hours, browsers, and e-mail."""

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"

ORDER = """
ALTER TABLE notifications ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE notifications ADD COLUMN mail bigint;
DROP INDEX notifications_recipient_created_at_key_idx;
CREATE UNIQUE INDEX notifications_recipient_number_idx ON notifications (recipient, number);
CREATE INDEX notifications_unread_idx ON notifications (recipient, kind) WHERE read_at IS NULL;
CREATE INDEX notifications_unmailed_idx ON notifications (recipient) WHERE mail = 0;
CREATE INDEX notifications_created_at_idx ON notifications (created_at);
"""
ENDPOINTS = """
ALTER TABLE webhooks ADD COLUMN channel smallint DEFAULT 3 NOT NULL;
ALTER TABLE webhooks ADD COLUMN p256dh bytea;
ALTER TABLE webhooks ADD COLUMN auth bytea;
CREATE INDEX webhooks_address_channel_idx ON webhooks (address, channel);
CREATE UNIQUE INDEX webhooks_browser_idx ON webhooks (url) WHERE channel = 1;
COMMENT ON TABLE webhooks IS
    'Endpoints that are told, and browsers; `kinds` or `address` null: of all.';
"""
PEOPLE = """
CREATE TABLE notification_settings (
    address bytea NOT NULL,
    locale text DEFAULT 'en' NOT NULL,
    zone text DEFAULT 'UTC' NOT NULL,
    quiet_from smallint,
    quiet_until smallint,
    CONSTRAINT notification_settings_pkey PRIMARY KEY (address)
);
COMMENT ON TABLE notification_settings IS
    'How people want to be told; quiet from a minute of their day until another.';
CREATE TABLE notification_choices (
    address bytea NOT NULL,
    channel smallint NOT NULL,
    kind smallint NOT NULL,
    CONSTRAINT notification_choices_pkey PRIMARY KEY (address, channel, kind)
);
COMMENT ON TABLE notification_choices IS 'What people do not want to hear of, by channel.';
CREATE TABLE mailboxes (
    address bytea NOT NULL,
    email text NOT NULL,
    pause integer DEFAULT 60 NOT NULL,
    token bytea NOT NULL,
    code bytea NOT NULL,
    asked_at timestamptz DEFAULT now() NOT NULL,
    verified_at timestamptz,
    mailed_at timestamptz,
    CONSTRAINT mailboxes_pkey PRIMARY KEY (address)
);
CREATE UNIQUE INDEX mailboxes_code_idx ON mailboxes (code);
CREATE UNIQUE INDEX mailboxes_token_idx ON mailboxes (token);
COMMENT ON TABLE mailboxes IS
    'E-mail addresses; `code` verifies, `token` unsubscribes; `pause` in minutes.';
CREATE TABLE mails (
    id bigint GENERATED ALWAYS AS IDENTITY,
    address bytea NOT NULL,
    email text NOT NULL,
    verifies boolean NOT NULL,
    state smallint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try timestamptz DEFAULT now() NOT NULL,
    last_error text,
    created_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    CONSTRAINT mails_pkey PRIMARY KEY (id)
);
CREATE INDEX mails_due_idx ON mails (next_try) WHERE state < 2;
CREATE INDEX mails_address_created_at_idx ON mails (address, created_at);
COMMENT ON TABLE mails IS
    'E-mails to be sent: of the notifications that name them, or to verify an address.';
"""


def upgrade() -> None:
    op.execute(ORDER)
    op.execute(ENDPOINTS)
    op.execute(PEOPLE)
