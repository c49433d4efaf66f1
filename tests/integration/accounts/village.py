"""A village with secrets: what is somebody's has a word of its own, and we know who may read it."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Engine, text

from api.accounts.viewer import ANONYMOUS, Viewer
from api.context import Context
from indexer.db.channels import TOLD
from indexer.units import checksum, to_hex
from tests.integration.accounts.wallets import signed_in
from tests.integration.api.conftest import Client
from tests.integration.api.listener import joined
from tests.integration.api.rows import account, group, key_of, member, put

NEWEST: Final = 10
WORD: Final = re.compile(r"word[0-9]+x")
MESSAGE: Final = """
UPDATE messages SET block_number = :block, sender = coalesce(:sender, sender)
WHERE conversation = :conversation
    AND sent_at = timestamptz 'epoch' + :micros * interval '1 microsecond'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """In a group from its beginning on; `until` a block (not including), or still."""

    role: int = 0
    is_muted: bool = False
    until: int | None = None


@dataclass(slots=True, kw_only=True)
class Village:
    """`seats` by group and person. `places`: the group and the block of the words that its people
    may read; `readers`: who else may read each word; `own`: the words of what stays with one
    person, which is listed again and again.
    """

    client: Client
    database: Engine
    seats: dict[int, dict[int, Seat]]
    people: tuple[int, ...]
    readers: dict[str, set[int]] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)

    def found(self) -> None:
        """Writes the groups as the indexer would."""
        everybody = [(g, who, seat) for g, one in self.seats.items() for who, seat in one.items()]
        put(
            self.database,
            groups=[group(g) for g in self.seats],
            events=[joined(1, g, g) for g in self.seats],
            members=[
                member(g, who, role=seat.role, is_muted=seat.is_muted)
                for g, who, seat in everybody
                if seat.until is None
            ],
            members_history=[
                {**member(g, who), "until_block": seat.until}
                for g, who, seat in everybody
                if seat.until is not None
            ],
        )

    def may_read(self, who: int | None, word: str) -> bool:
        """Whoever is in the group, or was when the index stood there, and who else may."""
        if who in self.readers[word]:
            return True
        g, block = self.places.get(word, (0, 0))
        seat = None if who is None else self.seats.get(g, {}).get(who)
        return seat is not None and (seat.until is None or block < seat.until)

    def owner(self, g: int) -> int:
        return next(who for who, seat in self.seats[g].items() if seat.role == 2)

    def word(self, *readers: int) -> str:
        """A new word that these may read."""
        made = f"word{len(self.readers)}x"
        self.readers[made] = set(readers)
        return made

    async def run(self, who: int | None, query: str, **token: Any) -> dict[str, Any]:
        """The answer, as clients have it; `token` says what is special about this one's."""
        context = Context(self.client.index, viewer=viewer(who, **token))
        return answered(await self.client._schema.execute(query, context_value=context))

    async def say(self, g: int, *, sender: int | None = None, block: int = NEWEST) -> str:
        """A message's id, with a word and a private file."""
        owner = self.owner(g)
        word = self.word(owner)
        self.places[word] = g, block
        file = self.file(word, owner)
        given = f'groupId: "group_{g}", content: "hush {word}", attachments: ["{file}"]'
        told = await self.run(owner, f"mutation {{ sendMessage({given}) {{ id }} }}")
        id_ = str(told["data"]["sendMessage"]["id"])
        _, conversation, micros = id_.split(":")
        given_ = {"block": block, "sender": None if sender is None else account(sender)}
        self.write(MESSAGE, conversation=int(conversation), micros=int(micros), **given_)
        return id_

    async def whisper(self, one: int, other: int) -> str:
        """The id of a message between two."""
        word = self.word(one, other)
        given = f'recipient: "{shown(other)}", content: "hush {word}"'
        told = await self.run(one, f"mutation {{ sendMessage({given}) {{ id }} }}")
        return str(told["data"]["sendMessage"]["id"])

    def file(self, word: str, owner: int) -> str:
        """The id of a private file of this name."""
        made = self.write(
            "INSERT INTO files (owner, cid, name, size, media_type, private) VALUES "
            "(:owner, :cid, :name, 1, 'text/plain', true) RETURNING id",
            owner=account(owner),
            cid=b"\x01\x55\x12\x20" + word.encode().rjust(32, b"\0"),
            name=word,
        )
        self.files.append(f"File:{made}")
        return self.files[-1]

    def write(self, statement: str, **values: Any) -> Any:
        """The first value that it returns, if any."""
        with self.database.begin() as db:
            done = db.execute(text(statement), values)
            return done.scalar() if done.returns_rows else None

    def mine(self, who: int) -> str:
        """A new word of what is this one's alone."""
        made = self.word(who)
        self.own.add(made)
        return made

    def belongings(self, who: int) -> Mapping[str, str]:
        """Ids of what is this one's alone, which all have their words."""
        mine, n = {"who": account(who)}, len(self.readers)
        id_ = n.to_bytes(16)
        self.write(
            "INSERT INTO sessions (id, address, client, expires_at) VALUES "
            "(:id, :who, :word, now() + interval '1 day')",
            id=id_,
            word=self.mine(who),
            **mine,
        )
        self.write(
            "INSERT INTO api_keys (id, digest, address, name, scopes) VALUES "
            "(:id, :id, :who, :word, '[]')",
            id=id_,
            word=self.mine(who),
            **mine,
        )
        self.write(
            "INSERT INTO mailboxes (address, email, token, code) VALUES (:who, :word, :id, :id) "
            "ON CONFLICT DO NOTHING",
            id=id_,
            word=f"{self.mine(who)}@example.org",
            **mine,
        )
        number = self.tell(who)
        fingerprint = self.write(
            "INSERT INTO public_keys (address, fingerprint, algorithm, key, message, signature) "
            "VALUES (:who, :key, 'P-256', '{}', '', '') RETURNING encode(fingerprint, 'base64')",
            key=id_ * 2,
            **mine,
        )
        webhook = self.write(
            "INSERT INTO webhooks (url, secret, address, owner) "
            "VALUES (:word, :word, :who, :who) RETURNING id",
            word=f"https://{self.mine(who)}.example/",
            **mine,
        )
        return {
            "webhook": f"Webhook:{webhook}",
            "session": id_.hex(),
            "api_key": id_.hex(),
            "notification": f"Notification:{number}",
            "fingerprint": fingerprint.replace("+", "-").replace("/", "_").rstrip("="),
        }

    def tell(self, who: int) -> int:
        """The number of a notification, which those who listen hear of."""
        word, key = self.mine(who), secrets.token_bytes(32)
        number: int = self.write(
            "INSERT INTO notifications (recipient, key, kind, arguments, block_number, block_hash, "
            "log_index) VALUES (:who, :key, 1, jsonb_build_object('name', CAST(:word AS text)), 5, "
            "'x', 0) RETURNING number",
            who=account(who),
            key=key,
            word=word,
        )
        self.write("SELECT pg_notify(:channel, :key)", channel=TOLD, key=key.hex())
        return number

    def wrapped(self, g: int, who: int) -> None:
        """A key of the group's epoch for this one, who may read it if in the group."""
        seat = self.seats[g].get(who)
        inside = seat is not None and seat.until is None
        of = {"g": key_of(g), "log": g}
        epoch, word = "SELECT :g, 1, :log, hash", self.word(*([who] if inside else []))
        self.own.add(word)
        self.write(
            f"INSERT INTO key_epochs (group_key, block_number, log_index, block_hash, key_id, "
            f"opened_by) {epoch}, '\\x01', :g FROM blocks WHERE number = 1 ON CONFLICT DO NOTHING",
            **of,
        )
        self.write(
            f"INSERT INTO wrapped_keys (group_key, block_number, log_index, block_hash, recipient, "
            f"fingerprint, wrapped, sender) {epoch}, :who, :word, :word, :who FROM blocks "
            f"WHERE number = 1",
            **of,
            who=account(who),
            word=word.encode(),
        )

    def epoch(self, g: int) -> str:
        """The id of the group's epoch."""
        return f"1-{g}-" + str(
            self.write("SELECT encode(hash, 'hex') FROM blocks WHERE number = 1")
        )


def viewer(who: int | None, **token: Any) -> Viewer:
    return ANONYMOUS if who is None else signed_in(account(who), **token)


def shown(who: int) -> str:
    return checksum(account(who))


def answered(result: Any) -> dict[str, Any]:
    """The result of an operation as clients have it."""
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = [one.formatted for one in result.errors]
    return told


def words(answer: Any) -> set[str]:
    """The words that somebody reads in it, also those in bytes."""
    told = json.dumps(answer)
    packed = (bytes.fromhex(one) for one in re.findall(r"0x((?:[0-9a-f]{2})+)", told))
    return {*WORD.findall(told), *WORD.findall(b" ".join(packed).decode(errors="replace"))}


def conversation_id(g: int) -> str:
    return f"Conversation:{to_hex(key_of(g))}"
