"""Which indexes are still to be built; and no statistics of what nobody searches by."""

from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"

TABLE = """
CREATE TABLE late_indexes (
    name text NOT NULL,
    table_name text NOT NULL,
    definition text NOT NULL,
    CONSTRAINT late_indexes_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE late_indexes IS
    'Indexes that a first backfill does without; built and forgotten once it is done.';
"""
UNSEARCHED = {
    "groups": ("avatar", "sources"),
    "groups_history": ("name", "avatar", "description", "sources"),
    "payments": ("title", "description", "sources"),
    "red_packets": ("message", "sources"),
    "events": ("data", "input"),
}
"""Long values, which take longer to compare than everything else that is sampled."""


def upgrade() -> None:
    op.execute(TABLE)
    for table, columns in UNSEARCHED.items():
        changes = ", ".join(f"ALTER COLUMN {column} SET STATISTICS 0" for column in columns)
        op.execute(f"ALTER TABLE {table} {changes}")
