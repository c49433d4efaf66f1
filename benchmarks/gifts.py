"""Red packets: who sends them, who takes of them, and what comes back after a day."""

from benchmarks import texts
from benchmarks.entities import Packet
from benchmarks.world import DEPLOYER, Sent, World
from indexer.events.calls import Call, ownable
from indexer.events.calls import red_packet as calls
from indexer.events.definitions import Contract, Event
from indexer.events.definitions import ownable as owned
from indexer.events.definitions import red_packet as packets
from indexer.units import Address, keccak

MILLI = 10**15
LEAST_SHARE = 10**14
LIFE = 86_400
RANDOM, FIXED, EXCLUSIVE = range(3)
COMPLETED, REFUNDED = 1, 3


def _sent(sender: Address, call: Call, *events: Event, value: int = 0) -> tuple[Sent, ...]:
    contract = Contract.RED_PACKET
    return (Sent(contract=contract, sender=sender, call=call, events=events, value=value),)


def send(world: World) -> tuple[Sent, ...]:
    """A member fills a packet."""
    if (group := world.any(world.groups)) is None:
        return ()
    rng = world.rng
    kind = rng.choices((RANDOM, FIXED, EXCLUSIVE), (6, 2, 2))[0]
    sender, count = group.members.draw(rng), rng.randint(2, 12)
    named = tuple({world.somebody(): None for _ in range(count)}) if kind == EXCLUSIVE else ()
    recipients = tuple(one for one in named if one != sender)
    count = len(recipients) or count
    packet = Packet(
        id=world.identify("redpacket", "red packet"),
        kind=RANDOM if kind == EXCLUSIVE and not recipients else kind,
        group_id=group.id,
        sender=sender,
        message=texts.sentence(rng),
        total=(total := rng.randint(10, 2000) * MILLI + rng.randint(0, 9)),
        count=count,
        recipients=recipients,
        expires=world.now + LIFE,
        remaining=total,
    )
    world.begin_packet(packet)
    key, at = keccak(group.id), world.now
    event = packets.RedPacketCreated(packet.id, key, sender, packet.kind, total, count, at)
    return _sent(sender, _creation(packet), event, value=total)


def _creation(packet: Packet) -> Call:
    if packet.kind == EXCLUSIVE:
        return calls.CreateExclusiveRedPacket(packet.group_id, packet.recipients, packet.message)
    if packet.kind == FIXED:
        return calls.CreateFixedRedPacket(packet.group_id, packet.count, packet.message)
    return calls.CreateRandomRedPacket(packet.group_id, packet.count, packet.message)


def claim(world: World) -> tuple[Sent, ...]:
    """Somebody takes a share; of an expired packet the sender gets the rest, or forgets it."""
    if (packet := world.any(world.packets)) is None:
        return ()
    if world.now > packet.expires:
        return _refund(world, packet)
    user = _claimer(world, packet)
    if user is None:
        return ()
    amount = _share(world, packet)
    packet.claims[user] = amount
    packet.remaining -= amount
    at = world.now
    events: list[Event] = [
        packets.RedPacketClaimed(packet.id, user, amount, len(packet.claims), at)
    ]
    if len(packet.claims) == packet.count:
        packet.status = COMPLETED
        world.end_packet(packet)
        events.append(packets.RedPacketCompleted(packet.id, at))
    return _sent(user, calls.ClaimRedPacket(packet.id), *events)


def _claimer(world: World, packet: Packet) -> Address | None:
    """Exclusive packets are claimed in the order of the list."""
    user = packet.recipients[len(packet.claims)] if packet.recipients else world.somebody()
    return None if user == packet.sender or user in packet.claims else user


def _share(world: World, packet: Packet) -> int:
    """The contract's rule: the last gets the rest, random shares are within two bounds."""
    left = packet.count - len(packet.claims)
    if left == 1:
        return packet.remaining
    if packet.kind != RANDOM:
        return packet.total // packet.count
    most = packet.remaining * 2 // left
    least = max(packet.remaining // (left * 10), LEAST_SHARE)
    return world.rng.randrange(least, most) if most > least else packet.remaining // left


def _refund(world: World, packet: Packet) -> tuple[Sent, ...]:
    forgotten = world.rng.random() < 0.3
    amount = packet.remaining
    if not forgotten:
        packet.remaining, packet.status = 0, REFUNDED
    world.end_packet(packet)
    if forgotten:
        return ()
    call = calls.RefundExpiredRedPacket(packet.id)
    refunded = packets.RedPacketRefunded(packet.id, packet.sender, amount, world.now)
    return _sent(packet.sender, call, refunded, packets.RedPacketExpired(packet.id, world.now))


def interrupt(world: World) -> tuple[Sent, ...]:
    """The deployer pauses a contract and lets it go on."""
    contract = world.rng.choice(list(Contract))
    stop = Sent(
        contract=contract,
        sender=DEPLOYER,
        call=ownable.Pause(),
        events=(owned.Paused(DEPLOYER),),
    )
    return (
        stop,
        Sent(
            contract=contract,
            sender=DEPLOYER,
            call=ownable.Unpause(),
            events=(owned.Unpaused(DEPLOYER),),
        ),
    )
