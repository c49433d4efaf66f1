"""Watching the calls that change a contract without an event: what they may have changed is asked.

A call says what it was about, not whether it took effect; the contract's answer at the end of its
block does. Where an event of that block tells as much, nothing is asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Final, NamedTuple, assert_never

from indexer.chain.settled import settled
from indexer.chain.state import Answered, Refused, State, Told, call
from indexer.chain.wire import Call as Query
from indexer.events.calls import Call
from indexer.events.calls.group_chat import (
    DissolveGroup,
    MuteMember,
    RejectJoinRequest,
    UpdateGroupInfo,
)
from indexer.events.calls.group_payment import CancelCrowdfunding
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.events.embedded import embedded
from indexer.events.inputs import decode_input
from indexer.events.observations import (
    NOBODY,
    Kind,
    MemberObserved,
    Observation,
    Origin,
    observed,
    question,
)
from indexer.projections.members import ADMIN
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Sighting
from indexer.sync.spare import Spare
from indexer.units import Address, BlockNumber, Hash32, keccak

VIEWS: Final = 25
"""Questions in one request."""
MOST_CALLS: Final = 1_000
"""Calls within one transaction that are looked at."""

SilentCall = MuteMember | UpdateGroupInfo | DissolveGroup | RejectJoinRequest | CancelCrowdfunding
"""The calls that tell nobody, on the deployed revision."""
SILENT: Final[Mapping[Contract, tuple[type[Call], ...]]] = {
    Contract.GROUP_CHAT: (MuteMember, UpdateGroupInfo, DissolveGroup, RejectJoinRequest),
    Contract.GROUP_PAYMENT: (CancelCrowdfunding,),
}


class Suspect(NamedTuple):
    """Something that may have changed in a block: what an observation would be about."""

    block: BlockNumber
    kind: Kind
    key: Hash32
    address: Address


class Lead(NamedTuple):
    """How to ask about a suspect: the plain id of its group, and who may be an admin of it."""

    group_id: bytes | None
    admins: tuple[Address, ...]


class Watch:
    """Asks the contracts about what was called, at the end of the block of the call."""

    def __init__(self, state: State, contracts: Mapping[Address, Contract]) -> None:
        self._contracts = contracts
        self._addresses = {contract: address for address, contract in contracts.items()}
        ask = partial(settled, state.told)
        self._views = Spare[Query, Told]("eth_call at that block", ask, group=VIEWS)

    async def see(self, batch: Batch) -> Batch:
        """The batch with what its calls have changed without an event."""
        suspects = suspected(batch.calls, self._contracts)
        for known in told(batch.facts):
            suspects.pop(known, None)
        if not suspects:
            return batch
        hashes = {block.number: block.hash for block in batch.blocks}
        asked = [
            call(self._addresses[one.kind.contract], data, hashes[one.block], sender)
            for one, lead in suspects.items()
            for data, sender in _questions(one, lead)
        ]
        answers = iter(await self._views.ask(asked))
        seen: list[Observation] = []
        for one, lead in suspects.items():
            mine = [*islice(answers, len(list(_questions(one, lead))))]
            seen += _observations(one, lead, mine, hashes[one.block])
        return replace(batch, observations=[*batch.observations, *seen])


def suspected(
    calls: Iterable[Sighting], contracts: Mapping[Address, Contract]
) -> dict[Suspect, Lead]:
    """What the calls may have changed silently."""
    found: dict[Suspect, Lead] = {}
    for sighting in calls:
        admins = (sighting.sender,) if sighting.to is None else (sighting.sender, sighting.to)
        for made in _silent(sighting, contracts):
            kind, group_id, key, address = _about(made)
            one = Suspect(sighting.block, kind, key, address)
            before = found[one].admins if one in found else ()
            found[one] = Lead(group_id, tuple(dict.fromkeys((*before, *admins))))
    return found


def _silent(sighting: Sighting, contracts: Mapping[Address, Contract]) -> Iterator[SilentCall]:
    """The calls of the transaction, or within its input, that may have told nobody."""
    contract = contracts.get(sighting.to) if sighting.to else None
    if contract is not None:
        made: list[Call | None] = [decode_input(contract, sighting.input)]
    else:
        within = (embedded(other, sighting.input, kinds) for other, kinds in SILENT.items())
        made = [one for each in within for _, one in islice(each, MOST_CALLS)]
    yield from (one for one in made if isinstance(one, SilentCall))


def _about(made: SilentCall) -> tuple[Kind, bytes | None, Hash32, Address]:
    match made:
        case MuteMember(group_id=id_, member=member):
            return Kind.MEMBER, id_, keccak(id_), member
        case RejectJoinRequest(group_id=id_, requester=requester):
            return Kind.JOIN_REQUEST, id_, keccak(id_), requester
        case UpdateGroupInfo(group_id=id_) | DissolveGroup(group_id=id_):
            return Kind.GROUP, id_, keccak(id_), NOBODY
        case CancelCrowdfunding(funding_id=id_):
            return Kind.CROWDFUNDING, None, id_, NOBODY
        case _:
            assert_never(made)


def told(facts: Iterable[Fact]) -> Iterator[Suspect]:
    """What events tell, and nobody has to be asked about: as on the hardened revision."""
    for fact in facts:
        block = BlockNumber(fact.block)
        match fact.event:
            case chat.MemberMuted(group_key=key, member=member):
                yield Suspect(block, Kind.MEMBER, key, member)
            case chat.JoinRequestRejected(group_key=key, requester=requester):
                yield Suspect(block, Kind.JOIN_REQUEST, key, requester)
            case chat.GroupInfoUpdated(group_key=key) | chat.GroupDissolved(group_key=key):
                yield Suspect(block, Kind.GROUP, key, NOBODY)
            case pay.CrowdfundingCancelled(funding_id=key):
                yield Suspect(block, Kind.CROWDFUNDING, key, NOBODY)


def _questions(one: Suspect, lead: Lead) -> Iterator[tuple[bytes, Address | None]]:
    """Calldata, and as whom to call: of a request each admin's role, and whether he may reject."""
    if one.kind is not Kind.JOIN_REQUEST:
        yield _question(one, lead), None
        return
    for admin in lead.admins:
        yield _question(one._replace(kind=Kind.MEMBER, address=admin), lead), None
        yield _question(one, lead), admin


def _question(one: Suspect, lead: Lead) -> bytes:
    data = question(one.kind, one.key, one.address, lead.group_id)
    assert data is not None, "a call names its group"
    return data


def _observations(
    one: Suspect, lead: Lead, answers: Sequence[Told | None], block_hash: Hash32
) -> Iterator[Observation]:
    """The observation that the answers make; none where they say nothing."""
    if one.kind is Kind.JOIN_REQUEST:
        answer = _pending(one, lead, answers)
    else:
        answer = answers[0] if answers else None
    match answer:
        case Answered(data=data) if observed(one.kind, one.key, one.address, data) is not None:
            found: bytes | None = data
        case Refused() if one.kind is Kind.JOIN_REQUEST:
            found = None
        case _:
            return
    yield Observation(one.key, one.kind, one.address, one.block, block_hash, found, Origin.WATCH)


def _pending(one: Suspect, lead: Lead, answers: Sequence[Told | None]) -> Told | None:
    """What an admin of the group was told; the others may be refused for what they are."""
    for admin, role, answer in zip(lead.admins, answers[::2], answers[1::2], strict=True):
        if isinstance(role, Answered):
            seen = observed(Kind.MEMBER, one.key, admin, role.data)
            if isinstance(seen, MemberObserved) and seen.seen.role >= ADMIN:
                return answer
    return None
