"""Signing in with a wallet, and what is no sign-in."""

from typing import Any

import pytest

from tests.integration.accounts.conftest import Caller
from tests.integration.accounts.wallets import CHALLENGE, SIGN_IN, Wallet

REFRESH = """mutation ($token: String!) {
  refreshSession(refreshToken: $token) { address accessToken refreshToken sessionId }
}"""


async def challenged(caller: Caller, wallet: Wallet) -> dict[str, Any]:
    return (await caller.data(CHALLENGE, address=wallet.shown))["signInChallenge"]  # type: ignore[no-any-return]


async def test_who_signs_the_challenge_is_signed_in(caller: Caller) -> None:
    wallet = Wallet()
    told = await wallet.sign_in(caller.data)
    assert told["address"] == wallet.shown
    again = await caller.data(REFRESH, token=told["refreshToken"])
    assert again["refreshSession"]["sessionId"] == told["sessionId"]
    assert again["refreshSession"]["refreshToken"] != told["refreshToken"]
    await caller.having(told["accessToken"]).data("{ __typename }")


async def test_a_nonce_is_good_for_one_answer(caller: Caller) -> None:
    wallet = Wallet()
    message = (await challenged(caller, wallet))["message"]
    given = {"message": message, "signature": wallet.sign(message)}
    await caller.data(SIGN_IN, **given)
    assert (await caller.error(SIGN_IN, **given))["field"] == "nonce"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("localhost:8000 wants", "evil.example wants", "domain"),
        ("Sign in to dchat.", "Sign in to dchat!", "statement"),
        ("URI: http://localhost:8000/", "URI: http://localhost:8000/x", "uri"),
        ("Version: 1", "Version: 2", "version"),
        ("Chain ID: 31337", "Chain ID: 1", "chain_id"),
        ("Issued At: 2", "Issued At: 3", "issued-at"),
        ("Expiration Time: 2", "Expiration Time: 3", "expiration-time"),
        ("Not Before: 2", "Not Before: 1", "not-before"),
        (Wallet(1).shown, Wallet(2).shown, "address"),
    ],
)
async def test_a_challenge_whose_field_was_tampered_with_is_refused(
    caller: Caller, old: str, new: str, field: str
) -> None:
    wallet = Wallet()
    message = (await challenged(caller, wallet))["message"]
    assert old in message
    message = message.replace(old, new)
    error = await caller.error(SIGN_IN, message=message, signature=wallet.sign(message))
    assert (error["code"], error["field"]) == ("UNAUTHENTICATED", field.replace("_", "-"))


async def test_another_s_signature_is_refused(caller: Caller) -> None:
    message = (await challenged(caller, Wallet(1)))["message"]
    error = await caller.error(SIGN_IN, message=message, signature=Wallet(2).sign(message))
    assert (error["code"], error["field"]) == ("UNAUTHENTICATED", "signature")


async def test_a_refresh_token_that_comes_twice_revokes_its_session(caller: Caller) -> None:
    told = await Wallet().sign_in(caller.data)
    stolen = told["refreshToken"]
    mine = (await caller.data(REFRESH, token=stolen))["refreshSession"]["refreshToken"]
    assert (await caller.error(REFRESH, token=stolen))["reason"] == "TOKEN_REUSED"
    assert (await caller.error(REFRESH, token=mine))["reason"] == "SESSION_ENDED"


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_an_error_and_nobody(caller: Caller, token: str) -> None:
    answer = await caller.having(token).ask("{ __typename }")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
