"""A notification as a sentence: what it is about, by its kind and arguments."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from indexer.effects.effect import Kind
from indexer.texts.amounts import ether, moment
from indexer.texts.catalogue import Locale, say
from indexer.units import Address, address, checksum

LONGEST_NAME: Final = 60
EXCLUSIVE: Final = "2"
ROLES: Final = {"0": "member", "1": "admin", "2": "owner"}
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\s]+")
"""Control characters, and those that would turn the text around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: the language, and the zone of the clock (IANA)."""

    locale: Locale = Locale.ENGLISH
    zone: str = "UTC"


Arguments = Mapping[str, Any]
Values = dict[str, Any]
Fill = Callable[[Arguments, Reader], Values]


def text(kind: Kind, arguments: Arguments, group: str | None, reader: Reader) -> str:
    """The sentence; `group` is the name of the group that it is about, None where nobody knows."""
    message, fill = SENTENCES[kind]
    if kind is Kind.PACKET_SENT and arguments.get("packet_type") == EXCLUSIVE:
        message = "packet-sent-to-you"
    return say(reader.locale, message, group=named(group, reader.locale), **fill(arguments, reader))


def named(name: str | None, locale: Locale) -> str:
    """The name on one line, not longer than a line."""
    clean = UNPRINTABLE.sub(" ", name or "").strip()
    if not clean:
        return say(locale, "some-group")
    return clean if len(clean) <= LONGEST_NAME else clean[: LONGEST_NAME - 1] + "…"


def who(hexed: str) -> str:
    """An address as people tell them apart: both of its ends."""
    whole = checksum(Address(address(hexed)))
    return f"{whole[:6]}…{whole[-4:]}"


def _people(*names: str) -> Fill:
    return lambda arguments, _: {name: who(arguments[name]) for name in names}


def _nothing(_: Arguments, __: Reader) -> Values:
    return {}


def _amount(arguments: Arguments, reader: Reader, *names: str) -> Values:
    for name in names:
        if name in arguments:
            return {"amount": ether(int(arguments[name]), reader.locale)}
    return {"amount": ether(0, reader.locale)}


def _role(arguments: Arguments, _: Reader) -> Values:
    return {"role": ROLES[arguments["new_role"]]}


def _muted(arguments: Arguments, _: Reader) -> Values:
    return {"muted": "yes" if arguments["muted"] else "no"}


def _created(arguments: Arguments, reader: Reader) -> Values:
    type_ = "crowdfunding" if "funding_id" in arguments else "payment"
    asked = _amount(arguments, reader, "amount", "target_amount")
    return {"initiator": who(arguments["initiator"]), "type": type_} | asked


def _contributed(arguments: Arguments, reader: Reader) -> Values:
    giver = arguments.get("contributor") or arguments["backer"]
    return {"contributor": who(giver)} | _amount(arguments, reader, "amount")


def _cancelled(arguments: Arguments, reader: Reader) -> Values:
    refunded = "yes" if "refund" in arguments else "no"
    return {"refunded": refunded} | _amount(arguments, reader, "refund")


def _due(arguments: Arguments, reader: Reader) -> Values:
    return {"deadline": moment(int(arguments["deadline"]), reader.locale, reader.zone)}


def _sent(arguments: Arguments, reader: Reader) -> Values:
    count = min(int(arguments["total_count"]), 10**9)
    sent = {"sender": who(arguments["sender"]), "count": count}
    return sent | _amount(arguments, reader, "total_amount")


def _claimed(arguments: Arguments, reader: Reader) -> Values:
    return {"claimer": who(arguments["claimer"])} | _amount(arguments, reader, "amount")


def _emptied(arguments: Arguments, reader: Reader) -> Values:
    known = "luckiest" in arguments
    name = who(arguments["luckiest"]) if known else ""
    shown = _amount(arguments, reader, "luckiest_amount")
    return {"known": "yes" if known else "no", "luckiest": name} | shown


def _expired(arguments: Arguments, reader: Reader) -> Values:
    return _amount(arguments, reader, "refundable")


SENTENCES: Final[Mapping[Kind, tuple[str, Fill]]] = {
    Kind.INVITED: ("invited", _nothing),
    Kind.JOINED: ("joined", _people("member")),
    Kind.ROLE_CHANGED: ("role-changed", _role),
    Kind.MUTED: ("muted", _muted),
    Kind.REMOVED: ("removed", _nothing),
    Kind.JOIN_REQUESTED: ("join-requested", _people("requester")),
    Kind.REQUEST_APPROVED: ("request-approved", _nothing),
    Kind.REQUEST_REJECTED: ("request-rejected", _nothing),
    Kind.PAYMENT_CREATED: ("payment-created", _created),
    Kind.CONTRIBUTED: ("contributed", _contributed),
    Kind.PAYMENT_COMPLETED: ("payment-completed", _nothing),
    Kind.PAYMENT_CANCELLED: ("payment-cancelled", _cancelled),
    Kind.PAYMENT_DUE: ("payment-due", _due),
    Kind.PACKET_SENT: ("packet-sent", _sent),
    Kind.PACKET_CLAIMED: ("packet-claimed", _claimed),
    Kind.PACKET_EMPTIED: ("packet-emptied", _emptied),
    Kind.PACKET_EXPIRED: ("packet-expired", _expired),
}
