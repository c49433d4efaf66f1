"""The API's own way to a node: to ask what a call would do, and nothing else.

The indexer's client (indexer/chain) converges on a chain, doubts what it hears and waits for nodes
that are down; a request of ours has a client waiting. So this one knows few methods, asks each
endpoint once, the last good one first, and gives up soon. What it hears decides no row.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeVar

import aiohttp
import orjson

from indexer.log import get_logger
from indexer.units import Address, to_hex

log = get_logger(__name__)
T = TypeVar("T")

ANSWER_BYTES: Final = 1 << 20
GAS: Final = 10_000_000
"""What running a program may take."""
REVERTED: Final = re.compile(r"revert|invalid opcode|out of gas|stack", re.I)
HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*", re.I)
POOR: Final = re.compile(r"insufficient|not enough|exceeds (?:the )?balance", re.I)


class NodeSilent(Exception):
    """No endpoint gave an answer that can be used."""


class _Refused(Exception):
    """A JSON-RPC error."""

    def __init__(self, error: Any) -> None:
        told = error if isinstance(error, dict) else {"message": error}
        self.words, self.data = str(told.get("message", ""))[:300], _data(told.get("data"))
        self.reverted = self.data is not None or bool(REVERTED.search(self.words))
        super().__init__(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A transaction that is not sent."""

    sender: Address
    to: Address
    data: bytes
    value: int

    def json(self) -> dict[str, str]:
        """As eth_call wants it."""
        return {
            "from": to_hex(self.sender),
            "to": to_hex(self.to),
            "data": to_hex(self.data),
            "value": hex(self.value),
        }


@dataclass(frozen=True, slots=True)
class Passes:
    """The call would succeed, with so much gas."""

    gas: int


@dataclass(frozen=True, slots=True)
class Reverts:
    """The contract would refuse; `data` says why."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Poor:
    """The sender does not have what is to be sent."""

    balance: int


Simulated = Passes | Reverts | Poor


@dataclass(slots=True)
class Node:
    """Some endpoints of one chain; `seconds` is what one of them may take."""

    urls: Sequence[str]
    seconds: float
    concurrency: int
    _session: aiohttp.ClientSession | None = None
    _known: dict[str, int] = field(default_factory=dict)
    _first: int = 0
    _ids: Any = field(default_factory=count)
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.concurrency)

    async def close(self) -> None:
        """Gives up the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def simulate(self, message: Message, chain_id: int) -> Simulated:
        """What the newest block's state makes of the message. Raises NodeSilent."""
        return await self._first_answer(chain_id, lambda url: self._simulated(url, message))

    async def run(self, program: bytes, chain_id: int) -> bytes | None:
        """What a contract that is created by the program in the newest block's state would have as
        its code; None: it reverts. A chance address creates it: contracts may trust that of nobody,
        as one that only simulates. Raises NodeSilent.
        """
        return await self._first_answer(chain_id, lambda url: self._ran(url, program))

    async def _first_answer(self, chain_id: int, ask: Callable[[str], Awaitable[T]]) -> T:
        async with self._free:
            for turn in range(len(self.urls)):
                place = (self._first + turn) % len(self.urls)
                try:
                    async with asyncio.timeout(self.seconds):
                        await self._check_chain(self.urls[place], chain_id)
                        found = await ask(self.urls[place])
                except (aiohttp.ClientError, TimeoutError, ValueError, _Refused) as error:
                    words = str(error) or type(error).__name__
                    log.warning("a node could not simulate a call", node=place + 1, reason=words)
                    continue
                self._first = place
                return found
        raise NodeSilent

    async def _simulated(self, url: str, message: Message) -> Simulated:
        call = message.json()
        asked = (
            ("eth_getBalance", [call["from"], "latest"]),
            ("eth_call", [call, "latest"]),
            ("eth_estimateGas", [call]),
        )
        balance, done, gas = await asyncio.gather(*(self._told(url, *each) for each in asked))
        if isinstance(balance, _Refused):
            raise balance
        if _number(balance) < message.value:
            return Poor(_number(balance))
        for refused in (one for one in (done, gas) if isinstance(one, _Refused)):
            if POOR.search(refused.words) and refused.data is None:
                return Poor(_number(balance))
            if not refused.reverted:
                raise refused
            return Reverts(refused.data or b"")
        return Passes(_number(gas))

    async def _ran(self, url: str, program: bytes) -> bytes | None:
        sender = Address(secrets.token_bytes(20))
        call = {"from": to_hex(sender), "data": to_hex(program), "gas": hex(GAS)}
        told = await self._told(url, "eth_call", [call, "latest"])
        if not isinstance(told, _Refused):
            return _bytes(told)
        if not told.reverted:
            raise told
        return None

    async def _check_chain(self, url: str, chain_id: int) -> None:
        if url not in self._known:
            told = await self._told(url, "eth_chainId", [])
            if isinstance(told, _Refused):
                raise told
            self._known[url] = _number(told)
        if self._known[url] != chain_id:
            raise ValueError(f"it is a node of chain {self._known[url]}, not of {chain_id}")

    async def _told(self, url: str, method: str, params: Sequence[Any]) -> Any:
        """The result, or how the node refused."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        id_ = next(self._ids)
        request = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
        async with self._session.post(url, json=request, allow_redirects=False) as response:
            body = await _bounded(response)
        answer = orjson.loads(body)
        if not isinstance(answer, dict) or answer.get("id") not in (id_, None):
            raise ValueError("what it said is no answer")
        return _Refused(answer["error"]) if answer.get("error") else answer.get("result")


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > ANSWER_BYTES:
            raise ValueError(f"an answer of more than {ANSWER_BYTES} bytes")
    return body


def _number(value: Any) -> int:
    """A hex quantity; raises ValueError."""
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
        raise ValueError(f"{str(value)[:80]!r} is no quantity")
    return int(value, 16)


def _bytes(value: Any) -> bytes:
    """Hex data; raises ValueError."""
    if not isinstance(value, str) or not HEX.fullmatch(value):
        raise ValueError(f"{str(value)[:80]!r} is no data")
    return bytes.fromhex(value[2:])


def _data(data: Any) -> bytes | None:
    """What the contract answered, wherever in an error the node put it; None: nowhere."""
    if isinstance(data, dict):
        inner = (data.get(name) for name in ("data", "result", "output", "originalError"))
        return next((found for one in inner if (found := _data(one)) is not None), None)
    match = HEX.search(data) if isinstance(data, str) else None
    return None if match is None else bytes.fromhex(match[0][2:])
