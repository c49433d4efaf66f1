"""Where in a conversation a block begins, found without reading what lies between."""

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"

FUNCTION = """
CREATE FUNCTION message_floor(of_conversation bigint, block bigint) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    low bigint;
    high bigint;
    middle bigint;
    probe record;
BEGIN
    SELECT (extract(epoch FROM sent_at) * 1000000)::bigint AS micros, block_number
        INTO probe FROM messages
        WHERE conversation = of_conversation ORDER BY sent_at DESC LIMIT 1;
    IF NOT FOUND OR probe.block_number < block THEN
        RETURN NULL;
    END IF;
    high := probe.micros;
    SELECT (extract(epoch FROM sent_at) * 1000000)::bigint INTO low FROM messages
        WHERE conversation = of_conversation ORDER BY sent_at LIMIT 1;
    WHILE low < high LOOP
        middle := (low + high) / 2;
        SELECT (extract(epoch FROM sent_at) * 1000000)::bigint AS micros, block_number
        INTO probe FROM messages
            WHERE conversation = of_conversation
                AND sent_at >= to_timestamp(0) + middle * interval '1 microsecond'
            ORDER BY sent_at LIMIT 1;
        IF probe.block_number >= block THEN
            high := middle;
        ELSE
            low := probe.micros + 1;
        END IF;
    END LOOP;
    RETURN to_timestamp(0) + high * interval '1 microsecond';
END $$;
COMMENT ON FUNCTION message_floor IS
    'From when on all messages are of that block or later ones, and before none; NULL: never.'
"""


def upgrade() -> None:
    op.execute(FUNCTION)
