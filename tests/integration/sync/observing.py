"""An engine that sees something of the contracts in many blocks: what, the block's hash decides."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from indexer.events import abi, views
from indexer.events.abi import Input
from indexer.events.observations import (
    NOBODY,
    Kind,
    Observation,
    Origin,
    SeenMember,
)
from indexer.sync.batch import Batch, Block
from indexer.sync.fetch import Fetcher
from indexer.units import Address, BlockNumber, Hash32
from tests.unit.events.encodings import encoded
from tests.unit.projections import chance

CLASSES: dict[Kind, Any] = {
    Kind.GROUP: views.SeenGroup,
    Kind.MEMBER: SeenMember,
    Kind.PAYMENT: views.SeenPayment,
    Kind.CROWDFUNDING: views.SeenCrowdfunding,
    Kind.RED_PACKET: views.SeenPacket,
}


class Watchful(Fetcher):
    """Adds observations to every batch, as if the contracts had been asked."""

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        return _seen(await super().stretch(first, last))

    async def linked(self, first: BlockNumber, last: BlockNumber) -> Batch:
        return _seen(await super().linked(first, last))


def _seen(batch: Batch) -> Batch:
    carriers = {row[0] for row in batch.events}
    blocks = [block for block in batch.blocks if block.number in carriers]
    return replace(batch, observations=[one for block in blocks for one in observations(block)])


def observations(block: Block) -> Iterable[Observation]:
    """Up to three, about the few things that there are."""
    dice = Random(block.hash)
    kinds = dice.sample(list(Kind), k=dice.randint(0, 3))
    return [_observation(dice, kind, block) for kind in kinds]


def _observation(dice: Random, kind: Kind, block: Block) -> Observation:
    address = dice.choice(chance.PEOPLE) if kind in (Kind.MEMBER, Kind.JOIN_REQUEST) else NOBODY
    if kind in (Kind.GROUP, Kind.MEMBER, Kind.JOIN_REQUEST):
        key = dice.choice(list(chance.IDS))
    else:
        key = dice.choice(chance.THINGS)
    answer = None if dice.random() < 0.1 else _answer(dice, kind, key, address)
    return Observation(key, kind, address, block.number, block.hash, answer, Origin.AUDIT)


def _answer(dice: Random, kind: Kind, key: Hash32, address: Address) -> bytes:
    match kind:
        case Kind.JOIN_REQUEST:
            return b""
        case Kind.RED_PACKET:
            return _encoded(dice, CLASSES[kind], red_packet_id=key)
        case Kind.RECIPIENTS:
            people = [dice.choice(chance.PEOPLE) for _ in range(dice.randint(0, 4))]
            return encoded([Input(type="address[]")], [people])
        case Kind.PAYMENT:
            return _encoded(dice, CLASSES[kind], payment_id=key)
        case Kind.CROWDFUNDING:
            return _encoded(dice, CLASSES[kind], funding_id=key)
    told = {"group_id": chance.IDS[key]} if kind is Kind.GROUP else {"member": address}
    return (32).to_bytes(32) + _encoded(dice, CLASSES[kind], **told)


def _encoded(dice: Random, cls: Any, **told: Any) -> bytes:
    inputs = abi.inputs(cls)
    chosen = {
        field: _value(dice, field, item)
        for field, item in zip(cls.__struct_fields__, inputs, strict=True)
    }
    return encoded(inputs, list((chosen | told).values()))


def _value(dice: Random, field: str, item: Input) -> Any:
    if item.type == "address[]":
        return [dice.choice(chance.PEOPLE)]
    if field in ("role", "status"):
        return dice.choice([0, 1, 2, 3, 2**200])
    return chance.value(dice, item)
