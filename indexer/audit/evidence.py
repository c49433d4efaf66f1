"""The facts behind a difference: the events and observations that made the index's value."""

from dataclasses import dataclass
from typing import Any, Final

from indexer.audit.differences import Difference, GroupName, User
from indexer.audit.readings import VIEWS
from indexer.audit.tables import Db
from indexer.events.definitions import EVENTS, Contract
from indexer.events.observations import Kind, Origin
from indexer.projections.entities import Entity, EntityKind
from indexer.sync.stored import CANCELLATIONS, CONTRACTS, KINDS
from indexer.units import Hash32

MOST: Final = 50
"""Events and observations of a difference: the newest."""
ABOUT_ENTITY: Final = """
SELECT block_number, log_index, topic0 FROM events
WHERE topic1 = %(key)s AND contract = %(contract)s
    AND (%(of)s::bytea IS NULL OR %(of)s IN (topic2, topic3) OR topic0 = ANY(%(ends)s))
    AND (%(names)s::bytea[] IS NULL OR topic0 = ANY(%(names)s))
ORDER BY block_number DESC, log_index DESC LIMIT %(limit)s
"""
"""Served by events_topic1_block_number_log_index_idx."""
ABOUT_NAME: Final = """
SELECT block_number, log_index, topic0 FROM events
WHERE (topic2 = %(key)s OR topic3 = %(key)s OR topic1 = %(key)s) AND contract = %(contract)s
ORDER BY block_number DESC, log_index DESC LIMIT %(limit)s
"""
"""Served by the indexes of events on topic1, topic2 and topic3."""
SEEN: Final = """
SELECT block_number, kind, origin FROM observations
WHERE key = %(key)s AND kind = ANY(%(kinds)s) AND address IN ('', %(address)s)
ORDER BY block_number DESC LIMIT %(limit)s
"""
"""Served by the primary key."""
TEXTS: Final = ("GroupCreated", "GroupInfoUpdated")
SETTINGS: Final = ("GroupCreated", "GroupSettingsUpdated")
MEMBERSHIP: Final = ("GroupCreated", "MemberJoined", "MemberLeft", "MemberRemoved")
MAKERS: Final = {
    **dict.fromkeys(("name", "avatar", "description"), TEXTS),
    **dict.fromkeys(("isPublic", "is_public", "muteAll", "mute_all"), SETTINGS),
    **dict.fromkeys(("allowMemberInvite", "allow_member_invite"), SETTINGS),
    **dict.fromkeys(("requireApproval", "require_approval"), SETTINGS),
    **dict.fromkeys(("maxMembers", "max_members"), SETTINGS),
    **dict.fromkeys(("memberCount", "member_count", "members", "length of members"), MEMBERSHIP),
    "owner": ("GroupCreated", "RoleChanged", "GroupOwnershipTransferred"),
    "isActive": ("GroupCreated", "GroupDissolved"),
    "is_active": ("GroupCreated", "GroupDissolved"),
}
"""Field of a group → the events that can have set it; of everything else, all of its events."""
NAMES: Final = {(spec.contract, spec.topic0): spec.name for spec in EVENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`events`: (block, log, name), oldest first; observations: (block, kind, origin)."""

    events: list[tuple[int, int, str]]
    observations: list[tuple[int, Kind, Origin]]


def evidence(db: Db, difference: Difference) -> Evidence:
    """The newest facts about what differs; none about what is no entity's."""
    match difference.subject:
        case Entity() as entity:
            return _about(db, entity, difference)
        case User(key=key) | GroupName(key=key) if difference.source in VIEWS:
            contract = VIEWS[difference.source].contract
            asked = {"key": key.rjust(32, b"\0"), "contract": contract, "limit": MOST}
            return Evidence(events=_events(db, ABOUT_NAME, asked), observations=[])
        case _:
            return Evidence(events=[], observations=[])


def _about(db: Db, entity: Entity, difference: Difference) -> Evidence:
    of = difference.of
    asked = {
        "key": entity.key.rjust(32, b"\0"),
        "contract": CONTRACTS[entity.kind],
        "of": None if of is None or entity.kind is EntityKind.REFUND else of.rjust(32, b"\0"),
        "ends": CANCELLATIONS,
        "names": _makers(entity, difference.field),
        "limit": MOST,
    }
    seen = {
        "key": entity.key,
        "kinds": list(KINDS[entity.kind]),
        "address": of or b"",
        "limit": MOST,
    }
    found = db.execute(SEEN, seen).fetchall() if KINDS[entity.kind] else []
    told = [(block, Kind(kind), Origin(origin)) for block, kind, origin in reversed(found)]
    return Evidence(events=_events(db, ABOUT_ENTITY, asked), observations=told)


def _makers(entity: Entity, field: str) -> list[bytes] | None:
    names = MAKERS.get(field) if entity.kind is EntityKind.GROUP else None
    return None if names is None else [spec.topic0 for spec in EVENTS if spec.name in names]


def _events(db: Db, statement: str, asked: dict[str, Any]) -> list[tuple[int, int, str]]:
    found = db.execute(statement.encode(), asked).fetchall()
    return [
        (block, log, _name(asked["contract"], topic0)) for block, log, topic0 in reversed(found)
    ]


def _name(contract: Contract, topic0: bytes | None) -> str:
    return NAMES.get((contract, Hash32(topic0 or b"")), "unknown")
