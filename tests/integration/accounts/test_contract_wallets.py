"""Wallets that are contracts sign in (ERC-1271), also before they are deployed (ERC-6492)."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from eth_abi.abi import encode

from api.accounts.signatures import CHECK, LONGEST
from indexer.settings import Settings
from indexer.units import Address, address, checksum, to_hex
from tests.integration.accounts.conftest import Caller, calling
from tests.integration.accounts.evm import SALT, Evm, called, compiled
from tests.integration.accounts.wallets import CHALLENGE, SIGN_IN, Wallet

MAGIC = bytes.fromhex("6492" * 16)
OWNER, OTHER = Wallet(1), Wallet(2)
MAKE = "make(address,bytes32)"
Signs = Callable[[str], bytes]


@pytest.fixture
async def caller(settings: Settings, evm: Evm) -> AsyncIterator[Caller]:
    async with calling(settings.model_copy(update={"rpc_urls": (evm.node.url,)})) as caller:
        yield caller


def by(wallet: Wallet) -> Signs:
    return lambda message: bytes.fromhex(wallet.sign(message)[2:])


def wrapped(factory: Address, call: bytes, sign: Signs) -> Signs:
    """A signature together with what makes its wallet."""
    types = ["address", "bytes", "bytes"]
    return lambda message: encode(types, [factory, call, sign(message)]) + MAGIC


async def answer(caller: Caller, who: Address, sign: Signs) -> Any:
    """What became of a sign-in: the address, or the error."""
    made = (await caller.data(CHALLENGE, address=checksum(who)))["signInChallenge"]
    given = {"message": made["message"], "signature": to_hex(sign(made["message"]))}
    told = (await caller.ask(SIGN_IN, **given)).json()
    if "errors" in told:
        error = told["errors"][0]["extensions"]
        return error["code"], error.get("reason") or error.get("argument")
    return told["data"]["signIn"]["address"]


REFUSED = ("UNAUTHENTICATED", "SIGN_IN_REFUSED")


def test_what_nodes_run_is_the_compiled_contract() -> None:
    """If it is not: copy the artifact's bytecode to graphql/api/accounts/signature_check.hex."""
    assert to_hex(CHECK) == compiled("contracts/SignatureCheck.sol", "SignatureCheck")


async def test_a_contract_signs_in_by_what_it_says_in_the_newest_block(
    caller: Caller, evm: Evm
) -> None:
    wallet = evm.wallet(OWNER.address)
    assert await answer(caller, wallet, by(OWNER)) == checksum(wallet)
    assert await answer(caller, wallet, by(OTHER)) == REFUSED
    evm.send(wallet, called("hand(address)", OTHER.address))
    assert await answer(caller, wallet, by(OWNER)) == REFUSED
    assert await answer(caller, wallet, by(OTHER)) == checksum(wallet)


async def test_a_wallet_signs_in_before_it_is_deployed_and_stays_so(
    caller: Caller, evm: Evm
) -> None:
    wallet = evm.expected(OWNER.address)
    making = called(MAKE, OWNER.address, SALT)
    sign = wrapped(evm.factory, making, by(OWNER))
    assert await answer(caller, wallet, sign) == checksum(wallet)
    assert evm.code(wallet) == "0x", "nothing came of it on the chain"
    assert await answer(caller, wallet, by(OWNER)) == REFUSED
    assert await answer(caller, wallet, wrapped(evm.factory, making, by(OTHER))) == REFUSED
    another = wrapped(evm.factory, called(MAKE, OTHER.address, SALT), by(OTHER))
    assert await answer(caller, wallet, another) == REFUSED
    evm.send(evm.factory, making)
    assert await answer(caller, wallet, sign) == checksum(wallet)
    evm.send(wallet, called("hand(address)", OTHER.address))
    assert await answer(caller, wallet, sign) == REFUSED
    assert await answer(caller, wallet, by(OTHER)) == checksum(wallet)


async def test_a_key_that_also_has_a_contract_s_wallet_signs_for_itself_alone(
    caller: Caller, evm: Evm
) -> None:
    making = called(MAKE, OTHER.address, SALT)
    assert await answer(caller, OWNER.address, by(OWNER)) == OWNER.shown
    assert await answer(caller, OWNER.address, wrapped(evm.factory, making, by(OWNER))) == REFUSED


async def test_what_answers_anything_at_all_accepts_nothing(caller: Caller, evm: Evm) -> None:
    echo = address("0x0000000000000000000000000000000000000004")
    failing = wrapped(evm.factory, b"no such function", by(OWNER))
    odd: list[tuple[Address, Signs]] = [
        (evm.yes, by(OWNER)),
        (evm.careless, by(OWNER)),
        (echo, by(OWNER)),
        (evm.wallet(OWNER.address), lambda _: b""),
        (evm.wallet(OWNER.address), lambda _: MAGIC),
        (evm.wallet(OWNER.address), lambda _: bytes(96) + MAGIC),
        (evm.expected(OTHER.address), failing),
    ]
    for who, sign in odd:
        assert await answer(caller, who, sign) == REFUSED
    long = await answer(caller, evm.yes, lambda _: bytes(LONGEST + 1))
    assert long == ("BAD_USER_INPUT", "signature")


async def test_without_a_node_a_contract_s_signature_is_refused_and_the_error_says_why(
    settings: Settings, evm: Evm, unused_tcp_port: int
) -> None:
    wallet = evm.wallet(OWNER.address)
    async with calling(settings) as caller:
        assert await answer(caller, wallet, by(OWNER)) == ("UNAUTHENTICATED", "NO_NODE")
    nobody = {"rpc_urls": (f"http://127.0.0.1:{unused_tcp_port}",)}
    async with calling(settings.model_copy(update=nobody)) as caller:
        assert await answer(caller, wallet, by(OWNER)) == ("SERVICE_UNAVAILABLE", None)
        assert await answer(caller, OWNER.address, by(OWNER)) == OWNER.shown
