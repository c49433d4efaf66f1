"""A little chain of the deployed contracts, and what they answer: a group, a fund, a packet."""

from eth_abi.abi import encode

from indexer.events import observations
from indexer.events.calls.group_chat import CreateGroup
from indexer.events.calls.group_payment import CreateCrowdfunding
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.observations import NOBODY, Kind
from indexer.units import Address, Hash32, keccak
from tests.fakes import FakeChain
from tests.integration.sync.histories import sent
from tests.unit.events import answers

TEA = b"group_1"
KEY = keccak(TEA)
ADA, BOB, CAT = answers.ADA, answers.BOB, Address(b"\xca" * 20)
FUND = Hash32(b"\xf0" * 32)


def question(kind: Kind, key: Hash32, address: Address = NOBODY) -> bytes:
    data = observations.question(kind, key, address, TEA)
    assert data is not None
    return data


def member(address: Address, role: int = 0, *, muted: bool = False) -> bytes:
    record = "(address,bytes,uint8,uint256,bool,bool)"
    return encode([record], [(address, b"", role, 100, muted, False)])


def group(name: bytes = b"tea", *, active: bool = True) -> bytes:
    settings = (True, True, False, 9, False)
    fields: tuple[object, ...] = (
        TEA,
        name,
        b"",
        b"",
        ADA,
        [ADA, BOB],
        [],
        settings,
        100,
        2,
        active,
    )
    return encode([answers.GROUP], [fields])


def settle(chain: FakeChain) -> dict[bytes, bytes]:
    """Mines Ada's group with Bob in it, Cat at its door, and Ada's fund; returns the views."""
    chain.mine(
        transactions=[
            sent(
                Contract.GROUP_CHAT,
                chat.GroupCreated(KEY, b"tea", ADA, 100),
                chat.MemberJoined(KEY, BOB, 100),
                chat.JoinRequestCreated(KEY, CAT, 100),
                call=CreateGroup(b"tea", b"", b"", True, 9),
            ),
            sent(
                Contract.GROUP_PAYMENT,
                pay.CrowdfundingCreated(FUND, KEY, ADA, 5, 100),
                call=CreateCrowdfunding(TEA, 5, 3, b"roof", b"leaks", 7),
            ),
        ]
    )
    return {
        question(Kind.GROUP, KEY): group(),
        question(Kind.MEMBER, KEY, ADA): member(ADA, 2),
        question(Kind.MEMBER, KEY, BOB): member(BOB),
        question(Kind.JOIN_REQUEST, KEY, CAT): b"",
        question(Kind.CROWDFUNDING, FUND): answers.crowdfunding(TEA, FUND),
    }


def silently(views: dict[bytes, bytes]) -> None:
    """Bob muted, the group renamed and dissolved, Cat rejected, the fund cancelled: no event."""
    views[question(Kind.MEMBER, KEY, BOB)] = member(BOB, muted=True)
    views[question(Kind.GROUP, KEY)] = group(b"coffee", active=False)
    views[question(Kind.CROWDFUNDING, FUND)] = answers.crowdfunding(TEA, FUND, status=2)
    del views[question(Kind.JOIN_REQUEST, KEY, CAT)]
