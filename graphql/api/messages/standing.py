"""How people stand in conversations, by the index: read in one statement, so at one block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from api.authorization import Act, check
from api.errors import bad_input
from api.messages.names import ADDRESS, is_direct
from api.reads.snapshot import Reader
from api.reads.standings import Standing, Who
from indexer.units import Address

STANDINGS: Final = text("""
SELECT asked.n, c.block_number AS indexed_block, c.block_hash, g.key IS NOT NULL AS is_group,
    g.is_active, g.mute_all, m.role, m.is_muted,
    m.role IS NULL AND EXISTS (SELECT FROM members_history AS h
        WHERE h.group_key = asked.key AND h.address = asked.address) AS was_member
FROM unnest(CAST(:keys AS bytea[]), CAST(:addresses AS bytea[]))
    WITH ORDINALITY AS asked (key, address, n)
LEFT JOIN cursor AS c ON c.block_hash IS NOT NULL
LEFT JOIN groups AS g ON g.key = asked.key
LEFT JOIN members AS m ON m.group_key = asked.key AND m.address = asked.address
ORDER BY asked.n
""")
"""Served by the primary keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """How an address stands in a conversation while the index stands at `block`; `standing` is None
    in a direct one, whose two may do everything.
    """

    key: bytes
    address: Address
    standing: Standing | None
    block: int | None
    hash: bytes | None

    @property
    def inside(self) -> bool:
        """Whether the address is a party of the conversation now."""
        if self.standing is not None:
            return self.standing.who.value > Who.FORMER_MEMBER.value
        return is_direct(self.key) and self.address in (self.key[:ADDRESS], self.key[ADDRESS:])

    async def require(self, db: Reader, act: Act) -> None:
        """Raises FORBIDDEN with the reason on chain, or BAD_USER_INPUT in a conversation of
        others.
        """
        if self.standing is not None:
            await check(db, act, self.standing)
        elif not self.inside:
            raise bad_input("id", "no such message, or none that you may read")


async def seats(db: Reader, asked: Sequence[tuple[bytes, Address]]) -> Sequence[Seat]:
    """How each address stands in the conversation of that key; all at the same block."""
    keys, addresses = [key for key, _ in asked], [bytes(who) for _, who in asked]
    rows = await db.rows(STANDINGS.bindparams(keys=keys, addresses=addresses))
    return [
        Seat(
            key=key,
            address=who,
            standing=None if is_direct(key) else Standing.told(key, who, row),
            block=row.indexed_block,
            hash=row.block_hash,
        )
        for (key, who), row in zip(asked, rows, strict=True)
    ]
