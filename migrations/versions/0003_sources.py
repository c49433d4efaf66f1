"""Where what no event carries comes from: of each input, and of each field made of it."""

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"

COLUMNS = """
ALTER TABLE events ADD COLUMN input_source smallint;
UPDATE events SET input_source = 0 WHERE input IS NOT NULL;
COMMENT ON TABLE events IS
    'Every log of the contracts as it was; `input` is what was found of its cause.';
ALTER TABLE groups ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
ALTER TABLE groups ALTER COLUMN sources DROP DEFAULT;
ALTER TABLE groups_history ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
ALTER TABLE groups_history ALTER COLUMN sources DROP DEFAULT;
ALTER TABLE payments ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
ALTER TABLE payments ALTER COLUMN sources DROP DEFAULT;
ALTER TABLE red_packets ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
ALTER TABLE red_packets ALTER COLUMN sources DROP DEFAULT;
"""


def upgrade() -> None:
    op.execute(COLUMNS)
