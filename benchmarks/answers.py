"""The JSON-RPC methods of the benchmark's node: pieces of encoded JSON, joined by nobody."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import msgspec

from benchmarks import wire
from benchmarks.archive import Archive, hash_in

Piece = bytes | memoryview
LIMIT: Final = 10_000
"""Logs that one answer may have, as with Alchemy and Infura."""
SAFE, FINALIZED = 32, 64


class Refused(Exception):
    """A JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Query(msgspec.Struct, rename="camel"):
    """The argument of eth_getLogs. A topic is one, a list of alternatives, or null for any."""

    from_block: str = "latest"
    to_block: str = "latest"
    block_hash: str | None = None
    address: str | list[str] | None = None
    topics: list[str | list[str] | None] = []


class _Known(msgspec.Struct, rename="camel"):
    """What a filter looks at in a log."""

    address: str
    topics: list[str]
    transaction_hash: str


_Hex32 = Annotated[str, msgspec.Meta(pattern="^0x[0-9a-fA-F]{64}$")]
_raw: Final = msgspec.json.Decoder(list[msgspec.Raw])
_known: Final = msgspec.json.Decoder(list[_Known])
_transaction: Final = msgspec.json.Decoder(dict[str, Any])


class Answers:
    """Answers calls about one chain."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._ours = {"0x" + one.hex() for one in archive.meta.addresses.values()}
        self._methods: dict[str, Callable[..., Sequence[Piece]]] = {
            "eth_chainId": lambda: [b'"%#x"' % archive.meta.chain_id],
            "net_version": lambda: [b'"%d"' % archive.meta.chain_id],
            "eth_blockNumber": lambda: [b'"%#x"' % archive.head],
            "eth_getBlockByNumber": self._by_number,
            "eth_getBlockByHash": self._by_hash,
            "eth_getLogs": self._logs,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
        }

    def answer(self, method: str, params: list[Any]) -> Sequence[Piece]:
        """The pieces of the result's JSON. Raises Refused."""
        found = self._methods.get(method)
        if found is None:
            raise Refused(-32601, f"the method {method} does not exist/is not available")
        try:
            return found(*params)
        except (TypeError, ValueError) as error:  # msgspec's errors are ValueErrors
            raise Refused(-32602, f"invalid params: {error}") from None

    def _number(self, tag: str) -> int:
        head = self._archive.head
        tags = {"latest": head, "pending": head, "earliest": 0}
        tags |= {"safe": head - SAFE, "finalized": head - FINALIZED}
        return max(0, tags[tag]) if tag in tags else int(tag, 16)

    def _by_number(self, tag: str, full: bool = False) -> Sequence[Piece]:
        return self._block(self._number(tag), full)

    def _by_hash(self, text: str, full: bool = False) -> Sequence[Piece]:
        number = self._numbered(text)
        return [b"null"] if number is None else self._block(number, full)

    def _numbered(self, text: str) -> int | None:
        """The number of the block of that hash."""
        wanted = _bytes32(text)
        number = wire.place_of(wanted)
        if 0 <= number <= self._archive.head:
            return number if hash_in(self._archive.header(number), b"hash") == wanted else None
        return None

    def _block(self, number: int, full: bool) -> Sequence[Piece]:
        if not 0 <= number <= self._archive.head:
            return [b"null"]
        header = self._archive.header(number)
        if not full:
            return [header]
        cut = bytes(header).index(wire.TRANSACTIONS) + len(wire.TRANSACTIONS)
        return [header[:cut], self._archive.transactions(number), b"]}"]

    def _logs(self, query: dict[str, Any]) -> Sequence[Piece]:
        asked = msgspec.convert(query, Query)
        first, last = self._range(asked)
        found = self._archive.logs(first, last) if first <= last else b""
        if not self._all(asked):
            found = _filtered(found, asked)
        return [b"[", found, b"]"]

    def _range(self, asked: Query) -> tuple[int, int]:
        if asked.block_hash is not None:
            number = self._numbered(asked.block_hash)
            if number is None:
                raise Refused(-32000, "unknown block")
            return number, number
        first, last = self._number(asked.from_block), self._number(asked.to_block)
        last = min(last, self._archive.head)
        if first < last:
            self._limit(first, last)
        return first, last

    def _limit(self, first: int, last: int) -> None:
        reach = self._archive.reach(first, LIMIT)
        if reach < last:
            raise Refused(
                -32005,
                f"query returned more than {LIMIT} results. "
                f"Try with this block range [{first:#x}, {reach:#x}].",
            )

    def _all(self, asked: Query) -> bool:
        """Whether the filter lets everything through."""
        addresses = _alternatives(asked.address)
        return not any(asked.topics) and (addresses is None or self._ours <= addresses)

    def _place(self, text: str) -> tuple[int, memoryview] | None:
        """The number and JSON of the transaction of that hash."""
        wanted = _bytes32(text)
        place = wire.place_of(wanted)
        found = self._archive.transaction(place)
        if found is None or hash_in(found, b"hash") != wanted:
            return None
        return place, found

    def _transaction(self, text: str) -> Sequence[Piece]:
        found = self._place(text)
        return [b"null"] if found is None else [found[1]]

    def _receipt(self, text: str) -> Sequence[Piece]:
        """Made anew for each question: a backfill asks for hardly any."""
        found = self._place(text)
        if found is None:
            return [b"null"]
        told = _transaction.decode(found[1])
        number = int(told["blockNumber"], 16)
        logs = b"[%b]" % bytes(self._archive.logs(number, number))
        theirs = [
            raw
            for raw, known in zip(_raw.decode(logs), _known.decode(logs), strict=True)
            if known.transaction_hash == told["hash"]
        ]
        kept = ("blockHash", "blockNumber", "transactionIndex", "from", "to", "type")
        receipt = {name: told[name] for name in kept} | {
            "transactionHash": told["hash"],
            "contractAddress": self._created(told["hash"]),
            "status": "0x1",
            "gasUsed": "0xc350",
            "cumulativeGasUsed": hex(50_000 * (int(told["transactionIndex"], 16) + 1)),
            "effectiveGasPrice": "0x8",
            "logsBloom": "0x" + "00" * 256,
            "logs": theirs,
        }
        return [msgspec.json.encode(receipt)]

    def _created(self, transaction: str) -> str | None:
        meta = self._archive.meta
        made = {"0x" + hash_.hex(): contract for contract, hash_ in meta.creations.items()}
        contract = made.get(transaction)
        return None if contract is None else "0x" + meta.addresses[contract].hex()


def _bytes32(text: str) -> bytes:
    return bytes.fromhex(msgspec.convert(text, _Hex32)[2:])


def _alternatives(item: str | list[str] | None) -> set[str] | None:
    """What a filter lets through; None: anything."""
    if item is None:
        return None
    return {text.lower() for text in ([item] if isinstance(item, str) else item)}


def _filtered(logs: Piece, asked: Query) -> bytes:
    """The logs that the filter lets through; the slow path, for who asks contract by contract."""
    whole = b"[%b]" % bytes(logs)
    addresses = _alternatives(asked.address)
    topics = [_alternatives(item) for item in asked.topics]
    kept = (
        bytes(raw)
        for raw, known in zip(_raw.decode(whole), _known.decode(whole), strict=True)
        if (addresses is None or known.address in addresses) and _passes(known.topics, topics)
    )
    return b",".join(kept)


def _passes(topics: list[str], wanted: list[set[str] | None]) -> bool:
    if len(wanted) > len(topics):
        return False
    return all(one is None or topic in one for topic, one in zip(topics, wanted, strict=False))
