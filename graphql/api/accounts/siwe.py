"""The text that a wallet signs (EIP-4361), written and read by the letter.

The grammar is that of the EIP without its optional request id and resources, which are never asked
for: one text has one reading, and one set of fields one text.
"""

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final, Self

from indexer.units import Address, address, checksum

VERSION: Final = "1"
LONGEST: Final = 2000
"""Characters of a message, at most."""
MOMENT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
MESSAGE: Final = re.compile(
    r"(?P<domain>[A-Za-z0-9.\-:\[\]]+) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
    r"\n(?P<statement>[ -~]+)\n"
    r"\nURI: (?P<uri>[!-~]+)\n"
    r"Version: (?P<version>[0-9]+)\n"
    r"Chain ID: (?P<chain_id>[0-9]{1,18})\n"
    r"Nonce: (?P<nonce>[A-Za-z0-9]{8,64})\n"
    rf"Issued At: (?P<issued_at>{MOMENT})\n"
    rf"Expiration Time: (?P<expiration_time>{MOMENT})\n"
    rf"Not Before: (?P<not_before>{MOMENT})",
    re.ASCII,
)
"""Domain and URI are narrower than RFC 3986: they are compared with ours anyway."""


class NotSiwe(ValueError):
    """The text is no message of EIP-4361, or not one that this server would ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What is to be signed. Times are whole seconds, UTC."""

    domain: str
    address: Address
    statement: str
    uri: str
    version: str = VERSION
    chain_id: int
    nonce: str
    issued_at: datetime
    expiration_time: datetime
    not_before: datetime

    @property
    def text(self) -> str:
        """The message."""
        return (
            f"{self.domain} wants you to sign in with your Ethereum account:\n"
            f"{checksum(self.address)}\n\n{self.statement}\n\n"
            f"URI: {self.uri}\nVersion: {self.version}\nChain ID: {self.chain_id}\n"
            f"Nonce: {self.nonce}\nIssued At: {_shown(self.issued_at)}\n"
            f"Expiration Time: {_shown(self.expiration_time)}\n"
            f"Not Before: {_shown(self.not_before)}"
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a message; raises NotSiwe."""
        match = MESSAGE.fullmatch(text) if len(text) <= LONGEST else None
        if match is None:
            raise NotSiwe("is not the message of `signInChallenge` (EIP-4361), as it was given")
        found = match.groupdict()
        try:
            challenge = cls(
                **{name: found[name] for name in ("domain", "statement", "uri", "version")},
                nonce=found["nonce"],
                address=address(found["address"]),
                chain_id=int(found["chain_id"]),
                issued_at=_read(found["issued_at"]),
                expiration_time=_read(found["expiration_time"]),
                not_before=_read(found["not_before"]),
            )
        except ValueError as error:
            raise NotSiwe(str(error)) from None
        if challenge.text != text:
            raise NotSiwe("has an address without its EIP-55 checksum, or a number with zeros")
        return challenge

    def difference(self, other: "Challenge") -> str | None:
        """The first field in which the other differs, by its name in EIP-4361."""
        for field in fields(self):
            if getattr(self, field.name) != getattr(other, field.name):
                return field.name.replace("_", "-")
        return None


def _shown(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
