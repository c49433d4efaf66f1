"""Logs → typed events, and typed events → the arguments that people see."""

from collections.abc import Sequence
from typing import Final

from indexer.events.abi import Input
from indexer.events.decoders import Decoder, compiled
from indexer.events.definitions import EVENTS, Contract, Event, EventSpec
from indexer.units import Address, checksum, text, to_hex

COMPILED: Final[dict[type[Event], Decoder]] = {
    cls: compiled(spec) for cls, spec in {spec.cls: spec for spec in EVENTS}.items()
}
DECODERS: Final[dict[Contract, dict[bytes | None, Decoder]]] = {
    contract: {spec.topic0: COMPILED[spec.cls] for spec in EVENTS if spec.contract is contract}
    for contract in Contract
}
SPECS: Final[dict[type[Event], EventSpec]] = {spec.cls: spec for spec in EVENTS}


def decoder_for(contract: Contract, topic0: bytes | None) -> Decoder | None:
    """What decodes such logs of this contract; None where no event of ours has this topic 0."""
    return DECODERS[contract].get(topic0)


def decode(contract: Contract, topics: Sequence[bytes], data: bytes) -> Event | None:
    """The event of a log; None where it is unknown or undecodable. Never raises."""
    if not 1 <= len(topics) <= 4:
        return None
    decoder = DECODERS[contract].get(topics[0])
    if decoder is None:
        return None
    topic1, topic2, topic3 = (*topics[1:], None, None, None)[:3]
    return decoder(topic1, topic2, topic3, data)


def arguments(event: Event) -> dict[str, str | bool]:
    """The arguments under their Solidity names, as JSON.

    Integers are decimal strings, addresses have their checksum, bytes are 0x hex; an indexed string
    is the hex of its keccak-256, another one is text.
    """
    inputs = SPECS[type(event)].inputs
    return {
        item.name: shown(item, getattr(event, field))
        for item, field in zip(inputs, event.__struct_fields__, strict=True)
    }


def shown(item: Input, value: int | bool | bytes) -> str | bool:
    """One value as JSON."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if item.type == "address":
        return checksum(Address(value))
    return text(value) if item.type == "string" and not item.indexed else to_hex(value)
