"""Under which epoch of a group's key a message is encrypted."""

from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE message_parts ADD COLUMN epoch text")
    op.execute(
        """
        COMMENT ON TABLE message_parts IS 'What few messages have: more text than fits beside them,
 mentions, files, an author, an epoch of the group''s key.'
    """.replace("\n ", " ")
    )
