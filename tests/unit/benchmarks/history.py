"""A synthetic chain read back, log by log, with the indexer's own readers."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.archive import Archive
from indexer.chain.blocks import Header, Log, Transaction, read_header, read_logs, read_transaction
from indexer.chain.wire import Answer
from indexer.events.decode import decode
from indexer.events.definitions import Contract, Event


class Told(NamedTuple):
    """A log, what it says, and the transaction that it is of."""

    log: Log
    contract: Contract
    event: Event
    transaction: Transaction


class History:
    """All of a chain; small chains only."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder)
        self.headers = [self._header(number) for number in range(self.archive.head + 1)]
        self.transactions = list(self._transactions())
        self.told = list(self._told())

    def events(self) -> Iterator[Event]:
        """What was said, in the chain's order."""
        return (one.event for one in self.told)

    def _header(self, number: int) -> Header:
        header = read_header(_answer("eth_getBlockByNumber", self.archive.header(number)))
        assert header is not None
        return header

    def _transactions(self) -> Iterator[Transaction]:
        for place in range(self.archive.meta.transactions):
            json = self.archive.transaction(place)
            assert json is not None
            transaction = read_transaction(_answer("eth_getTransactionByHash", json))
            assert transaction is not None
            yield transaction

    def _told(self) -> Iterator[Told]:
        contracts = {
            address: Contract(number) for number, address in self.archive.meta.addresses.items()
        }
        transactions = {one.hash: one for one in self.transactions}
        text = b"[%b]" % bytes(self.archive.logs(0, self.archive.head))
        for log in read_logs(_answer("eth_getLogs", text)):
            contract = contracts[log.address]
            event = decode(contract, log.topics, log.data)
            assert event is not None, f"undecodable: {log}"
            yield Told(log, contract, event, transactions[log.transaction_hash])


def _answer(method: str, json: bytes | memoryview) -> Answer:
    return Answer(method=method, result=msgspec.Raw(bytes(json)))
