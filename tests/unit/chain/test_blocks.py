"""Blocks, logs and transactions from JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.blocks import (
    Log,
    read_header,
    read_logs,
    read_quantity,
    read_receipt,
    read_transaction,
)
from indexer.errors import BadAnswer
from tests.unit.chain.samples import OURS, answer, wire_header, wire_log, wire_transaction

LONG = "0x" + "f" * 17


def test_a_log_becomes_bytes_and_integers() -> None:
    assert read_logs(answer([wire_log()])) == [
        Log(OURS, (b"\x22" * 32, b"\xab" * 32), b"\x01\x02", 5, b"\x05" * 32, b"\x06" * 32, 0, 0)  # type: ignore[arg-type]
    ]


def test_logs_stay_in_the_order_of_the_answer() -> None:
    logs = read_logs(answer([wire_log(logIndex=hex(index)) for index in (3, 1, 2)]))
    assert [log.log_index for log in logs] == [3, 1, 2]


def test_a_log_may_have_no_topics_and_no_data_and_lack_removed() -> None:
    (log,) = read_logs(answer([wire_log(topics=[], data="0x", removed=None, extra=[1])]))
    assert (log.topics, log.data) == ((), b"")


@pytest.mark.parametrize(
    ("told", "time"),
    [
        ("0x64", 100),
        ("100", 100),
        (100, 100),
        (None, None),
        ("", None),
        ("0x", None),
        ("-5", None),
        (-5, None),
        (True, None),
        (1.5, None),
        (["0x64"], None),
        ({"a": 1}, None),
        (LONG, None),
        ("9" * 19, None),
        ("9" * 5000, None),
        (2**63, None),
    ],
)
def test_a_block_timestamp_is_believed_only_when_it_makes_sense(
    told: Any, time: int | None
) -> None:
    assert read_logs(answer([wire_log(blockTimestamp=told)]))[0].block_timestamp == time


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("address", "0x" + "11" * 19, "address"),
        ("address", "0x" + "zz" * 20, "address"),
        ("topics", ["0x22"], "topics"),
        ("topics", ["22" * 33], "begin with 0x"),
        ("topics", ["0x" + "22" * 32] * 5, "topics"),
        ("topics", None, "topics"),
        ("data", "0x0", "data"),
        ("data", "0102", "data"),
        ("data", None, "data"),
        ("blockNumber", "5", "block_number"),
        ("blockNumber", 5, "blockNumber"),
        ("blockNumber", None, "blockNumber"),
        ("blockNumber", LONG, "block_number"),
        ("blockHash", None, "blockHash"),
        ("blockHash", "0X" + "05" * 32, "block_hash"),
        ("transactionHash", "0x" + "0g" * 32, "transaction_hash"),
        ("transactionIndex", "0x80000000", "transaction_index"),
        ("logIndex", "0x", "log_index"),
        ("removed", True, "removed"),
        ("removed", "yes", "removed"),
    ],
)
def test_a_log_with_a_bad_field_is_refused_by_name(field: str, value: Any, named: str) -> None:
    with pytest.raises(BadAnswer, match=f"eth_x.*{named}"):
        read_logs(answer([wire_log(), wire_log(**{field: value})]))


@pytest.mark.parametrize("field", sorted(set(wire_log()) - {"removed"}))
def test_a_log_that_lacks_a_field_is_refused(field: str) -> None:
    wire = wire_log()
    del wire[field]
    with pytest.raises(BadAnswer, match=field):
        read_logs(answer([wire]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.text(max_size=80)
    | st.just("0x" + "a" * 64),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(wire_log())), JSON)
def test_no_value_of_a_log_raises_anything_but_bad_answer(field: str, value: Any) -> None:
    try:
        (log,) = read_logs(answer([wire_log(**{field: value})]))
    except BadAnswer as error:
        assert "\n" not in str(error)
    else:
        assert len(log.address) == 20 and all(len(topic) == 32 for topic in log.topics)
        assert len(log.block_hash) == len(log.transaction_hash) == 32


def test_a_header_becomes_bytes_and_integers() -> None:
    header = read_header(answer(wire_header()))
    assert header is not None
    assert (header.number, header.timestamp) == (5, 100)
    assert (header.hash, header.parent_hash) == (b"\x05" * 32, b"\x04" * 32)
    assert header.logs_bloom == bytes(256)


def test_a_block_that_the_node_does_not_know_is_none() -> None:
    assert read_header(answer(None)) is None
    assert read_transaction(answer(None)) is None
    assert read_receipt(answer(None)) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", None),
        ("number", "0x"),
        ("hash", None),
        ("parentHash", "0x04"),
        ("timestamp", LONG),
        ("logsBloom", None),
        ("logsBloom", "0x00"),
    ],
)
def test_a_header_with_a_bad_field_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadAnswer, match="eth_x"):
        read_header(answer(wire_header(**{field: value})))


def test_a_transaction_becomes_bytes_and_integers() -> None:
    transaction = read_transaction(answer(wire_transaction()))
    assert transaction is not None
    assert (transaction.block_number, transaction.index) == (5, 1)
    assert (transaction.sender, transaction.to) == (b"\xaa" * 20, OURS)
    assert (transaction.input, transaction.value) == (b"\xde\xad\xbe\xef", 2**256 - 1)


def test_calldata_may_be_called_data_and_a_creation_has_no_receiver() -> None:
    wire = wire_transaction(to=None, data="0x01")
    del wire["input"]
    transaction = read_transaction(answer(wire))
    assert transaction is not None
    assert (transaction.to, transaction.input) == (None, b"\x01")


@pytest.mark.parametrize("field", ["blockHash", "blockNumber"])
def test_a_pending_transaction_is_none(field: str) -> None:
    assert read_transaction(answer(wire_transaction(**{field: None}))) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("value", hex(2**256)), ("transactionIndex", None), ("input", "0x0"), ("from", None)],
)
def test_a_transaction_with_a_bad_field_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadAnswer, match="eth_x"):
        read_transaction(answer(wire_transaction(**{field: value})))


def test_a_quantity_is_a_text_and_nothing_else() -> None:
    assert read_quantity(answer("0x01")) == 1
    for value in (1, None, "1", "0x", ["0x1"]):
        with pytest.raises(BadAnswer, match="eth_x"):
            read_quantity(answer(value))
