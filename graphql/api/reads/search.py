"""Groups by what their names and descriptions say, the best first."""

import re
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from api.errors import bad_input
from api.paging import Key, Sort
from api.reads.common import storable, unfiltered
from api.reads.groups import BORN, groups
from api.reads.listing import Listing
from api.reads.moment import Moment
from indexer.db.models import SEARCHED_LETTERS as LETTERS

LONGEST: Final = 100
"""Characters of what is looked for."""
WORD: Final = re.compile(rf"[{LETTERS}]+|[^\W_{LETTERS}]+")
LETTER: Final = re.compile(rf"[{LETTERS}]")
CLASS: Final = 10**8
"""What lies between two ranks; members count within one."""


def search_list(text: str) -> Listing[Any]:
    """The groups that have all the words, by rank; where there are none, those whose name resembles
    the text. Raises BAD_USER_INPUT for a text that is too long.

    Ranks: the name is the text, begins with it, holds it, or the words are somewhere in the name
    and description; among equals the group with more members is first.
    """
    wanted = text.strip()
    if len(wanted) > LONGEST:
        raise bad_input("text", f"it has more than {LONGEST} characters", limit=LONGEST)
    mark = sha256(wanted.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Listing(
        name=f"searchGroups.{wanted}",
        rows=lambda moment: _found(moment, wanted),
        sorts={"RANK": Sort(f"searchGroups.{mark}", (Key("rank"), *BORN))},
        descending=True,
        where=unfiltered,
    )


def terms(text: str) -> str:
    """The text as a tsquery: each word may be the beginning of one."""
    return " & ".join(f"'{term}':*" for word in WORD.findall(text.lower()) for term in _parts(word))


def _parts(word: str) -> list[str]:
    """A word, or the pairs of letters that it consists of."""
    if not LETTER.match(word) or len(word) == 1:
        return [word]
    return [word[n : n + 2] for n in range(len(word) - 1)]


def _found(moment: Moment, text: str) -> FromClause:
    """Served by groups_search_idx, and by groups_name_trgm_idx where that finds nothing."""
    rows, wanted = groups(moment), terms(text)
    if not wanted or not storable(text):
        return select(rows, literal(0, BigInteger).label("rank")).where(false()).subquery("g")
    matches = func.search_terms(rows.c.name, rows.c.description).op("@@")(cast(wanted, TSQUERY))
    members = func.least(rows.c.member_count, CLASS - 1)
    rank = cast(_class(rows.c.name, text.lower()) * CLASS + members, BigInteger).label("rank")
    full = select(rows, rank).where(matches).cte("matching").prefix_with("MATERIALIZED")
    like = cast(func.word_similarity(text, rows.c.name) * (CLASS - 1), BigInteger).label("rank")
    resembling = select(rows, like).where(
        rows.c.name.op("%>")(bindparam(None, text, unique=True)), ~select(full).exists()
    )
    return union_all(select(full), resembling).subquery("g")


def _class(name: ColumnElement[str], text: str) -> ColumnElement[Any]:
    lower = func.lower(name)
    return case(
        (lower == text, 4),
        (func.starts_with(lower, text), 3),
        (func.strpos(lower, text) > 0, 2),
        else_=1,
    )
