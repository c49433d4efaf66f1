"""Logs become typed events: all of them, exactly, and nothing else does."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.events import decoders
from indexer.events.decode import decode, decoder_for
from indexer.events.definitions import EVENTS, Contract, EventSpec
from indexer.events.definitions.group_chat import GroupCreated, MemberMuted, RoleChanged
from indexer.events.definitions.ownable import Paused
from tests.unit.events import oracle
from tests.unit.events.encodings import Log, arguments, log, logs, words

every_event = pytest.mark.parametrize(
    "spec", {spec.cls: spec for spec in EVENTS}.values(), ids=lambda spec: spec.name
)
TOPIC0 = {(spec.contract, spec.name): spec.topic0 for spec in EVENTS}
KEY, WHO, OTHER = bytes(range(32)), bytes(range(1, 21)), b"\xff" * 20


def word(value: int | bytes) -> bytes:
    return (value if isinstance(value, bytes) else value.to_bytes(32)).rjust(32, b"\0")


@every_event
def test_the_compiled_decoder_reads_what_solidity_encodes_without_help(
    spec: EventSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoders, "general", lambda spec: None)
    decoder = decoders.compiled(spec)

    @given(arguments(spec.inputs))
    @settings(max_examples=50)
    def decodes_alone(values: tuple[Any, ...]) -> None:
        one = log(spec, values)
        event: Any = decoder(*three(one), one.data)
        assert type(event) is spec.cls
        assert tuple(getattr(event, field) for field in event.__struct_fields__) == values

    decodes_alone()


@every_event
@given(data=st.data())
def test_compiled_decoder_general_reading_and_eth_abi_agree_on_every_log(
    spec: EventSpec, data: st.DataObject
) -> None:
    one = data.draw(logs(spec))
    event = decode(spec.contract, (spec.topic0, *one.topics), one.data)
    assert event == decoders.general(spec)(*three(one), one.data)
    assert event in readings_of_eth_abi(spec, one)


def readings_of_eth_abi(spec: EventSpec, one: Log) -> list[Any]:
    """What eth_abi makes of a log. Where it minds only the padding, Solidity minds nothing."""
    make: Any = spec.cls
    try:
        return [make(*oracle.log_values(spec.inputs, one.topics, one.data, strict=True))]
    except oracle.Refused:
        pass
    try:
        return [None, make(*oracle.log_values(spec.inputs, one.topics, one.data, strict=False))]
    except oracle.Refused:
        return [None]


def three(one: Log) -> tuple[bytes | None, bytes | None, bytes | None]:
    topic1, topic2, topic3 = (*one.topics, None, None, None)[:3]
    return topic1, topic2, topic3


@every_event
@given(topics=st.lists(words | st.binary(max_size=70), max_size=6), data=st.binary(max_size=300))
@settings(max_examples=50)
def test_no_bytes_whatever_raise(spec: EventSpec, topics: list[bytes], data: bytes) -> None:
    assert isinstance(decode(spec.contract, (spec.topic0, *topics), data), spec.cls | None)
    assert decode(spec.contract, topics, data) is None


def test_a_log_written_by_hand_decodes() -> None:
    topics = (TOPIC0[Contract.GROUP_CHAT, "GroupCreated"], KEY, word(WHO))
    name = b"caf\xe9\0"
    data = word(64) + word(2**256 - 1) + word(5) + name.ljust(32, b"\0")
    expected = GroupCreated(KEY, name, WHO, 2**256 - 1)  # type: ignore[arg-type]
    assert decode(Contract.GROUP_CHAT, topics, data) == expected


def test_a_string_is_read_without_its_padding_and_wherever_it_lies() -> None:
    topics = (TOPIC0[Contract.GROUP_CHAT, "GroupCreated"], KEY, word(WHO))
    data = word(128) + word(7) + word(0) * 2 + word(3) + b"abc"
    event = decode(Contract.GROUP_CHAT, topics, data)
    assert isinstance(event, GroupCreated)
    assert (event.group_name, event.timestamp) == (b"abc", 7)


@pytest.mark.parametrize(
    ("name", "most"), [("RoleChanged", 2), ("PaymentCreated", 1), ("RedPacketCreated", 2)]
)
def test_an_enum_out_of_its_range_does_not_decode(name: str, most: int) -> None:
    spec = next(spec for spec in EVENTS if spec.name == name)
    topics = (spec.topic0, *[KEY] * (spec.inputs[0].type == "bytes32"), KEY, word(WHO))
    rest = word(0) * (len(spec.inputs) - len(topics))
    assert isinstance(decode(spec.contract, topics, word(most) + rest), spec.cls)
    assert decode(spec.contract, topics, word(most + 1) + rest) is None
    assert decode(spec.contract, topics, word(256) + rest) is None


def test_a_boolean_is_0_or_1() -> None:
    topics = (TOPIC0[Contract.GROUP_CHAT, "MemberMuted"], KEY, word(WHO))
    muted = decode(Contract.GROUP_CHAT, topics, word(1) + word(9))
    assert isinstance(muted, MemberMuted)
    assert muted.muted is True
    assert decode(Contract.GROUP_CHAT, topics, word(2) + word(9)) is None


def test_an_address_with_high_bits_does_not_decode() -> None:
    role_changed = TOPIC0[Contract.GROUP_CHAT, "RoleChanged"]
    data = word(1) + word(9)
    assert isinstance(
        decode(Contract.GROUP_CHAT, (role_changed, KEY, word(WHO)), data), RoleChanged
    )
    assert decode(Contract.GROUP_CHAT, (role_changed, KEY, b"\1" * 32), data) is None
    paused = TOPIC0[Contract.RED_PACKET, "Paused"]
    assert isinstance(decode(Contract.RED_PACKET, (paused,), word(OTHER)), Paused)
    assert decode(Contract.RED_PACKET, (paused,), b"\1" * 32) is None


def test_a_wrong_number_of_topics_does_not_decode() -> None:
    joined = TOPIC0[Contract.GROUP_CHAT, "MemberJoined"]
    for topics in [(joined,), (joined, KEY), (joined, KEY, word(WHO), word(WHO))]:
        assert decode(Contract.GROUP_CHAT, topics, word(1)) is None
    assert decode(Contract.GROUP_CHAT, (), word(1)) is None


def test_an_event_of_one_contract_is_unknown_to_another() -> None:
    joined = TOPIC0[Contract.GROUP_CHAT, "MemberJoined"]
    assert decoder_for(Contract.GROUP_CHAT, joined) is not None
    assert decoder_for(Contract.RED_PACKET, joined) is None
    assert decoder_for(Contract.GROUP_CHAT, None) is None
