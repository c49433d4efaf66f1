"""Keys of encryption: published by a wallet's word, and a group's, which follows the chain."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from api.accounts.epochs import TOPICS
from indexer.units import to_hex
from tests.integration.accounts.conftest import Caller
from tests.integration.accounts.wallets import Wallet
from tests.integration.api.engine import Chain
from tests.integration.api.rows import Row, event, group, key_of, member, put
from tests.unit.accounts.test_jwk import ec, okp

CREATED, JOINED, LEFT, REMOVED = TOPICS
KEY = key_of(1)
MESSAGE = """query ($address: Address!, $key: String!, $issuedAt: DateTime!) {
  publicKeyMessage(address: $address, key: $key, issuedAt: $issuedAt)
}"""
REGISTER = """
mutation ($key: String!, $issuedAt: DateTime!, $signature: Bytes!, $replace: Boolean!) {
  registerPublicKey(key: $key, issuedAt: $issuedAt, signature: $signature, replace: $replace) {
    fingerprint algorithm key revokedAt message signature
  }
}"""
KEYS = """query ($address: Address!) { user(address: $address) {
  publicKeys { fingerprint algorithm key registeredAt revokedAt }
} }"""
EPOCH = """query ($key: Bytes32!) {
  keyEpoch(groupKey: $key) { id blockNumber keyId openedBy wrappedKeys { wrapped sender } }
}"""
WRAP = """mutation ($key: Bytes32!, $epoch: ID!, $keyId: Bytes!, $keys: [WrappedKeyInput!]!) {
  wrapGroupKey(groupKey: $key, epoch: $epoch, keyId: $keyId, keys: $keys) {
    id keyId openedBy wrappedKeys { wrapped }
  }
}"""
OPENED = "query ($key: Bytes32!) { keyEpochs(groupKey: $key) { id wrappedKeys { wrapped } } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    wallet: Wallet
    caller: Caller

    async def publish(self, jwk: dict[str, Any], replace: bool = False, **changes: Any) -> Any:
        """The answer to the registration of a key, signed just now."""
        given = {"key": json.dumps(jwk), "issuedAt": datetime.now(UTC).isoformat()} | changes
        asked = await self.caller.data(MESSAGE, address=self.wallet.shown, **given)
        signature = self.wallet.sign(asked["publicKeyMessage"])
        return (
            await self.caller.ask(REGISTER, **given, replace=replace, signature=signature)
        ).json()

    async def published(self, jwk: dict[str, Any]) -> str:
        """The fingerprint of a key of one's own."""
        return (await self.publish(jwk))["data"]["registerPublicKey"]["fingerprint"]  # type: ignore[no-any-return]

    async def epoch(self) -> Any:
        return (await self.caller.data(EPOCH, key=to_hex(KEY)))["keyEpoch"]

    async def wrap(self, epoch: str, key_id: str, **keys: tuple["Person", str]) -> Any:
        """Gives people a key for their fingerprints; what each gets is the name here, in hex."""
        wrapped = [
            {"recipient": who.wallet.shown, "fingerprint": of_, "wrapped": to_hex(text.encode())}
            for text, (who, of_) in keys.items()
        ]
        given = {"epoch": epoch, "keyId": key_id, "keys": wrapped}
        return (await self.caller.ask(WRAP, key=to_hex(KEY), **given)).json()


@pytest.fixture
async def people(caller: Caller) -> list[Person]:
    """Three who signed in."""
    wallets = [Wallet(number) for number in (1, 2, 3)]
    tokens = [(await each.sign_in(caller.data))["accessToken"] for each in wallets]
    return [
        Person(wallet=wallet, caller=caller.having(token))
        for wallet, token in zip(wallets, tokens, strict=True)
    ]


def of(person: Person, **values: Any) -> Row:
    return member(1, 1, address=person.wallet.address, joined_log=1, **values)


def happened(at: int, topic: bytes, who: Person, index: int = 0) -> Row:
    return event(at, index, 0, topic, KEY, bytes(12) + who.wallet.address)


def error_of(answer: Any) -> dict[str, Any]:
    [error] = answer["errors"]
    return error["extensions"] | {"message": error["message"]}  # type: ignore[no-any-return]


async def test_a_key_is_published_by_the_wallet_s_word_and_its_history_stays(
    people: list[Person], caller: Caller
) -> None:
    me, other, _ = people
    one = (await me.publish(okp(9)))["data"]["registerPublicKey"]
    assert one["algorithm"] == "X25519"
    assert me.wallet.sign(one["message"]) == one["signature"]
    assert error_of(await me.publish(okp(9)))["argument"] == "key"
    two = (await me.publish(okp(10), replace=True))["data"]["registerPublicKey"]
    told = (await caller.data(KEYS, address=me.wallet.shown))["user"]["publicKeys"]
    assert [each["fingerprint"] for each in told] == [two["fingerprint"], one["fingerprint"]]
    assert [each["revokedAt"] is None for each in told] == [True, False]
    assert "never comes back" in error_of(await me.publish(okp(9)))["message"]
    end = "mutation ($f: String!) { revokePublicKey(fingerprint: $f) { revokedAt } }"
    assert (await other.caller.data(end, f=two["fingerprint"]))["revokePublicKey"] is None
    assert (await me.caller.data(end, f=two["fingerprint"]))["revokePublicKey"]["revokedAt"]


async def test_a_key_that_the_wallet_did_not_sign_or_not_now_is_refused(
    people: list[Person],
) -> None:
    me, other, _ = people
    given = {"key": json.dumps(okp(9)), "issuedAt": datetime.now(UTC).isoformat()}
    asked = (await me.caller.data(MESSAGE, address=me.wallet.shown, **given))["publicKeyMessage"]
    signature = other.wallet.sign(asked)
    answer = (await me.caller.ask(REGISTER, **given, replace=False, signature=signature)).json()
    assert error_of(answer)["reason"] == "NO_NODE"
    late = (datetime.now(UTC) - timedelta(minutes=6)).isoformat()
    assert error_of(await me.publish(okp(9), issuedAt=late))["argument"] == "issuedAt"


async def test_a_group_s_key_follows_who_is_in_the_group_through_reorgs(
    people: list[Person], database: Engine
) -> None:
    alice, bob, carol = people
    put(
        database,
        groups=[group(1)],
        members=[of(alice, role=2), of(bob)],
        events=[happened(1, CREATED, alice), happened(2, JOINED, bob)],
    )
    chain, prints = Chain(database), [await p.published(okp(9 + n)) for n, p in enumerate(people)]
    first = await alice.epoch()
    assert (first["blockNumber"], first["keyId"], first["wrappedKeys"]) == (2, None, [])
    opened = await alice.wrap(first["id"], "0x01", a=(alice, prints[0]), b=(bob, prints[1]))
    assert opened["data"]["wrapGroupKey"]["openedBy"] == alice.wallet.shown
    assert (await bob.epoch())["wrappedKeys"] == [{"wrapped": "0x62", "sender": alice.wallet.shown}]
    refused = error_of(await bob.wrap(first["id"], "0x02"))
    assert (refused["code"], refused["keyId"]) == ("CONFLICT", "0x01")
    refused = error_of(await alice.wrap(first["id"], "0x01", c=(carol, prints[2])))
    assert "not a member" in refused["message"]
    refused = error_of(await alice.wrap(first["id"], "0x01", b=(bob, prints[0])))
    assert "no such public key" in refused["message"]
    assert (await carol.caller.error(EPOCH, key=to_hex(KEY)))["reason"] == "NOT_A_MEMBER"

    remove(database, chain, bob)
    refused = await bob.caller.error(EPOCH, key=to_hex(KEY))
    assert (refused["reason"], refused["block"], refused["event"]) == ("REMOVED", 11, "11-0")
    second = await alice.epoch()
    assert (second["blockNumber"], second["keyId"]) == (11, None)
    assert error_of(await alice.wrap(first["id"], "0x01"))["reason"] == "EPOCH_OVER"
    assert "errors" not in await alice.wrap(second["id"], "0x03", A=(alice, prints[0]))
    assert [each["id"] for each in await opened_to(alice)] == [second["id"], first["id"]]

    chain.reorg(1, 1)
    assert (await bob.epoch())["id"] == (await alice.epoch())["id"] == first["id"]
    assert await opened_to(bob) == [{"id": first["id"], "wrappedKeys": [{"wrapped": "0x62"}]}]

    remove(database, chain, bob)
    third = await alice.epoch()
    assert (third["keyId"], third["blockNumber"]) == (None, 12)
    assert third["id"] != second["id"]


async def opened_to(person: Person) -> Any:
    return (await person.caller.data(OPENED, key=to_hex(KEY)))["keyEpochs"]


def remove(database: Engine, chain: Chain, person: Person) -> None:
    """A block in which somebody is removed."""
    block = chain.grow(events=[happened(chain.tip + 1, REMOVED, person)])
    with database.begin() as db:
        db.exec_driver_sql(
            """WITH gone AS (DELETE FROM members WHERE address = %s RETURNING *)
            INSERT INTO members_history SELECT gone.*, %s FROM gone""",
            (person.wallet.address, block),
        )


async def test_a_key_on_p_256_is_a_key_too(people: list[Person]) -> None:
    x = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
    y = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
    assert (await people[0].publish(ec(x, y)))["data"]["registerPublicKey"]["algorithm"] == "P-256"
