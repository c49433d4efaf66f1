"""Finding the notifications of an e-mail, and how many an e-mail address was sent."""

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"

INDEXES = """
DROP INDEX notifications_unmailed_idx;
CREATE INDEX notifications_mail_idx ON notifications (recipient, mail) WHERE mail IS NOT NULL;
CREATE INDEX mails_email_created_at_idx ON mails (email, created_at);
"""


def upgrade() -> None:
    op.execute(INDEXES)
