"""The chain on disk: JSON that was encoded once, and where in it each block begins.

A folder holds `headers`, `logs` and `transactions` (JSON, each item followed by a comma), `blocks`
and `places` (rows of 64-bit integers), and `meta.json`, which is written last.
"""

import mmap
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from indexer.events.definitions import Contract
from indexer.units import Address, Hash32

COLUMNS: Final = 5
"""Of `blocks`: where headers, logs, transactions begin; how many logs, transactions before."""


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What the chain is. `totals` are what an index of it must hold."""

    chain_id: int
    seed: int
    blocks: int
    events: int
    transactions: int
    addresses: dict[int, bytes]
    creations: dict[int, bytes]
    totals: dict[str, int]

    def address(self, contract: Contract) -> Address:
        return Address(self.addresses[contract])


class Writer:
    """Appends blocks; nothing but the rows of one block is kept in memory."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        names = ("headers", "logs", "transactions", "blocks", "places")
        self._files = {name: (folder / name).open("wb") for name in names}
        self._row = [0] * COLUMNS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None:
            self._files["blocks"].write(array("Q", self._row))
        for file in self._files.values():
            file.close()

    @property
    def transactions(self) -> int:
        """How many there are by now."""
        return self._row[4]

    def append(self, header: bytes, logs: Sequence[bytes], transactions: Sequence[bytes]) -> None:
        """Adds a block."""
        at, places = self._row[2], array("Q")
        for one in transactions:
            places.extend((at, at + len(one)))
            at += len(one) + 1
        self._files["blocks"].write(array("Q", self._row))
        self._files["places"].write(places)
        self._row[0] += self._write("headers", [header])
        self._row[1] += self._write("logs", logs)
        self._row[2] += self._write("transactions", transactions)
        self._row[3] += len(logs)
        self._row[4] += len(transactions)

    def _write(self, name: str, items: Sequence[bytes]) -> int:
        text = b"".join(item + b"," for item in items)
        self._files[name].write(text)
        return len(text)

    def finish(self, meta: Meta) -> None:
        """Marks the folder as whole, in one step: a full disk leaves no half of the mark."""
        written = self._folder / "meta.part"
        written.write_bytes(msgspec.json.encode(meta))
        written.rename(self._folder / "meta.json")


def whole(folder: Path) -> bool:
    """Whether a chain was made to its end, and no file of it lost bytes since."""
    try:
        meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=Meta)
        ends = array("Q", (folder / "blocks").read_bytes()[-8 * COLUMNS :])
        sizes = [(folder / name).stat().st_size for name in ("headers", "logs", "transactions")]
        rows, places = ((folder / name).stat().st_size for name in ("blocks", "places"))
    except (FileNotFoundError, NotADirectoryError, ValueError):  # msgspec's errors are ValueErrors
        return False
    wanted = [*sizes, meta.events, meta.transactions]
    counted = rows == 8 * COLUMNS * (meta.blocks + 1) and places == 16 * meta.transactions
    return counted and ends.tolist() == wanted and (folder / "deployment.json").exists()


class Archive:
    """Reads a folder through the page cache; takes no memory of its own worth speaking of."""

    def __init__(self, folder: Path) -> None:
        self.meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=Meta)
        self._headers = _mapped(folder / "headers")
        self._logs = _mapped(folder / "logs")
        self._transactions = _mapped(folder / "transactions")
        self._blocks: Any = _mapped(folder / "blocks").cast("Q")
        self._places: Any = _mapped(folder / "places").cast("Q")

    @property
    def head(self) -> int:
        """The number of the newest block."""
        return self.meta.blocks - 1

    def header(self, number: int) -> memoryview:
        """The JSON of a block, with the hashes of its transactions."""
        at, upto = self._row(number)[0], self._row(number + 1)[0]
        return self._headers[at : upto - 1]

    def logs(self, first: int, last: int) -> memoryview:
        """The JSON of the blocks' logs, separated by commas."""
        at, upto = self._row(first)[1], self._row(last + 1)[1]
        return self._logs[at : max(at, upto - 1)]

    def transactions(self, number: int) -> memoryview:
        """The JSON of the block's transactions, separated by commas."""
        at, upto = self._row(number)[2], self._row(number + 1)[2]
        return self._transactions[at : max(at, upto - 1)]

    def transaction(self, place: int) -> memoryview | None:
        """The JSON of the transaction of that number, None where there is none."""
        if not 0 <= place < self.meta.transactions:
            return None
        return self._transactions[self._places[2 * place] : self._places[2 * place + 1]]

    def events_before(self, number: int) -> int:
        """How many logs the blocks below this one have."""
        return int(self._row(number)[3])

    def reach(self, first: int, most: int) -> int:
        """The last block up to which there are at most so many logs; at least `first`."""
        wanted = self.events_before(first) + most
        found = bisect_right(range(self.meta.blocks + 1), wanted, key=self.events_before) - 2
        return max(first, min(found, self.head))

    def _row(self, number: int) -> Any:
        return self._blocks[number * COLUMNS : (number + 1) * COLUMNS]


def _mapped(file: Path) -> memoryview:
    with file.open("rb") as opened:
        if file.stat().st_size == 0:
            return memoryview(b"")
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))


def hash_in(json: memoryview, name: bytes) -> Hash32 | None:
    """The hash of that name, which stands near the beginning of the JSON."""
    text = bytes(json[:400])
    at = text.find(b'"' + name + b'":"0x')
    return Hash32(bytes.fromhex(text[at + len(name) + 6 :][:64].decode())) if at >= 0 else None
