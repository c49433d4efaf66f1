"""Accounts that are being erased, and what erases their messages."""

from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"

TABLE = """
CREATE TABLE erasures (
    address bytea NOT NULL,
    asked_at timestamptz NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (address)
);
COMMENT ON TABLE erasures IS
    'Accounts that were deleted and of whose messages from before that some still stand.';
CREATE FUNCTION erase_messages(of_sender bytea, before timestamptz, most integer)
RETURNS TABLE (in_conversation bigint, at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    places bigint[];
    times timestamptz[];
BEGIN
    SELECT array_agg(found.conversation), array_agg(found.sent_at) INTO places, times FROM (
        SELECT m.conversation, m.sent_at FROM messages AS m
        WHERE m.sender = of_sender AND m.sent_at < before LIMIT most) AS found;
    IF places IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM conversations WHERE id = ANY (places) ORDER BY id FOR UPDATE;
    DELETE FROM message_parts AS p USING unnest(places, times) AS one (place, sent)
        WHERE p.conversation = one.place AND p.sent_at = one.sent;
    DELETE FROM reactions AS r USING unnest(places, times) AS one (place, sent)
        WHERE r.conversation = one.place AND r.sent_at = one.sent;
    DELETE FROM file_uses AS u USING unnest(places, times) AS one (place, sent)
        WHERE u.conversation = one.place AND u.sent_at = one.sent;
    DELETE FROM message_pins AS p USING unnest(places, times) AS one (place, sent)
        WHERE p.conversation = one.place AND p.sent_at = one.sent;
    UPDATE conversations SET revision = revision + 1 WHERE id = ANY (places);
    UPDATE messages AS m SET sender = decode(repeat('00', 20), 'hex'), content = '',
        encryption = NULL, has_more = false, client_id = '', revision = c.revision,
        deleted_at = coalesce(m.deleted_at, clock_timestamp())
    FROM unnest(places, times) AS one (place, sent) JOIN conversations AS c ON c.id = one.place
    WHERE m.conversation = one.place AND m.sent_at = one.sent;
    RETURN QUERY SELECT * FROM unnest(places, times);
END $$;
COMMENT ON FUNCTION erase_messages IS
    'Leaves nothing but the places of so many messages of a sender, who is nobody then.';
"""


def upgrade() -> None:
    op.execute(TABLE)
