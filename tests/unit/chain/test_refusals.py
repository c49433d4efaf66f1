"""The words of known nodes and providers."""

import pytest

from indexer.chain.refusals import Refusal, error_of
from indexer.errors import BadAnswer, NodeBehind, NodeUnavailable, RangeTooLarge

TOO_LARGE = [
    (-32005, "query returned more than 10000 results. Try with this block range [0x1, 0xa].", 10),
    (-32602, "Query returned more than 10000 results. Try with this block range [0x0, 0x0].", 1),
    (
        -32602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 10,000 block "
        "range and no limit on the response size, or you can request any block range with a cap of "
        "10K logs in the response. Based on your parameters and the response size limit, this "
        "block range should work: [0x0, 0x79bcb3]",
        0x79BCB4,
    ),
    (
        -32600,
        "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. "
        "Based on your parameters, this block range should work: [0x1180fca, 0x1180fd3]. Upgrade "
        "to PAYG for expanded block range.",
        10,
    ),
    (-32000, "Query timeout exceeded. Consider reducing your block range.", None),
    (-32602, "query exceeds max results 20000, retry with the range 100-149", 50),
    (-32602, "query exceeds max block range 100000", 100_000),
    (-32602, "range 1000000 exceeds limit of 10000", 10_000),
    (-32602, "invalid params {'payload': 'range 9009594 is bigger than range limit 2000'}", 2000),
    (-32600, "block range is too wide", None),
    (-32614, "eth_getLogs is limited to a 10,000 range", 10_000),
    (-32614, "eth_getLogs and eth_newFilter are limited to a 10,000 blocks range", 10_000),
    (-32000, "eth_getLogs is limited to 0 - 50000 blocks range", 50_000),
    (-32000, "eth_getLogs is limited to 1024 block range. Please check the parameter", 1024),
    (-32000, "You can make eth_getLogs requests with up to a 2K block range", 2000),
    (-32000, "block range too large", None),
    (-32000, "exceed maximum block range: 5000", 5000),
    (
        -32000,
        "block range is larger than max block range, block range = 5120, max block range = 5000",
        5000,
    ),
    (-32000, "requested too many blocks from 0 to 5000000, maximum is set to 1024", 1024),
    (-32012, "requested range too large", None),
    (
        -32047,
        "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800",
        800,
    ),
    (-32008, "Response is too big", None),
    (-32020, "backend response too large", None),
    (-32000, "Response size is larger than 150MB limit.", None),
    (-32005, "limit exceeded", None),
    (-32000, "query timed out", None),
    (-32000, "too many logs", None),
]


@pytest.mark.parametrize(("code", "text", "blocks"), TOO_LARGE)
def test_a_range_that_is_too_large_is_understood(code: int, text: str, blocks: int | None) -> None:
    error = error_of("eth_getLogs", Refusal(code=code, text=text))
    assert isinstance(error, RangeTooLarge), error
    assert error.suggested == blocks
    assert text.split()[0] in str(error)


@pytest.mark.parametrize(
    ("code", "text", "pause"),
    [
        (429, "slow down", None),
        (-32005, "daily request count exceeded, request rate limited", None),
        (-32005, "project ID request rate exceeded", None),
        (-32016, "over rate limit", None),
        (-32097, "x", None),
        (-32000, "Too Many Requests", None),
        (-32007, "50/second request limit reached - reduce calls per second", None),
        (429, "exceeded its compute units per second capacity. try again in 2s", 2.0),
        (-32000, "rate limited, retry in 250ms", 0.25),
    ],
)
def test_a_throttle_is_no_refusal_of_the_range(code: int, text: str, pause: float | None) -> None:
    error = error_of("eth_getLogs", Refusal(code=code, text=text))
    assert isinstance(error, NodeUnavailable)
    assert error.retry_after == pause


@pytest.mark.parametrize(
    "text",
    [
        "header not found",
        "unknown block",
        "block not found",
        "One of the blocks specified in filter (fromBlock, toBlock or blockHash) cannot be found.",
        "block range extends beyond current head block",
        "requested block is greater than latest",
        "finalized block not found",
        "missing trie node 0a0b (path )",
        "cannot query unfinalized data: after last accepted block 17",
    ],
)
def test_a_node_that_lacks_a_block_is_behind(text: str) -> None:
    assert isinstance(error_of("eth_getLogs", Refusal(code=-32000, text=text)), NodeBehind)


@pytest.mark.parametrize("text", ["internal error", "execution reverted", "", "invalid argument 0"])
def test_other_errors_are_bad_answers_with_the_nodes_words(text: str) -> None:
    error = error_of("eth_getLogs", Refusal(code=-32603, text=text))
    assert type(error) is BadAnswer
    assert str(error) == f'eth_getLogs: the node answered "{text}" (code -32603)'


def test_only_logs_have_a_range() -> None:
    assert type(error_of("eth_call", Refusal(code=0, text="query timed out"))) is BadAnswer


def test_a_long_text_of_several_lines_becomes_one_short_line() -> None:
    error = error_of("eth_call", Refusal(code=0, text="a\nb\r\n" * 1000))
    assert "\n" not in str(error) and len(str(error)) < 400
