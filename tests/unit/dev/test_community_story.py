"""The community's story: the same for a seed, always possible, and all of it gets told."""

import json
from pathlib import Path

import pytest

from indexer.dev.community import money, packets, social
from indexer.dev.community.calls import Call, Function, functions, parse
from indexer.dev.community.fold import CREATED, CREDITED, Mined, apply
from indexer.dev.community.story import WEIGHTS, next_call, next_calls
from indexer.dev.community.world import Kind, Pot, World
from indexer.units import keccak

USERS = [f"0x{n:040x}" for n in range(1, 25)]
ABI = Path(__file__).parents[3] / "contracts" / "abi"
START = 1_700_000_000


def accepted(world: World, call: Call, now: int) -> Mined:
    """What the contracts log of the call, as far as the community reads it."""
    logs: list[tuple[list[bytes], bytes]] = []
    if call.name in CREATED:
        key = keccak(f"{call.name}/{world.turn}".encode())
        if call.name == "createGroup":
            key = keccak(f"group_{len(world.groups) + 1}".encode())
        logs.append(([CREATED[call.name], key], b""))
    if call.name in ("cancelPayment", "cancelCrowdfunding"):
        for payer in sorted(world.pots[call.args[0]].payers):
            user = bytes.fromhex(payer[2:]).rjust(32, b"\0")
            logs.append(([CREDITED, user], (10**15).to_bytes(32, "big")))
    return Mined(call=call, logs=logs, timestamp=now)


def told(seed: int, turns: int) -> tuple[World, list[Call]]:
    world, calls = World(), []
    for turn in range(turns):
        now = START + turn * 240
        calls.append(next_call(world, users=USERS, now=now, seed=seed))
        apply(world, accepted(world, calls[-1], now))
    return world, calls


def test_the_same_seed_tells_the_same_story() -> None:
    assert told(7, 400) == told(7, 400)


def test_another_seed_tells_another_story() -> None:
    assert told(7, 100) != told(8, 100)


def test_everything_that_can_be_done_gets_done() -> None:
    world, calls = told(1, 6000)
    assert {call.name for call in calls} == set(functions())
    assert {pot.kind for pot in world.pots.values()} == set(Kind)
    assert any(packet.refunded for packet in world.packets.values())
    assert 20 <= len(world.groups) < 200


def test_no_call_of_the_story_is_one_that_the_contracts_refuse() -> None:
    world = World()
    for turn in range(4000):
        now = START + turn * 240
        call = next_call(world, users=USERS, now=now, seed=3)
        assert why_refused(world, call, now) is None, call
        apply(world, accepted(world, call, now))


def why_refused(world: World, call: Call, now: int) -> str | None:
    """The refusals of the contracts that hang on what was done before."""
    if group := world.groups.get(call.subject):
        inside = call.sender in group.members
        match call.name:
            case "joinGroup" if inside or not group.has_room():
                return "no entry"
            case "leaveGroup" if not inside or call.sender == group.owner:
                return "cannot leave"
            case "approveJoinRequest" | "rejectJoinRequest" if call.args[1] not in group.requests:
                return "no request"
            case "removeMember" | "muteMember" | "setAdmin" | "transferOwnership" if (
                call.args[1] not in group.members or call.args[1] == group.owner
            ):
                return "not a member, or the owner"
    elif pot := world.pots.get(call.subject):
        return why_money_refused(pot, call, now)
    elif packet := world.packets.get(call.subject):
        if call.name == "refundExpiredRedPacket":
            return None if call.sender == packet.sender and now > packet.expires else "too early"
        if call.sender == packet.sender or call.sender in packet.claimers or packet.left < 1:
            return "no claim"
    return None


def why_money_refused(pot: Pot, call: Call, now: int) -> str | None:
    match call.name:
        case "contribute" if call.sender not in pot.invited or call.sender in pot.payers:
            return "not asked"
        case "contribute" | "backCrowdfunding" if now >= pot.deadline or call.value < pot.least:
            return "too late or too little"
        case "withdrawFunds" | "withdrawCrowdfundingFunds" if pot.withdrawn or not pot.completed():
            return "nothing to withdraw"
        case "cancelPayment" | "cancelCrowdfunding" if pot.cancelled or pot.completed():
            return "over"
    return None


def test_calls_for_one_block_are_of_different_people_about_different_things() -> None:
    world, _ = told(1, 300)
    calls = next_calls(world, users=USERS, now=START + 300 * 240, seed=1, most=7)
    subjects = [call.subject for call in calls if call.subject is not None]
    assert len(calls) == 7
    assert len({call.sender for call in calls}) == 7
    assert len(set(subjects)) == len(subjects)


def test_every_idea_is_silent_in_an_empty_world() -> None:
    ideas = {social.join, money.contribute, packets.claim} & set(WEIGHTS)
    assert len(ideas) == 3
    assert next_call(World(), users=USERS, now=START, seed=1).name == "createGroup"


def test_a_call_is_read_back_from_its_calldata() -> None:
    _, calls = told(1, 1500)
    for call in calls:
        assert parse(call.sender, call.data(), call.value) == call


def test_calldata_of_others_is_no_call_of_ours() -> None:
    assert parse(USERS[0], b"", 0) is None
    assert parse(USERS[0], bytes(100), 0) is None


@pytest.mark.parametrize("function", functions().values(), ids=str)
def test_every_function_is_one_of_the_contracts(function: Function) -> None:
    abi = json.loads((ABI / f"{function.contract}.json").read_text())
    known = {
        (entry["name"], tuple(item["type"] for item in entry["inputs"]))
        for entry in abi
        if entry["type"] == "function"
    }
    assert (function.name, function.types) in known


def test_what_is_about_something_unknown_changes_nothing() -> None:
    world = World()
    call = Call(sender=USERS[0], name="joinGroup", args=("group_999",))
    apply(world, Mined(call=call, logs=[], timestamp=START))
    assert world == World(turn=1)
