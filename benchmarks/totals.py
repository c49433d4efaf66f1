"""What an index of the chain must hold at the end, as numbers: rows, sums and mixed keys.

A name is `table.measure`. An entity is counted when nothing will happen to it any more.
"""

from collections import Counter
from typing import Final

from benchmarks.entities import Group, Packet, Pot

ADMIN: Final = 1
RANDOM: Final = 0
AA: Final = 1
CROWDFUNDING: Final = 2


class Totals(Counter[str]):
    """The numbers so far."""

    def group(self, group: Group) -> None:
        """Counts the group, its members and those who wait to be let in."""
        self["groups.rows"] += 1
        self["groups.member_count"] += len(group.members)
        self["groups.max_members"] += group.limit
        self["groups.active"] += group.active
        self["groups.public"] += group.is_public
        self["groups.approval"] += group.approval
        self["groups.invites"] += group.invites
        self["groups.mute_all"] += group.mute_all
        self["groups.texts"] += len(group.name) + len(group.avatar) + len(group.description)
        self["groups.ids"] += len(group.id)
        self["groups.owners"] += group.owner[0]
        self["members.rows"] += len(group.members)
        self["members.roles"] += ADMIN * len(group.admins) + 2
        self["members.muted"] += len(group.muted)
        self["members.mix"] += group.key[0] * sum(member[0] for member in group.members)
        self["join_requests.rows"] += len(group.requests)
        self["join_requests.mix"] += group.key[0] * sum(one[0] for one in group.requests)

    def pot(self, pot: Pot) -> None:
        """Counts the payment, those asked for money and those who gave."""
        self["payments.rows"] += 1
        self["payments.kinds"] += pot.kind
        self["payments.target"] += pot.target
        self["payments.collected"] += pot.collected
        self["payments.shares"] += pot.share if pot.kind == AA else 0
        self["payments.least"] += pot.least if pot.kind == CROWDFUNDING else 0
        self["payments.texts"] += len(pot.group_id) + len(pot.title) + len(pot.description)
        self["payments.deadlines"] += pot.deadline
        self["payments.status"] += pot.status
        self["payments.withdrawn"] += pot.withdrawn
        self["participants.rows"] += len(pot.participants)
        self["participants.mix"] += pot.id[0] * sum(one[0] for one in pot.participants)
        self["contributions.rows"] += len(pot.given)
        self["contributions.amount"] += sum(pot.given.values())
        self["contributions.mix"] += pot.id[0] * sum(one[0] for one in pot.given)

    def packet(self, packet: Packet) -> None:
        """Counts the red packet, whom it is for and who took of it."""
        taken = len(packet.claims)
        self["red_packets.rows"] += 1
        self["red_packets.kinds"] += packet.kind
        self["red_packets.total"] += packet.total
        self["red_packets.remaining"] += packet.remaining
        self["red_packets.remaining_count"] += packet.count - taken
        self["red_packets.shares"] += 0 if packet.kind == RANDOM else packet.total // packet.count
        self["red_packets.texts"] += len(packet.group_id) + len(packet.message)
        self["red_packets.expires"] += packet.expires
        self["red_packets.status"] += packet.status
        self["recipients.rows"] += len(packet.recipients)
        self["claims.rows"] += taken
        self["claims.amount"] += sum(packet.claims.values())
        self["claims.orders"] += taken * (taken + 1) // 2
        self["claims.mix"] += packet.id[0] * sum(claimer[0] for claimer in packet.claims)
