"""The JSON-RPC methods of the fake node, on a chain of which it may have seen only a part."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.json import encode

from tests.fakes import wire
from tests.fakes.chain import FakeBlock, FakeChain


class RpcError(Exception):
    """A JSON-RPC error object."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.error: dict[str, object] = {"code": code, "message": message}
        if data is not None:
            self.error["data"] = data


class Methods:
    """Answers calls with encoded JSON.

    `traces` off refuses debug_traceTransaction, `receipts` off eth_getBlockReceipts; `views`
    answers eth_call by calldata (what is not there reverts; None: the state is pruned).
    `whole_blocks` off tells only the hashes of a block's transactions, None refuses to tell more.
    `lag` newest blocks are unknown to it; `tags` off refuses "safe" and "finalized"; `max_range`
    and `max_results` limit eth_getLogs, whose refusal says `range_message`.
    """

    def __init__(self, chain: FakeChain) -> None:
        self.chain = chain
        self.chain_id: int | None = None
        self.lag = 0
        self.tags = True
        self.safe_depth = 4
        self.finalized_depth = 8
        self.max_range: int | None = None
        self.max_results: int | None = None
        self.traces = False
        self.receipts = True
        self.whole_blocks: bool | None = True
        self.views: dict[bytes, bytes] | None = {}
        self.range_message = "block range is too wide"
        self._table: dict[str, Callable[..., bytes]] = {
            "eth_chainId": self._chain_id,
            "eth_blockNumber": lambda: encode(hex(self.head)),
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getLogs": self._logs,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getBlockReceipts": self._receipts,
            "eth_call": self._view,
            "debug_traceTransaction": self._trace,
        }

    @property
    def head(self) -> int:
        """The newest block that the node has seen."""
        return max(0, len(self.chain) - 1 - self.lag)

    def answer(self, method: str, params: list[Any]) -> bytes:
        """The JSON of a result; raises RpcError."""
        lacking = (method.startswith("debug_") and not self.traces) or (
            method == "eth_getBlockReceipts" and not self.receipts
        )
        if method not in self._table or lacking:
            raise RpcError(-32601, f"the method {method} does not exist/is not available")
        return self._table[method](*params)

    def _chain_id(self) -> bytes:
        return encode(hex(self.chain.chain_id if self.chain_id is None else self.chain_id))

    def _number(self, tag: str) -> int:
        depths = {"latest": 0, "safe": self.safe_depth, "finalized": self.finalized_depth}
        if tag in ("safe", "finalized") and not self.tags:
            raise RpcError(-39001, f"{tag} block not found")
        if tag in depths:
            return max(0, self.head - depths[tag])
        return int(tag, 16)

    def _seen(self, block: FakeBlock | None) -> FakeBlock | None:
        return block if block is not None and block.number <= self.head else None

    def _block_by_number(self, tag: str, whole: bool = False) -> bytes:
        return self._block(self.chain.block(self._number(tag)), whole)

    def _block_by_hash(self, block_hash: str, whole: bool = False) -> bytes:
        return self._block(self.chain.by_hash(bytes.fromhex(block_hash[2:])), whole)

    def _block(self, block: FakeBlock | None, whole: bool) -> bytes:
        if self._seen(block) is None:
            return b"null"
        assert block is not None
        if whole and self.whole_blocks is None:
            raise RpcError(-32000, "response size should not be greater than 100 bytes")
        return encode(wire.block(block) if whole and self.whole_blocks else wire.header(block))

    def _transaction(self, tx_hash: str) -> bytes:
        found = self.chain.transaction(bytes.fromhex(tx_hash[2:]))
        if found is None or self._seen(found[0]) is None:
            return b"null"
        return encode(wire.transaction(*found))

    def _trace(self, tx_hash: str, _options: Any) -> bytes:
        found = self.chain.transaction(bytes.fromhex(tx_hash[2:]))
        if found is None or self._seen(found[0]) is None:
            raise RpcError(-32000, "transaction not found")
        return encode(wire.trace(found[1]))

    def _view(self, call: dict[str, str], at: dict[str, str]) -> bytes:
        if self._seen(self.chain.by_hash(bytes.fromhex(at["blockHash"][2:]))) is None:
            raise RpcError(-32000, "header for hash not found")
        if self.views is None:
            raise RpcError(-32000, "missing trie node 1234 (path ) state 0x1234 is not available")
        answer = self.views.get(bytes.fromhex(call["data"][2:]))
        if answer is None:
            raise RpcError(3, "execution reverted", "0x")
        return encode(wire.hexed(answer))

    def _receipt(self, tx_hash: str) -> bytes:
        found = self.chain.transaction(bytes.fromhex(tx_hash[2:]))
        if found is None or self._seen(found[0]) is None:
            return b"null"
        return encode(wire.receipt(*found))

    def _receipts(self, tag: str) -> bytes:
        block = self._seen(self.chain.block(self._number(tag)))
        return encode(None if block is None else wire.receipts(block))

    def _logs(self, query: dict[str, Any]) -> bytes:
        found = [
            line
            for block in self._asked(query)
            for line in self._of_block(block, query.get("address"), query.get("topics") or [])
        ]
        if self.max_results is not None and len(found) > self.max_results:
            raise RpcError(-32005, f"query returned more than {self.max_results} results")
        return b"[" + b",".join(found) + b"]"

    def _asked(self, query: dict[str, Any]) -> Iterator[FakeBlock]:
        if "blockHash" in query:
            block = self._seen(self.chain.by_hash(bytes.fromhex(query["blockHash"][2:])))
            if block is None:
                raise RpcError(-32000, "unknown block")
            return iter([block])
        first = self._number(query.get("fromBlock", "latest"))
        last = self._number(query.get("toBlock", "latest"))
        if self.max_range is not None and last - first + 1 > self.max_range:
            raise RpcError(-32600, self.range_message)
        return (self.chain[number] for number in range(first, min(last, self.head) + 1))

    def _of_block(self, block: FakeBlock, address: Any, topics: list[Any]) -> Iterator[bytes]:
        if not block.logs:
            return
        if block.encoded is None:
            timestamp = self.chain.block_timestamps
            block.encoded = [wire.log(block, one, timestamp=timestamp) for one in block.logs]
        wanted = _bytes_of(address)
        for one, line in zip(block.logs, block.encoded, strict=True):
            if (wanted is None or one.address in wanted) and _matches(one.topics, topics):
                yield line


def _bytes_of(item: Any) -> set[bytes] | None:
    """The alternatives of a filter: a hex text, a list of them, or anything (None)."""
    if item is None:
        return None
    return {bytes.fromhex(text[2:]) for text in ([item] if isinstance(item, str) else item)}


def _matches(topics: tuple[bytes, ...], wanted: list[Any]) -> bool:
    if len(wanted) > len(topics):
        return False
    sets = [_bytes_of(item) for item in wanted]
    return all(s is None or topic in s for topic, s in zip(topics, sets, strict=False))
