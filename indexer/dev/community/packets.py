"""What people give away. Each function: a call that the contract would accept, or None."""

from indexer.dev.community.calls import Call
from indexer.dev.community.texts import GREETINGS
from indexer.dev.community.view import View
from indexer.dev.community.world import Packet


def give_random(view: View) -> Call | None:
    """A member throws a packet of unequal shares into the group."""
    return _give(view, "createRandomRedPacket")


def give_fixed(view: View) -> Call | None:
    """A member throws a packet of equal shares into the group."""
    return _give(view, "createFixedRedPacket")


def _give(view: View, name: str) -> Call | None:
    group = view.group(people=2)
    if group is None:
        return None
    args = (group.id, view.rng.randint(1, 7), view.rng.choice(GREETINGS))
    value = view.ether(10, 888)
    return Call(sender=view.rng.choice(group.members), name=name, args=args, value=value)


def give_exclusive(view: View) -> Call | None:
    """A member gives equal shares to some others."""
    group = view.group(people=3)
    if group is None:
        return None
    sender = view.rng.choice(group.members)
    others = sorted({*group.members} - {sender})
    args = (group.id, tuple(view.some(others, 1, 5)), view.rng.choice(GREETINGS))
    value = view.ether(10, 600)
    return Call(sender=sender, name="createExclusiveRedPacket", args=args, value=value)


def claim(view: View) -> Call | None:
    """Somebody opens a packet."""
    packets = (p for p in view.world.packets.values() if p.claimable(view.now))
    packet = view.one(p for p in packets if _takers(view, p))
    if packet is None:
        return None
    sender = view.rng.choice(_takers(view, packet))
    return Call(sender=sender, name="claimRedPacket", args=(packet.id,))


def fetch_back(view: View) -> Call | None:
    """A sender fetches what nobody took within a day."""
    packets = (p for p in view.world.packets.values() if p.refundable(view.now))
    packet = view.one(packets)
    if packet is None:
        return None
    return Call(sender=packet.sender, name="refundExpiredRedPacket", args=(packet.id,))


def _takers(view: View, packet: Packet) -> list[str]:
    able = packet.recipients or view.users
    return [user for user in able if user != packet.sender and user not in packet.claimers]
