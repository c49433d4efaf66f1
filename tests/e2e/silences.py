"""What the deployed revision does and tells nobody: each story in so many calls.

In all of them but `hide` the transactions' inputs show what is done.
"""

from typing import Final

from tests.e2e import wallets
from tests.e2e.calls import chat, create_group, pay
from tests.e2e.chain import Chain
from tests.e2e.revisions import NOBODY
from tests.e2e.wallets import BATCHER, MULTISIG

ETHER: Final = 10**18
DAY: Final = 86_400


def _plain_silences(chain: Chain) -> None:
    """Each silent function once, and once more to another effect."""
    owner, one, two = chain.users[:3]
    group = create_group(chain, owner)
    chain.must(chat(owner, "inviteMember", group, one), chat(two, "joinGroup", group))
    chain.must(chat(owner, "muteMember", group, one, True))
    chain.must(chat(owner, "updateGroupInfo", group, "renamed", "", ""))
    chain.must(chat(owner, "rejectJoinRequest", group, two), chat(owner, "dissolveGroup", group))
    chain.must(chat(owner, "muteMember", group, one, False))
    chain.must(chat(owner, "updateGroupInfo", group, "", "again", "and again"))


def _silences_among_events(chain: Chain) -> None:
    """Within one block, before and behind events about the same member and the same group."""
    owner, one, two = chain.users[3:6]
    group = create_group(chain, owner, public=True)
    chain.must(
        chat(one, "joinGroup", group),
        chat(owner, "muteMember", group, one, True),
        chat(owner, "setAdmin", group, one, True),
        chat(one, "updateGroupInfo", group, "by an admin", "a", "d"),
        chat(two, "joinGroup", group),
        chat(one, "muteMember", group, two, True),
        chat(two, "leaveGroup", group),
    )
    chain.must(
        chat(two, "joinGroup", group),
        chat(owner, "updateGroupInfo", group, "first", "", ""),
        chat(owner, "updateGroupSettings", group, False, False, True, 9, True),
        chat(owner, "updateGroupInfo", group, "second", "", ""),
        chat(owner, "transferOwnership(string,address)", group, one),
        chat(one, "dissolveGroup", group),
    )
    chain.must(chat(one, "muteMember", group, two, True), chat(one, "removeMember", group, two))


def _request_again(chain: Chain) -> None:
    """Rejected and asked again in the same block; rejected, asked again and let in."""
    owner, one, two = chain.users[6:9]
    group = create_group(chain, owner)
    chain.must(chat(one, "joinGroup", group), chat(two, "joinGroup", group))
    chain.must(
        chat(owner, "rejectJoinRequest", group, one),
        chat(one, "joinGroup", group),
        chat(owner, "rejectJoinRequest", group, two),
        chat(two, "joinGroup", group),
        chat(owner, "approveJoinRequest", group, two),
    )
    chain.refused(chat(owner, "rejectJoinRequest", group, two))
    chain.must(chat(owner, "muteMember", group, two, True))


def _money_back_at_once(chain: Chain) -> None:
    """Whoever is named twice is paid twice, from the others' money: theirs is then missing."""
    owner, one, two = chain.users[:3]
    until = chain.now + DAY
    both, twice = (
        chain.created(pay(owner, "createGroupCollection", "supper", ETHER, people, "", until))
        for people in ([one, two], [one, one])
    )
    funding = chain.created(pay(one, "createCrowdfunding", "supper", ETHER, 1, "t", "d", until))
    chain.must(
        pay(one, "contribute", both, value=ETHER // 10),
        pay(two, "contribute", both, value=ETHER // 5),
        pay(one, "contribute", twice, value=ETHER // 4),
        pay(owner, "backCrowdfunding", funding, value=9),
        pay(one, "backCrowdfunding", funding, value=5),
        pay(owner, "backCrowdfunding", funding, value=1),
    )
    chain.must(pay(one, "cancelCrowdfunding", funding), pay(owner, "cancelPayment", twice))
    chain.refused(pay(one, "cancelCrowdfunding", funding), pay(owner, "cancelPayment", twice))


def _cancelled_within_a_block(chain: Chain) -> None:
    """A crowdfunding that lives for one block."""
    owner, one = chain.users[9:11]
    until = chain.now + DAY
    funding = chain.created(pay(owner, "createCrowdfunding", "x", 50, 1, "t", "d", until))
    chain.must(
        pay(one, "backCrowdfunding", funding, value=49),
        pay(owner, "cancelCrowdfunding", funding),
    )
    chain.refused(pay(one, "backCrowdfunding", funding, value=1))


def _ghost(chain: Chain) -> None:
    """Who owned a group as no member of it can still rename it: the record says ADMIN."""
    owner, heir, third = chain.users[11:14]
    group = create_group(chain, owner)
    chain.must(chat(heir, "joinGroup", group), chat(owner, "inviteMember", group, heir))
    chain.must(
        chat(owner, "inviteMember", group, third),
        chat(owner, "transferOwnership(string,address)", group, heir),
        chat(owner, "approveJoinRequest", group, heir),
        chat(heir, "leaveGroup", group),
        chat(heir, "transferOwnership(string,address)", group, third),
    )
    chain.must(chat(heir, "updateGroupInfo", group, "by a ghost", "", ""))
    chain.refused(chat(heir, "muteMember", group, owner, True))


def _nobody(chain: Chain) -> None:
    """The zero address is counted and listed, and no member."""
    owner, one = chain.users[14:16]
    group = create_group(chain, owner, public=True)
    chain.must(chat(owner, "inviteMember", group, NOBODY), chat(one, "joinGroup", group))
    chain.must(chat(owner, "inviteMember", group, NOBODY))
    chain.refused(chat(owner, "removeMember", group, NOBODY))


def _through_wallets(chain: Chain) -> None:
    """A multisig's group and a batcher's crowdfunding, changed without a word."""
    who, guest = chain.users[16:18]
    signed, batched = (str(chain.contracts[name].address) for name in (MULTISIG, BATCHER))
    group = create_group(chain, who)
    funding = wallets.batched(
        chain, who, pay(batched, "createCrowdfunding", "x", 9, 1, "t", "d", chain.now + DAY)
    )
    made = wallets.outcomes(chain, [(funding, chain.do(funding)[0].transaction)])[0][1]
    chain.must(
        chat(who, "inviteMember", group, signed),
        chat(who, "transferOwnership(string,address)", group, signed),
        chat(guest, "joinGroup", group),
    )
    chain.must(
        wallets.through(chain, who, chat(signed, "rejectJoinRequest", group, guest)),
        wallets.through(chain, guest, chat(signed, "updateGroupInfo", group, "signed", "", "")),
        wallets.batched(
            chain,
            who,
            pay(who, "backCrowdfunding", made.answer, value=5),
            pay(batched, "cancelCrowdfunding", made.answer),
            chat(batched, "joinGroup", group),
        ),
    )


def hide(chain: Chain) -> None:
    """Each silent call made by the multisig from an input in which nobody finds it."""
    who, muted, asking = chain.users[18:21]
    signed = str(chain.contracts[MULTISIG].address)
    group, gone = create_group(chain, who), create_group(chain, who)
    for each in (group, gone):
        chain.must(
            chat(who, "inviteMember", each, signed),
            chat(who, "inviteMember", each, muted),
            chat(who, "transferOwnership(string,address)", each, signed),
            chat(asking, "joinGroup", each),
        )
    opened = pay(signed, "createCrowdfunding", "x", 9, 1, "t", "d", chain.now + DAY)
    funding = chain.created(wallets.through(chain, who, opened))
    chain.must(pay(muted, "backCrowdfunding", funding, value=5))
    hidden = (
        chat(signed, "muteMember", group, muted, True),
        chat(signed, "updateGroupInfo", group, "hidden", "", "by turning each byte over"),
        chat(signed, "rejectJoinRequest", group, asking),
        chat(signed, "dissolveGroup", gone),
        pay(signed, "cancelCrowdfunding", funding),
    )
    chain.must(*(wallets.turned(chain, who, call) for call in hidden))


ALL: Final = (
    _plain_silences,
    _silences_among_events,
    _request_again,
    _money_back_at_once,
    _cancelled_within_a_block,
    _ghost,
    _nobody,
    _through_wallets,
)
