"""What texts are found by: words, and of Chinese, Japanese and Korean every pair of letters.

Those languages write no spaces, so a word can begin anywhere; two letters that stand side by side
in what is looked for stand side by side in what is found. The last letter of such a run is a word
by itself, so that a single letter is the beginning of some word wherever it stands.
"""

from typing import Final

from sqlalchemy import DDL, event

from indexer.db.models.base import metadata

LETTERS: Final = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Kana, Han and Hangul, as the regular expressions of Postgres and Python write them."""
TERMS: Final = rf"""
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
"""First the words and the pairs at odd places, then the pairs at even ones. Dots and the like part
words: the parser of Postgres would take `node.js` for the name of a host."""

event.listen(metadata, "before_create", DDL(TERMS))  # type: ignore[no-untyped-call]
