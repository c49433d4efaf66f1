"""Finding groups by the words of their names and descriptions."""

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"

LETTERS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
TERMS = rf"""
CREATE FUNCTION search_terms(name text, description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN to_tsvector('simple',
    regexp_replace(
        translate(left(name, 200) || ' ' || left(description, 1000), '.-_/@:', '      '),
        '([{LETTERS}][{LETTERS}]?)', ' \1 ', 'g')
    || ' ' || regexp_replace(
        regexp_replace(left(name, 200) || ' ' || left(description, 1000),
            '(^|[^{LETTERS}])[{LETTERS}]', '\1 ', 'g'),
        '([{LETTERS}][{LETTERS}]?)|[^{LETTERS}]+', ' \1 ', 'g'))
"""
INDEX = """
CREATE INDEX groups_search_idx ON groups USING gin (search_terms(name, description))
"""


def upgrade() -> None:
    op.execute(TERMS)
    op.execute(INDEX)
