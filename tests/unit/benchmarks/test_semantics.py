"""What happens on the synthetic chain could have happened on the contracts."""

from collections import Counter, defaultdict
from typing import Any

from indexer.events.calls import group_payment as payment_calls
from indexer.events.calls import red_packet as packet_calls
from indexer.events.definitions import EVENTS
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.definitions import red_packet as packet
from indexer.events.inputs import NEEDS_INPUT, agrees, decode_input
from indexer.units import keccak
from tests.unit.benchmarks.history import History

ENTERED = chat.MemberJoined


def test_every_event_of_the_contracts_occurs(history: History) -> None:
    seen = {(one.contract, type(one.event)) for one in history.told}
    missing = {
        (spec.contract.name, spec.cls.__name__)
        for spec in EVENTS
        if (spec.contract, spec.cls) not in seen and spec.name not in ("Paused", "Unpaused")
    }
    assert missing == set()


def test_what_an_event_leaves_out_is_in_the_input_of_its_transaction(history: History) -> None:
    needy = [one for one in history.told if one.log.topics[0] in NEEDS_INPUT]
    assert len(needy) > 400
    for one in needy:
        call = decode_input(one.contract, one.transaction.input)
        assert one.transaction.to == one.log.address
        assert call is not None and agrees(one.event, call)


def test_every_transaction_that_is_no_creation_is_a_call_that_the_contract_has(
    history: History,
) -> None:
    contracts = {one.transaction.hash: one.contract for one in history.told}
    creations = set(history.archive.meta.creations.values())
    for one in history.transactions:
        called = one.to is not None and decode_input(contracts[one.hash], one.input)
        assert bool(called) is (one.hash not in creations)


def test_groups_are_numbered_in_the_order_of_their_creation(history: History) -> None:
    keys = [event.group_key for event in history.events() if isinstance(event, chat.GroupCreated)]
    assert keys == [keccak(b"group_%d" % number) for number in range(1, len(keys) + 1)]


def test_only_strangers_enter_only_members_leave_and_no_owner_does(history: History) -> None:
    members: dict[bytes, set[bytes]] = {}
    owners: dict[bytes, bytes] = {}
    for event in history.events():
        match event:
            case chat.GroupCreated():
                members[event.group_key] = {event.owner}
                owners[event.group_key] = event.owner
            case chat.GroupOwnershipTransferred():
                assert owners[event.group_key] == event.previous_owner
                assert event.new_owner in members[event.group_key]
                owners[event.group_key] = event.new_owner
            case chat.MemberJoined():
                assert event.member not in members[event.group_key]
                members[event.group_key].add(event.member)
            case chat.MemberLeft() | chat.MemberRemoved():
                assert owners[event.group_key] != event.member
                members[event.group_key].remove(event.member)
            case chat.RoleChanged() | chat.MemberMuted():
                assert event.member in members[event.group_key]


def test_requests_are_answered_once_and_an_approval_follows_the_entry(history: History) -> None:
    pending: set[tuple[bytes, bytes]] = set()
    before: Any = None
    for event in history.events():
        match event:
            case chat.JoinRequestCreated():
                pending.add((event.group_key, event.requester))
            case chat.JoinRequestRejected():
                pending.remove((event.group_key, event.requester))
            case chat.JoinRequestApproved():
                pending.remove((event.group_key, event.requester))
                assert isinstance(before, ENTERED) and before.member == event.requester
        before = event


def test_a_payment_completes_exactly_when_its_target_is_reached(history: History) -> None:
    target: dict[bytes, int] = {}
    collected: Counter[bytes] = Counter()
    done: set[bytes] = set()
    events = list(history.events())
    for event, following in zip(events, [*events[1:], None], strict=True):
        match event:
            case pay.PaymentCreated():
                target[event.payment_id] = event.amount
            case pay.PaymentContributed():
                assert event.payment_id not in done
                collected[event.payment_id] += event.amount
                if collected[event.payment_id] >= target[event.payment_id]:
                    done.add(event.payment_id)
                    assert isinstance(following, pay.PaymentCompleted)
                    assert following.total_amount == collected[event.payment_id]
            case pay.PaymentCompleted() | pay.FundsWithdrawn() if event.payment_id in target:
                assert event.payment_id in done
            case pay.PaymentCancelled():
                assert event.payment_id not in done


def test_of_a_shared_bill_everybody_asked_pays_the_same_share_once(history: History) -> None:
    shares: dict[bytes, int] = {}
    waiting: dict[bytes, set[bytes]] = {}
    for one in history.told:
        match one.event:
            case pay.PaymentCreated():
                call: Any = decode_input(one.contract, one.transaction.input)
                waiting[one.event.payment_id] = set(call.participants)
                if isinstance(call, payment_calls.CreateAAPayment):
                    shares[one.event.payment_id] = call.total_amount // len(call.participants)
            case pay.PaymentContributed():
                waiting[one.event.payment_id].remove(one.event.contributor)
                assert one.event.amount == shares.get(one.event.payment_id, one.event.amount)
                assert one.transaction.value == one.event.amount
    assert len(shares) > 20


def test_a_cancellation_first_credits_everybody_who_gave_all_they_gave(history: History) -> None:
    given: dict[bytes, Counter[bytes]] = defaultdict(Counter)
    credited: dict[bytes, list[tuple[bytes, int]]] = defaultdict(list)
    cancelled = 0
    for one in history.told:
        match one.event:
            case pay.PaymentContributed():
                given[one.event.payment_id][one.event.contributor] += one.event.amount
            case pay.CrowdfundingBacked():
                given[one.event.funding_id][one.event.backer] += one.event.amount
            case pay.RefundCredited():
                credited[one.transaction.hash].append((one.event.user, one.event.amount))
            case pay.PaymentCancelled(id_) | pay.CrowdfundingCancelled(id_):
                assert credited[one.transaction.hash] == list(given[id_].items())
                cancelled += bool(given[id_])
    assert cancelled > 20


def test_a_refund_is_all_that_was_credited_since_the_last(history: History) -> None:
    owed: Counter[bytes] = Counter()
    for event in history.events():
        match event:
            case pay.RefundCredited():
                owed[event.user] += event.amount
            case pay.RefundWithdrawn():
                assert event.amount == owed.pop(event.user) > 0


def test_the_claims_of_a_completed_packet_sum_to_its_amount(history: History) -> None:
    totals: dict[bytes, tuple[int, int]] = {}
    claims: dict[bytes, dict[bytes, int]] = defaultdict(dict)
    senders: dict[bytes, bytes] = {}
    completed = 0
    for event in history.events():
        match event:
            case packet.RedPacketCreated():
                totals[event.red_packet_id] = event.total_amount, event.total_count
                senders[event.red_packet_id] = event.sender
            case packet.RedPacketClaimed():
                theirs = claims[event.red_packet_id]
                assert event.claimer not in (*theirs, senders[event.red_packet_id])
                theirs[event.claimer] = event.amount
                assert event.order == len(theirs)
            case packet.RedPacketCompleted():
                theirs = claims[event.red_packet_id]
                assert (sum(theirs.values()), len(theirs)) == totals[event.red_packet_id]
                completed += 1
    assert completed > 20


def test_of_an_expired_packet_the_sender_gets_the_rest_after_a_day(history: History) -> None:
    created: dict[bytes, packet.RedPacketCreated] = {}
    taken: Counter[bytes] = Counter()
    refunded = 0
    for event in history.events():
        match event:
            case packet.RedPacketCreated():
                created[event.red_packet_id] = event
            case packet.RedPacketClaimed():
                taken[event.red_packet_id] += event.amount
                assert event.timestamp <= created[event.red_packet_id].timestamp + 86_400
            case packet.RedPacketRefunded():
                packed = created[event.red_packet_id]
                assert event.timestamp > packed.timestamp + 86_400
                assert event.amount == packed.total_amount - taken[event.red_packet_id]
                refunded += 1
    assert refunded > 5


def test_only_those_named_claim_of_an_exclusive_packet(history: History) -> None:
    named: dict[bytes, tuple[bytes, ...]] = {}
    claimed = 0
    for one in history.told:
        call = decode_input(one.contract, one.transaction.input)
        match one.event, call:
            case packet.RedPacketCreated(), packet_calls.CreateExclusiveRedPacket():
                named[one.event.red_packet_id] = call.recipients
            case packet.RedPacketClaimed(), _ if one.event.red_packet_id in named:
                assert one.event.claimer in named[one.event.red_packet_id]
                claimed += 1
    assert claimed > 20
