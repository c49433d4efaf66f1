"""Webhooks that belong to somebody, beside the operator's."""

from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"

COLUMN = """
ALTER TABLE webhooks ADD COLUMN owner bytea;
COMMENT ON TABLE webhooks IS
    'Endpoints that are told, and browsers; `kinds`, `address` null: of all; `owner` null: ours.';
"""


def upgrade() -> None:
    op.execute(COLUMN)
