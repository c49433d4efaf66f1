"""Messages by the words that they have, the newest first."""

from hashlib import sha256
from typing import Any, Final

from sqlalchemy import any_, bindparam, cast, false, func, select
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, TSQUERY
from sqlalchemy.sql.expression import FromClause

from api.errors import bad_input
from api.paging import Key, Kind, Sort
from api.reads.common import storable, unfiltered
from api.reads.listing import Listing
from api.reads.search import LONGEST, terms
from indexer.db.models import messages

TEXT: Final = 0
FEW: Final = 100
"""Conversations that the index is asked for one by one; of more it is asked for the words alone."""


def search_list(text: str, conversations: list[int]) -> Listing[Any]:
    """The text messages of these conversations that have all the words; served by
    messages_search_idx. Raises BAD_USER_INPUT for a text that is too long.
    """
    wanted = text.strip()
    if len(wanted) > LONGEST:
        raise bad_input("text", f"it has more than {LONGEST} characters", limit=LONGEST)
    mark = sha256(wanted.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Listing(
        name=f"searchMessages.{mark}.{sorted(conversations)}",
        rows=lambda _moment: _found(wanted, conversations),
        sorts={
            "SENT": Sort(f"searchMessages.{mark}", (Key("sent_at", Kind.TIME), Key("conversation")))
        },
        descending=True,
        where=unfiltered,
    )


def _found(text: str, conversations: list[int]) -> FromClause:
    m, words = messages.c, terms(text)
    if not words or not storable(text):
        return select(messages).where(false()).subquery("m")
    looked_up = m.conversation if len(conversations) <= FEW else m.conversation + 0
    within = looked_up == any_(bindparam(None, conversations, ARRAY(BIGINT)))
    plain = (m.kind == TEXT, m.encryption.is_(None), m.deleted_at.is_(None))
    matches = func.search_terms("", m.content).op("@@")(cast(words, TSQUERY))
    return select(messages).where(within, *plain, matches).subquery("m")
