"""All that there is of one's own, as JSON."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from api.accounts.desk import Desk
from api.accounts.erasing import ENDPOINTS, HIS
from api.authorization import Act, require
from api.clients import client_of
from api.files.tus import guarded
from api.reads.engine import connected, database_errors
from indexer.units import Address, checksum

IN_MEMORY: Final = 2**20
CHUNK: Final = 2**16
ALONGSIDE: Final = 2
"""Exports that a process makes at once."""
MINE: Final[Mapping[str, str]] = {
    "sessions": """
        SELECT json_build_object('id', encode(id, 'hex'), 'client', client, 'createdAt', created_at,
            'usedAt', used_at, 'expiresAt', expires_at, 'revokedAt', revoked_at)
        FROM sessions WHERE address = :who""",
    "apiKeys": """
        SELECT json_build_object('id', encode(id, 'hex'), 'name', name, 'scopes', scopes,
            'createdAt', created_at, 'expiresAt', expires_at, 'revokedAt', revoked_at)
        FROM api_keys WHERE address = :who""",
    "publicKeys": """
        SELECT json_build_object('algorithm', algorithm, 'key', key, 'message', message,
            'signature', '0x' || encode(signature, 'hex'), 'registeredAt', registered_at,
            'revokedAt', revoked_at)
        FROM public_keys WHERE address = :who""",
    "notificationSettings": """
        SELECT json_build_object('locale', locale, 'zone', zone, 'quietFrom', quiet_from,
            'quietUntil', quiet_until) FROM notification_settings WHERE address = :who""",
    "unwanted": """
        SELECT json_build_object('channel', channel, 'kind', kind)
        FROM notification_choices WHERE address = :who""",
    "mailbox": """
        SELECT json_build_object('email', email, 'pauseMinutes', pause, 'verifiedAt', verified_at)
        FROM mailboxes WHERE address = :who""",
    "endpoints": f"""
        SELECT json_build_object('url', url, 'browser', channel = 1, 'kinds', kinds,
            'createdAt', created_at) FROM webhooks WHERE {ENDPOINTS}""",
    "notifications": """
        SELECT json_build_object('kind', kind, 'arguments', arguments, 'blockNumber', block_number,
            'createdAt', created_at, 'readAt', read_at)
        FROM notifications WHERE recipient = :who""",
    "files": """
        SELECT json_build_object('id', 'File:' || id, 'url', '/files/' || id, 'name', name,
            'size', size, 'mediaType', media_type, 'private', private, 'createdAt', created_at)
        FROM files WHERE owner = :who""",
    "messages": """
        SELECT json_build_object('conversation', '0x' || encode(c.key, 'hex'), 'seq', m.seq,
            'sentAt', m.sent_at, 'kind', m.kind, 'content', m.content || coalesce(p.rest, ''),
            'encryption', m.encryption, 'epoch', p.epoch, 'files', p.files,
            'blockNumber', m.block_number, 'editedAt', m.edited_at,
            'deletedAt', m.deleted_at)
        FROM messages AS m JOIN conversations AS c ON c.id = m.conversation
        LEFT JOIN message_parts AS p ON m.has_more
            AND p.conversation = m.conversation AND p.sent_at = m.sent_at
        WHERE m.sender = :who""",
    "reactions": f"""
        SELECT json_build_object('conversation', '0x' || encode(c.key, 'hex'), 'sentAt', r.sent_at,
            'emoji', r.emoji, 'at', r.at)
        FROM reactions AS r JOIN conversations AS c ON c.id = r.conversation
        WHERE r.address = :who AND r.conversation IN ({HIS})""",
    "receipts": f"""
        SELECT json_build_object('conversation', '0x' || encode(c.key, 'hex'), 'sentAt', r.sent_at,
            'deliveredAt', r.delivered_at, 'readAt', r.read_at)
        FROM receipts AS r JOIN conversations AS c ON c.id = r.conversation
        WHERE r.reader = :who AND r.conversation IN ({HIS})""",
}
"""By their first columns, and messages_sender_conversation_client_id_idx."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """GET /account/export."""

    desk: Desk
    engine: AsyncEngine
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ALONGSIDE))

    def routes(self) -> list[BaseRoute]:
        return [Route("/account/export", guarded(self.give), methods=["GET"])]

    async def give(self, request: Request) -> Response:
        """What is kept of who asks, as it was at one moment. A slow reader holds a file of ours,
        and no connection to the database.
        """
        viewer = await self.desk.viewer(request.headers.get("authorization"))
        who = require(viewer, Act.MANAGE_ACCOUNT)
        await self.desk.count(client_of(request.scope))
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)
        try:
            async with self.turns, database_errors(), connected(self.engine) as db:
                async for piece in _pieces(db, who):
                    file.write(piece.encode())
        except BaseException:
            file.close()
            raise
        headers = {
            "content-disposition": 'attachment; filename="dchat.json"',
            "cache-control": "no-store",
        }
        return StreamingResponse(_read(file), media_type="application/json", headers=headers)


async def _pieces(db: AsyncConnection, who: Address) -> AsyncIterator[str]:
    """The document, row by row, out of one snapshot."""
    now = datetime.now(UTC).isoformat()
    yield f'{{"address": "{checksum(who)}", "exportedAt": "{now}"'
    for name, statement in MINE.items():
        yield f',\n"{name}": ['
        mark = "\n"
        query = text(f"SELECT CAST(made AS text) FROM ({statement}) AS one (made)")
        rows = await db.stream(query, {"who": who})
        async for [row] in rows:
            yield mark + row
            mark = ",\n"
        yield "]"
    yield "}\n"


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
