"""The words of known nodes and providers."""

import pytest

from indexer.chain.refusals import Refusal, Unexplained, error_of
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
    (-32000, "too many logs", None),
    (-32005, "Requested range exceeds maximum RPC range limit", None),
    (
        -32602,
        "Invalid params {'range': 'the range 55074203 - 55124202 exceeds the range allowed for "
        "your plan (49999 > 2000).'}",
        2000,
    ),
    (-32000, "logs matched by query exceeds limit of 10000", None),
    (-32000, "GetLogs query must be smaller than size 1024", 1024),
    (-32000, "eth_getLogs range is too large, max is 1k blocks", 1000),
    (-32000, "block range is too wide (maximum 1024)", 1024),
    (-32602, "Maximum allowed number of requested blocks is 3500", 3500),
    (-32000, "block range too large (2000), maximum allowed is 1000 blocks", 1000),
    (-32000, "please limit the query to at most 1000 blocks", 1000),
    (-32000, "Block range limit exceeded. See more details at https://docs.chainstack.com", None),
    (35, "ranges over 10000 blocks are not supported on freetier", 10_000),
    (-32005, "Too many logs requested. Max logs per response is 20000.", None),
    (-32000, "too wide blocks range, the limit is 1000", 1000),
    (-32000, "invalid request: max allowed of rounds in logs query is: 100", None),
    (-32600, "block range too high", None),
    (-32000, "block range is bigger than maxBlockRange", None),
    (-32000, "response size should not greater than 10000000 bytes", None),
    (-32000, "block range greater than 20000 max", 20_000),
    (-32600, "eth_getLogs is limited to a 5 range", 5),
    (-32000, "Cannot create a string longer than 0x1fffffe8 characters", None),
    (-32000, "exceeded maximum number of logs", None),
    (-32000, "query exceeds server limit", None),
    (-32603, "Internal error: Max payload size exceeded", None),
]
TOOK_LONG = [
    "query timed out",
    "Query timeout exceeded.",
    "log query timed out",
    "request timed out",
    "context deadline exceeded",
    "Request timeout on the free tier, please upgrade your tier to the paid one",
]


@pytest.mark.parametrize(("code", "text", "blocks"), TOO_LARGE)
def test_a_range_that_is_too_large_is_understood(code: int, text: str, blocks: int | None) -> None:
    error = error_of("eth_getLogs", Refusal(code=code, text=text))
    assert isinstance(error, RangeTooLarge), error
    assert (error.suggested, error.certain) == (blocks, True)
    assert text.split()[0] in str(error)


@pytest.mark.parametrize("text", TOOK_LONG)
def test_a_question_that_took_too_long_may_be_a_smaller_one_next_time(text: str) -> None:
    error = error_of("eth_getLogs", Refusal(code=-32000, text=text))
    assert isinstance(error, RangeTooLarge) and not error.certain


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
        (-32005, "limit exceeded {'rate': {'allowed_rps': 1, 'backoff_seconds': 30.0}}", 30.0),
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
        "block 123 not yet available",
    ],
)
def test_a_node_that_lacks_a_block_is_behind(text: str) -> None:
    assert isinstance(error_of("eth_getLogs", Refusal(code=-32000, text=text)), NodeBehind)


@pytest.mark.parametrize("text", ["internal error", "execution reverted", "", "invalid argument 0"])
def test_other_errors_are_bad_answers_with_the_nodes_words(text: str) -> None:
    error = error_of("eth_getLogs", Refusal(code=-32603, text=text))
    assert type(error) is Unexplained
    assert str(error) == f'eth_getLogs: the node answered "{text}" (code -32603)'
    assert type(error_of("eth_call", Refusal(code=-32603, text=text))) is BadAnswer


def test_only_logs_have_a_range() -> None:
    assert type(error_of("eth_call", Refusal(code=0, text="query timed out"))) is BadAnswer


def test_a_long_text_of_several_lines_becomes_one_short_line() -> None:
    error = error_of("eth_call", Refusal(code=0, text="a\nb\r\n" * 1000))
    assert "\n" not in str(error) and len(str(error)) < 400
