"""What the contracts have to say of the lists that belong to an address, or to a group id."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from indexer.audit import answers, payment_checks
from indexer.audit.check import Check, Pairs, among, of_address, of_name, value
from indexer.audit.lists import NameHoldings, UserHoldings
from indexer.audit.readings import BILLS, EVERYTHING, INITIATED, INVOLVED, ONCE, REPEATED, Reading
from indexer.projections.payments import CROWDFUNDING
from indexer.units import keccak

UNKNOWN_NAME: Final = "the plain group id behind the hash is not known"


def of_user(holdings: UserHoldings) -> Iterator[Check]:
    """All questions about an address."""
    yield _groups(holdings)
    yield _payments(holdings)
    sent = tuple(row.packet_id for row in holdings.sent)
    claimed = tuple(row.packet_id for row in holdings.claims)
    yield _list(holdings, "getUserSentRedPackets", sent)
    yield _list(holdings, "getUserClaimedRedPackets", claimed)
    if not holdings.has_balance:
        yield payment_checks.pending(holdings.user, holdings.user.key, 0)


def _list(holdings: UserHoldings, view: str, expected: tuple[bytes, ...]) -> Check:
    return Check(
        subject=holdings.user,
        view=view,
        calldata=of_address(view, holdings.user.key),
        judge=value("list", expected, answers.ids),
    )


def _groups(holdings: UserHoldings) -> Check:
    """The contracts keep this list in no order."""
    inside = sorted(row.group_key for row in holdings.memberships)

    def pairs(answer: bytes) -> Mapping[Reading, Pairs]:
        listed = Counter(keccak(group_id) for group_id in answers.strings(answer))
        return {
            ONCE: [("groups", inside, sorted(listed.elements()))],
            REPEATED: [("groups", inside, [key for key in inside if key in listed])],
        }

    return Check(
        subject=holdings.user,
        view="getUserGroups",
        calldata=of_address("getUserGroups", holdings.user.key),
        judge=among(pairs, ONCE, REPEATED),
    )


def _payments(holdings: UserHoldings) -> Check:
    made = [
        (row.created_block, row.created_log, row.payment_id)
        for row in holdings.initiated
        if row.kind != CROWDFUNDING
    ]
    gave = [
        (row.created_block, row.created_log, row.payment_id)
        for row in holdings.given
        if row.payment_id in holdings.bills
    ]

    def pairs(answer: bytes) -> Mapping[Reading, Pairs]:
        listed = answers.ids(answer)
        return {
            INITIATED: [("payments", _ids(made), listed)],
            INVOLVED: [("payments", _ids(sorted([*made, *gave])), listed)],
        }

    return Check(
        subject=holdings.user,
        view="getUserPayments",
        calldata=of_address("getUserPayments", holdings.user.key),
        judge=among(pairs, INITIATED, INVOLVED),
    )


def _ids(placed: Sequence[tuple[int, int, bytes]]) -> tuple[bytes, ...]:
    return tuple(key for _, _, key in placed)


def of_group_id(holdings: NameHoldings) -> Iterator[Check]:
    """All questions about a group id, which need not be a group's."""
    bills = tuple(row.payment_id for row in holdings.payments if row.kind != CROWDFUNDING)
    everything = tuple(row.payment_id for row in holdings.payments)

    def pairs(answer: bytes) -> Mapping[Reading, Pairs]:
        listed = answers.ids(answer)
        return {
            BILLS: [("payments", bills, listed)],
            EVERYTHING: [("payments", everything, listed)],
        }

    packets = tuple(row.packet_id for row in holdings.packets)
    for view, judge in (
        ("getGroupPayments", among(pairs, BILLS, EVERYTHING)),
        ("getGroupRedPackets", value("redPackets", packets, answers.ids)),
    ):
        yield Check(
            subject=holdings.name,
            view=view,
            calldata=None if holdings.group_id is None else of_name(view, holdings.group_id),
            judge=judge,
            why=UNKNOWN_NAME,
        )
