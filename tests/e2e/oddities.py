"""What the contracts let happen and few people expect: each story in so many calls."""

from typing import Final

from web3 import Web3

from tests.e2e import silences
from tests.e2e.calls import chat, create_group, packet, pay
from tests.e2e.chain import Chain, Do
from tests.e2e.revisions import CHAT, PACKET, PAYMENT

ETHER: Final = 10**18
MILLI: Final = 10**15
LARGEST: Final = 2**256 - 1
DAY: Final = 86_400
BROKEN: Final = "\udcff\udc80 broken \udcc3("
"""Bytes that are not UTF-8."""


def tell(chain: Chain) -> None:
    """All stories, each after the other."""
    for story in (*BOTH, *(silences.ALL if chain.revision.is_silent else HARDENED)):
        story(chain)


def _double_approval(chain: Chain) -> None:
    """Counted twice, listed twice; then leaves once, and stays listed though no member."""
    owner, guest, *_ = chain.users
    group = create_group(chain, owner)
    chain.must(chat(guest, "joinGroup", group), chat(guest, "joinGroup", group))
    chain.must(chat(owner, "inviteMember", group, guest))
    chain.must(
        chat(owner, "setAdmin", group, guest, True),
        chat(owner, "approveJoinRequest", group, guest),
        chat(guest, "leaveGroup", group),
    )
    chain.refused(chat(guest, "leaveGroup", group))
    chain.must(chat(owner, "inviteMember", group, guest))


def _owner_without_a_role(chain: Chain) -> None:
    """An approval resets the owner's own role; the owner can still act as one, and be promoted."""
    owner, heir, *_ = chain.users[3:]
    group = create_group(chain, owner)
    chain.must(chat(heir, "joinGroup", group), chat(owner, "inviteMember", group, heir))
    chain.must(chat(owner, "transferOwnership(string,address)", group, heir))
    chain.must(chat(owner, "approveJoinRequest", group, heir))
    chain.must(chat(heir, "setAdmin", group, heir, True))
    chain.must(
        chat(heir, "transferOwnership(string,address)", group, heir),
        chat(heir, "dissolveGroup", group),
        chat(heir, "dissolveGroup", group),
    )


def _owner_who_left(chain: Chain) -> None:
    """The group's owner is no member, hands it over, and comes back as a plain member."""
    owner, heir, third, *_ = chain.users[6:]
    group = create_group(chain, owner)
    chain.must(chat(heir, "joinGroup", group), chat(owner, "inviteMember", group, heir))
    chain.must(
        chat(owner, "inviteMember", group, third),
        chat(owner, "transferOwnership(string,address)", group, heir),
        chat(owner, "approveJoinRequest", group, heir),
        chat(heir, "leaveGroup", group),
    )
    chain.must(chat(heir, "transferOwnership(string,address)", group, third))
    chain.must(chat(third, "updateGroupSettings", group, True, False, False, LARGEST, True))
    chain.must(chat(heir, "joinGroup", group))


def _odd_texts_and_numbers(chain: Chain) -> None:
    """Bytes that are no text, NUL, much text, and numbers of 256 bits."""
    owner = chain.users[9]
    group = create_group(chain, owner, public=True, name=BROKEN)
    chain.must(chat(owner, "updateGroupSettings", group, True, True, True, LARGEST, True))
    chain.must(chat(owner, "updateGroupInfo", group, "nul\0" * 90, BROKEN, "長" * 1000))
    chain.must(chat(owner, "updateGroupInfo", group, "", "", "only this"))
    bill = (BROKEN, LARGEST, [owner], "\0", LARGEST)
    chain.must(pay(owner, "createGroupCollection", *bill), pay(owner, "createAAPayment", *bill))
    chain.must(pay(owner, "createCrowdfunding", "", LARGEST, LARGEST, BROKEN, "", LARGEST))
    chain.must(pay(owner, "createCrowdfunding", "", 1, 1, "", "", 253_402_300_799))
    chain.must(pay(owner, "createCrowdfunding", "", 1, 1, "", "", 253_402_300_800))
    chain.must(packet(owner, "createFixedRedPacket", BROKEN, 1, "\0" + BROKEN, value=ETHER + 1))


def _unpayable_share(chain: Chain) -> None:
    """Shares are rounded down, and a participant named twice pays once: it never completes."""
    owner, one, two = chain.users[10:13]
    people = [one, two, two]
    call = pay(owner, "createAAPayment", "group_1", 100, people, "a bill", chain.now + DAY)
    bill = chain.created(call)
    chain.must(*(pay(who, "contribute", bill, value=33) for who in (one, two)))
    chain.refused(pay(two, "contribute", bill, value=33), pay(owner, "contribute", bill, value=33))


def _muted_admin(chain: Chain) -> None:
    """The owner can mute an admin."""
    owner, admin, *_ = chain.users
    group = create_group(chain, owner)
    chain.must(
        chat(owner, "inviteMember", group, admin), chat(owner, "setAdmin", group, admin, True)
    )
    chain.must(chat(owner, "muteMember", group, admin, True))


def _free_crowdfunding(chain: Chain) -> None:
    """No least contribution; still nobody gives nothing."""
    owner, one, *_ = chain.users
    fund = pay(owner, "createCrowdfunding", "group_1", 10, 0, "t", "d", chain.now + DAY)
    funding = chain.created(fund)
    chain.must(pay(one, "backCrowdfunding", funding, value=1))
    chain.refused(pay(one, "backCrowdfunding", funding))


def _uneven_packet(chain: Chain) -> None:
    """The last share takes what the division leaves."""
    owner, one, two, three = chain.users[4:8]
    call = packet(owner, "createFixedRedPacket", BROKEN, 3, "hi", value=ETHER + 1)
    id_ = chain.created(call)
    chain.must(*(packet(who, "claimRedPacket", id_) for who in (one, two, three)))


def _shared_refunds(chain: Chain) -> None:
    """Two cancellations and two claims of refunds in the same block."""
    owner, one, two = chain.users[12:15]
    call = pay(owner, "createGroupCollection", "x", ETHER, [one, two], "", chain.now + DAY)
    fund = pay(one, "createCrowdfunding", "x", ETHER, 1, "t", "d", chain.now + DAY)
    bill, funding = chain.created(call), chain.created(fund)
    chain.must(pay(one, "contribute", bill, value=5), pay(two, "contribute", bill, value=6))
    chain.must(pay(one, "backCrowdfunding", funding, value=7), seconds=2 * DAY - 40 - DAY)
    chain.must(
        pay(owner, "cancelPayment", bill),
        pay(one, "claimRefund"),
        pay(one, "cancelCrowdfunding", funding),
    )
    chain.refused(pay(owner, "cancelPayment", bill), pay(owner, "claimRefund"))


def _crowdfunding_in_one_block(chain: Chain) -> None:
    """Backed three times, over its target, and emptied before the block ends."""
    owner, one, two = chain.users[15:18]
    fund = pay(owner, "createCrowdfunding", "group_1", 10, 1, "t", "d", chain.now + DAY)
    funding = chain.created(fund)
    chain.must(
        pay(one, "backCrowdfunding", funding, value=4),
        pay(two, "backCrowdfunding", funding, value=1),
        pay(one, "backCrowdfunding", funding, value=400),
        pay(owner, "withdrawCrowdfundingFunds", funding),
    )
    chain.refused(
        pay(two, "backCrowdfunding", funding, value=4),
        pay(owner, "withdrawCrowdfundingFunds", funding),
    )


def _packet_with_duplicates(chain: Chain) -> None:
    """A name that is listed twice, and the sender's own, leave shares that nobody can claim."""
    owner, one, two, three = chain.users[18:22]
    people = [one, two, one, owner]
    call = packet(owner, "createExclusiveRedPacket", "group_1", people, "hi", value=12 * MILLI)
    id_ = chain.created(call)
    chain.must(packet(one, "claimRedPacket", id_), packet(two, "claimRedPacket", id_))
    chain.refused(*(packet(who, "claimRedPacket", id_) for who in (one, owner, three)))


def _packets_that_expire(chain: Chain) -> None:
    """One is emptied in one block; of two that expire, one is fetched back."""
    owner, one, two = chain.users[20:23]
    full = packet(owner, "createRandomRedPacket", "group_1", 2, "hi", value=ETHER)
    id_ = chain.created(full)
    chain.must(packet(one, "claimRedPacket", id_), packet(two, "claimRedPacket", id_))
    call = packet(owner, "createFixedRedPacket", "group_1", 3, "hi", value=3 * ETHER)
    old, kept = chain.created(call), chain.created(call)
    chain.must(packet(one, "claimRedPacket", old))
    chain.refused(packet(owner, "refundExpiredRedPacket", old))
    chain.mine(seconds=DAY + 1)
    chain.must(packet(owner, "refundExpiredRedPacket", old))
    chain.refused(packet(one, "claimRedPacket", kept), packet(one, "refundExpiredRedPacket", kept))


def _plain_life(chain: Chain) -> None:
    """What the other stories leave out."""
    owner, one, two = chain.users[2:5]
    group = create_group(chain, owner)
    chain.must(chat(one, "joinGroup", group), chat(two, "joinGroup", group))
    chain.must(
        chat(owner, "approveJoinRequest", group, one),
        chat(owner, "rejectJoinRequest", group, two),
        chat(owner, "muteMember", group, one, True),
        chat(owner, "removeMember", group, one),
    )
    call = pay(owner, "createGroupCollection", group, 5, [one], "", chain.now + DAY)
    bill = chain.created(call)
    chain.must(pay(one, "contribute", bill, value=9), pay(owner, "withdrawFunds", bill))


def _strangers(chain: Chain) -> None:
    """Each function refuses somebody."""
    who, other = chain.users[22:24]
    group = create_group(chain, chain.users[0])
    named = ("inviteMember", "approveJoinRequest", "rejectJoinRequest", "removeMember")
    known = (*named, "transferOwnership(string,address)")
    chain.refused(
        chat(who, "createGroup", "", "", "", True, 5),
        chat(who, "joinGroup", "nowhere"),
        *(chat(who, function, group, other) for function in known),
    )
    chain.refused(
        chat(who, "leaveGroup", group),
        chat(who, "setAdmin", group, who, True),
        chat(who, "muteMember", group, who, True),
        chat(who, "updateGroupSettings", group, True, True, True, 5, True),
        chat(who, "updateGroupInfo", group, "n", "a", "d"),
        chat(who, "dissolveGroup", group),
    )
    nothing, late = "0x" + "77" * 32, chain.now - 1
    moves = ("contribute", "backCrowdfunding", "withdrawFunds", "withdrawCrowdfundingFunds")
    chain.refused(*(pay(who, function, nothing) for function in moves))
    chain.refused(*(pay(who, f"cancel{what}", nothing) for what in ("Payment", "Crowdfunding")))
    chain.refused(
        pay(who, "createGroupCollection", group, 5, [who], "", late),
        pay(who, "createAAPayment", group, 5, [], "", LARGEST),
        pay(who, "createCrowdfunding", group, 0, 0, "t", "d", LARGEST),
        *(
            packet(who, function, nothing)
            for function in ("claimRedPacket", "refundExpiredRedPacket")
        ),
    )
    chain.refused(
        packet(who, "createRandomRedPacket", group, 2, "", value=MILLI - 1),
        packet(who, "createFixedRedPacket", group, 101, "", value=ETHER),
        packet(who, "createExclusiveRedPacket", group, [], "", value=ETHER),
    )


def _pauses(chain: Chain) -> None:
    """Each contract is paused, given away, and set free again; what works meanwhile is done."""
    owner, other = chain.owner, chain.users[1]
    for name in (CHAT, PAYMENT, PACKET):
        chain.refused(Do(sender=other, contract=name, function="unpause"))
        chain.refused(Do(sender=other, contract=name, function="pause"))
        for function in ("pause", "unpause"):
            chain.must(Do(sender=owner, contract=name, function=function))
        given = Do(
            sender=owner, contract=name, function="transferOwnership(address)", args=(other,)
        )
        chain.must(given)
        chain.refused(given, Do(sender=owner, contract=name, function="renounceOwnership"))
        back = Do(sender=other, contract=name, function="transferOwnership(address)", args=(owner,))
        chain.must(back)
    chain.must(Do(sender=owner, contract=CHAT, function="pause"))
    chain.refused(
        chat(other, "createGroup", "n", "", "", True, 5), chat(other, "joinGroup", "group_1")
    )
    chain.must(chat(owner, "updateGroupInfo", _own(chain, owner), "paused", "", ""))
    chain.must(Do(sender=owner, contract=CHAT, function="unpause"))
    chain.must(Do(sender=owner, contract=PACKET, function="renounceOwnership"))


def _own(chain: Chain, owner: str) -> str:
    """A group that this address may speak for."""
    count = chain.contracts[CHAT].functions.groupCounter().call()
    names = [f"group_{n}" for n in range(1, count + 1)]
    owned = chain.contracts[CHAT].functions.getGroup
    return next(name for name in names if owned(name).call()[4] == Web3.to_checksum_address(owner))


BOTH: Final = (
    _double_approval,
    _owner_without_a_role,
    _owner_who_left,
    _odd_texts_and_numbers,
    _unpayable_share,
    _crowdfunding_in_one_block,
    _packet_with_duplicates,
    _packets_that_expire,
    _plain_life,
    _strangers,
)
HARDENED: Final = (_muted_admin, _free_crowdfunding, _uneven_packet, _shared_refunds, _pauses)
