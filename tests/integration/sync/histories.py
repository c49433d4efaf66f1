"""Transactions at random, as a chain carries them: known events, unknown ones and garbage."""

from random import Random
from typing import Any, Final

from indexer.events.calls import CALLS, Call
from indexer.events.definitions import EVENTS, Contract, Event
from indexer.units import Address
from tests.fakes import FakeChain, LogSpec, Sent
from tests.unit.events import encodings
from tests.unit.projections import chance

ADDRESSES: Final = {
    Contract.GROUP_CHAT: Address(b"\xc0" * 20),
    Contract.GROUP_PAYMENT: Address(b"\xc1" * 20),
    Contract.RED_PACKET: Address(b"\xc2" * 20),
}
STRANGER: Final = b"\xee" * 20
SPECS: Final[dict[type[Event], Any]] = {spec.cls: spec for spec in EVENTS}
CALLS_BY_CLASS: Final[dict[type[Call], Any]] = {spec.cls: spec for spec in CALLS}


def log_of(contract: Contract, event: Event) -> LogSpec:
    """The log that the contract writes."""
    spec = SPECS[type(event)]
    wire = encodings.log(spec, [getattr(event, field) for field in event.__struct_fields__])
    return ADDRESSES[contract], (spec.topic0, *wire.topics), wire.data


def calldata(call: Call) -> bytes:
    """The input of a direct call."""
    spec = CALLS_BY_CLASS[type(call)]
    values = [getattr(call, field) for field in call.__struct_fields__]
    return bytes(spec.selector) + encodings.encoded(spec.inputs, values)


def sent(contract: Contract, *events: Event, call: Call | None = None) -> Sent:
    """A transaction to the contract, which emits these events."""
    logs = [log_of(contract, event) for event in events]
    data = calldata(call) if call else b"\x12\x34\x56\x78"
    return Sent(to=ADDRESSES[contract], input=data, logs=logs)


def transaction(dice: Random) -> Sent:
    """One to four events of one contract; now and then something that cannot be decoded."""
    contract = dice.choice(list(Contract))
    told = [chance.event(dice, chance.spec(dice, contract)) for _ in range(dice.randint(1, 4))]
    calls = [call for _, call in told if call is not None]
    made = sent(contract, *(event for event, _ in told), call=calls[0] if calls else None)
    if dice.random() < 0.2:
        return Sent(to=made.to, input=made.input, logs=[*made.logs, noise(dice, contract)])
    return made


def noise(dice: Random, contract: Contract) -> LogSpec:
    """A log that is kept raw, or not at all where it is a stranger's."""
    known = chance.spec(dice, contract).topic0
    address = dice.choice([ADDRESSES[contract], STRANGER])
    topics = dice.choice([(), (dice.randbytes(32),), (known,), (known, *[dice.randbytes(32)] * 3)])
    return address, topics, dice.randbytes(dice.choice([0, 1, 31, 32, 96]))


def mine(chain: FakeChain, dice: Random, blocks: int, *, busy: float = 0.6) -> None:
    """Appends blocks, of which the `busy` part carries transactions."""
    for _ in range(blocks):
        count = dice.randint(1, 3) if dice.random() < busy else 0
        chain.mine(transactions=[transaction(dice) for _ in range(count)])
