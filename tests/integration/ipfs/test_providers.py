"""Content is pinned where it is set to be, and nobody's word stands for its hash."""

import io
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import (
    BadContent,
    ConfigError,
    ContentUnavailable,
    DchatError,
    TooLarge,
    Unsupported,
)
from indexer.ipfs.building import CHUNK, build
from indexer.ipfs.cid import Cid, Codec
from indexer.ipfs.reading import read
from indexer.settings import Settings
from tests.fakes.ipfs import TOKEN, FakeGateway, FakeKubo, FakePinata, Holder
from tests.fakes.pinning import FakePinningService
from workers.ipfs.pinner import HOLDER, Kept, Pending, Pinner, pinner

DATA = random.Random(1).randbytes(3 * CHUNK + 5)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def gateway(stack: AsyncExitStack) -> FakeGateway:
    return await stack.enter_async_context(FakeGateway())


async def made(stack: AsyncExitStack, folder: Path, **values: Any) -> Pinner:
    plain: dict[str, Any] = {"ipfs_path": folder, "pin_timeout": 10, "pin_token": TOKEN}
    return await stack.enter_async_context(pinner(Settings(**{**plain, **values})))


def held(pins: Pinner, cid: Cid) -> bytes:
    return b"".join(read(cid, pins.pins.store.get))


@pytest.mark.parametrize("version", [0, 1])
async def test_the_embedded_store_fetches_from_gateways_and_keeps(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path, version: int
) -> None:
    cid = gateway.add(DATA, version=version)
    pins = await made(stack, tmp_path, ipfs_gateways=(gateway.url,))
    size = sum(map(len, gateway.blocks.values()))
    assert await pins.pin(cid) == Kept(size=size)
    assert held(pins, cid) == DATA
    await gateway.stop()
    assert await pins.pin(cid) == Kept(size=size), "again, from what is here"
    await pins.unpin(cid)
    await pins.unpin(cid)
    assert pins.pins.holders(cid) == set()


async def test_a_gateway_that_lies_is_passed_over(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path
) -> None:
    honest = await stack.enter_async_context(FakeGateway())
    cid, gateway.lie = honest.add(DATA), b"tea"
    pins = await made(stack, tmp_path / "both", ipfs_gateways=(gateway.url, honest.url))
    await pins.pin(cid)
    assert held(pins, cid) == DATA
    alone = await made(stack, tmp_path / "alone", ipfs_gateways=(gateway.url,))
    with pytest.raises(ContentUnavailable, match="3 bytes came that have another hash"):
        await alone.pin(cid)


@pytest.mark.parametrize(("status", "reason"), [(404, "404"), (500, "500"), (429, "429")])
async def test_what_nobody_gives_may_come_another_time(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path, status: int, reason: str
) -> None:
    cid, gateway.status = gateway.add(DATA), status
    pins = await made(stack, tmp_path, ipfs_gateways=(gateway.url,))
    with pytest.raises(ContentUnavailable, match=f"gateway 1 answered {reason}"):
        await pins.pin(cid)
    gateway.status = None
    assert isinstance(await pins.pin(cid), Kept)


async def test_without_gateways_the_error_says_what_to_set(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    pins = await made(stack, tmp_path)
    with pytest.raises(ContentUnavailable, match="DCHAT_IPFS_GATEWAYS names nobody"):
        await pins.pin(Cid.of(b"tea", Codec.RAW))


async def test_too_much_and_what_cannot_be_read_is_given_up_and_not_held(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path
) -> None:
    cid, odd = gateway.add(DATA), Cid.of(b"\xa0", Codec.DAG_CBOR)
    gateway.put(odd, b"\xa0")
    pins = await made(stack, tmp_path, ipfs_gateways=(gateway.url,), pin_max_size=500_000)
    with pytest.raises(TooLarge):
        await pins.pin(cid)
    with pytest.raises(Unsupported):
        await pins.pin(odd)
    assert pins.pins.holders(cid) | pins.pins.holders(odd) == set()


async def test_an_endless_answer_is_cut_off(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path
) -> None:
    gateway.lie = bytes(5 << 20)
    pins = await made(stack, tmp_path, ipfs_gateways=(gateway.url,))
    with pytest.raises(ContentUnavailable, match="more than 4194304 bytes"):
        await pins.pin(Cid.of(b"tea", Codec.RAW))


async def test_kubo_fetches_pins_and_unpins(stack: AsyncExitStack, tmp_path: Path) -> None:
    kubo = await stack.enter_async_context(FakeKubo())
    cid = kubo.add(DATA)
    pins = await made(stack, tmp_path, pin_backend="kubo", pin_url=kubo.url)
    assert isinstance(await pins.pin(cid), Kept)
    assert (kubo.pinned, held(pins, cid)) == ({cid}, DATA)
    await pins.unpin(cid)
    await pins.unpin(cid)
    assert kubo.pinned == set()
    with pytest.raises(ContentUnavailable, match="context deadline exceeded"):
        await pins.pin(Cid.of(b"nowhere", Codec.RAW))


@pytest.mark.parametrize(("kind", "backend"), [(FakeKubo, "kubo"), (FakePinata, "pinata")])
async def test_what_only_we_hold_is_given_to_the_provider(
    stack: AsyncExitStack, tmp_path: Path, kind: type[Holder], backend: str
) -> None:
    provider = await stack.enter_async_context(kind())
    pins = await made(stack, tmp_path, pin_backend=backend, pin_url=provider.url)
    for data in (DATA, b"", DATA[:CHUNK]):
        cid = build_into(pins, data)
        assert isinstance(await pins.pin(cid), Kept)
        assert cid in provider.pinned and cid.multihash in provider.blocks


def build_into(pins: Pinner, data: bytes) -> Cid:
    return build(io.BytesIO(data), pins.pins.store.put).cid


async def test_kubo_s_blocks_are_verified_too(stack: AsyncExitStack, tmp_path: Path) -> None:
    kubo = await stack.enter_async_context(FakeKubo())
    cid, kubo.lie = kubo.add(DATA), b"tea"
    pins = await made(stack, tmp_path, pin_backend="kubo", pin_url=kubo.url)
    with pytest.raises(ContentUnavailable, match="another hash"):
        await pins.pin(cid)


async def test_a_service_is_asked_once_and_then_how_far_it_is(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path
) -> None:
    service = await stack.enter_async_context(FakePinningService())
    cid = gateway.add(DATA)
    given = {"pin_backend": "service", "pin_url": service.url}
    pins = await made(stack, tmp_path, **given, ipfs_gateways=(gateway.url,))
    for state in ("queued", "pinning"):
        service.move(state)
        assert isinstance(await pins.pin(cid), Pending)
        assert isinstance(await pins.pin(cid), Pending)
    service.move("pinned")
    assert isinstance(await pins.pin(cid), Kept)
    assert (service.states(), held(pins, cid)) == ([(str(cid), "pinned")], DATA)
    service.move("failed")
    assert isinstance(await pins.pin(cid), Pending), "asked anew"
    assert service.states() == [(str(cid), "queued")]
    await pins.unpin(cid)
    assert service.states() == []


@pytest.mark.parametrize(
    ("kind", "backend"), [(FakePinningService, "service"), (FakePinata, "pinata")]
)
async def test_without_gateways_a_provider_s_word_is_kept_as_such(
    stack: AsyncExitStack, tmp_path: Path, kind: type[Any], backend: str
) -> None:
    provider = await stack.enter_async_context(kind())
    pins = await made(stack, tmp_path, pin_backend=backend, pin_url=provider.url)
    cid = provider.add(DATA)
    assert isinstance(await pins.pin(cid), Pending)
    assert isinstance(await pins.pin(cid), Pending)
    provider.fetch() if backend == "pinata" else provider.move("pinned")
    assert await pins.pin(cid) == Kept(size=None)
    await pins.unpin(cid)
    assert provider.pinned == set() and not getattr(provider, "requests", {})


async def test_pinata_that_made_another_cid_is_not_believed(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    pinata = await stack.enter_async_context(FakePinata())
    pinata.answer_cid = str(Cid.of(b"other", Codec.RAW))
    pins = await made(stack, tmp_path, pin_backend="pinata", pin_url=pinata.url)
    with pytest.raises(ContentUnavailable, match="speaks of"):
        await pins.pin(build_into(pins, DATA))


@pytest.mark.parametrize(
    ("kind", "backend"), [(FakePinningService, "service"), (FakePinata, "pinata")]
)
@pytest.mark.parametrize(
    ("status", "error"), [(400, BadContent), (403, ConfigError), (503, ContentUnavailable)]
)
async def test_a_refusal_is_told_apart_by_whether_waiting_helps(
    stack: AsyncExitStack,
    tmp_path: Path,
    kind: type[Holder],
    backend: str,
    status: int,
    error: type[DchatError],
) -> None:
    provider = await stack.enter_async_context(kind())
    provider.status = status
    pins = await made(stack, tmp_path, pin_backend=backend, pin_url=provider.url)
    with pytest.raises(error, match=f"answered {status}: out of order"):
        await pins.pin(Cid.of(b"tea", Codec.RAW))


async def test_a_wrong_token_names_the_setting_and_not_the_token(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    service = await stack.enter_async_context(FakePinningService())
    given = {"pin_backend": "service", "pin_url": service.url, "pin_token": "s3cret"}
    pins = await made(stack, tmp_path, **given)
    with pytest.raises(ConfigError, match="check DCHAT_PIN_TOKEN") as caught:
        await pins.pin(Cid.of(b"tea", Codec.RAW))
    assert "s3cret" not in str(caught.value)


async def test_a_token_and_an_order_follow_no_redirection(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    service = await stack.enter_async_context(FakePinningService())
    service.status, service.headers = 301, {"Location": service.url}
    given = {"pin_backend": "service", "pin_url": service.url}
    pins = await made(stack, tmp_path, **given)
    with pytest.raises(ConfigError, match=r"elsewhere \(301\): set DCHAT_PIN_URL"):
        await pins.pin(Cid.of(b"tea", Codec.RAW))
    assert sum(service.paths.values()) == 1


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"pin_backend": "service"}, "DCHAT_PIN_URL"),
        ({"pin_backend": "service", "pin_url": "http://x"}, "DCHAT_PIN_TOKEN"),
        ({"pin_backend": "pinata"}, "DCHAT_PIN_TOKEN"),
    ],
)
async def test_a_back_end_without_its_settings_is_refused(
    stack: AsyncExitStack, tmp_path: Path, values: dict[str, Any], missing: str
) -> None:
    with pytest.raises(ConfigError, match=f"needs {missing}"):
        await made(stack, tmp_path, pin_token=None, **values)


async def test_a_holder_is_the_table_s_own(
    stack: AsyncExitStack, gateway: FakeGateway, tmp_path: Path
) -> None:
    """What a person keeps by hand outlives what the table gives up."""
    cid = gateway.add(b"tea")
    pins = await made(stack, tmp_path, ipfs_gateways=(gateway.url,))
    await pins.pin(cid)
    pins.pins.pin(cid, "hand")
    assert pins.pins.holders(cid) == {HOLDER, "hand"}
    await pins.unpin(cid)
    assert pins.pins.holders(cid) == {"hand"}
