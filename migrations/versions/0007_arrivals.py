"""In which order observations came to be known: subscribers are told of those that are new."""

from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"

ORDER = """
ALTER TABLE observations ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX observations_number_idx ON observations (number);
"""


def upgrade() -> None:
    op.execute(ORDER)
