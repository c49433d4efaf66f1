"""Files that people attach to what they write."""

import re
from datetime import datetime
from enum import Enum
from typing import Any, Final, Self

import strawberry

from api.authorization import Act, require
from api.errors import bad_input
from api.paging import BIGINT_MAX
from api.reads.files import PIN
from api.reads.view import View
from api.scalars import BigInt
from api.types.context import ApiInfo
from api.types.field import field, mutation
from api.types.node import Node
from indexer.ipfs.cid import Cid
from indexer.units import Address

ID: Final = re.compile(r"File:([0-9]{1,19})", re.ASCII)


@strawberry.enum
class PinStatus(Enum):
    QUEUED = 0
    PINNING = 1
    PINNED = 2
    FAILED = 3


@strawberry.type(
    description="What somebody uploaded. `url` is of this server; a private file is given, with "
    "the token of who asks, to those who may read a message that it is attached to. JPEG, PNG, "
    "WebP and GIF lose their metadata, such as where they were made."
)
class File(Node):
    view: strawberry.Private[View]
    row: strawberry.Private[Any]
    cid: str
    name: str
    size: BigInt
    media_type: str
    url: str
    owner: Address
    created_at: datetime
    private: bool
    width: int | None
    height: int | None
    thumbnail_url: str | None = strawberry.field(
        description="A small picture of an image, at most 320 pixels wide and high."
    )

    @field
    async def pin_status(self) -> PinStatus:
        row = await PIN.row(self.view, bytes(self.row.cid))
        return PinStatus.QUEUED if row is None else PinStatus(row.state)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        url = f"/files/{row.id}"
        return cls(
            id=strawberry.ID(f"File:{row.id}"),
            view=view,
            row=row,
            cid=str(Cid.from_bytes(bytes(row.cid))),
            name=row.name,
            size=BigInt(row.size),
            media_type=row.media_type,
            url=url,
            owner=Address(row.owner),
            created_at=row.created_at,
            private=row.private,
            width=row.width,
            height=row.height,
            thumbnail_url=None if row.thumbnail is None else f"{url}/thumbnail",
        )


def file_number(argument: str, text: str) -> int:
    """The number in a file's id; raises BAD_USER_INPUT."""
    match = ID.fullmatch(text)
    if match is None or int(match[1]) > BIGINT_MAX:
        raise bad_input(argument, "not the id of a file; ids look like File:7")
    return int(match[1])


@strawberry.type
class Filing:
    @mutation
    async def delete_file(self, info: ApiInfo, id: strawberry.ID) -> bool:
        """Gives a file of your own up, wherever it is attached; false where there is none."""
        who = require(info.context.viewer, Act.UPLOAD_FILE)
        return await info.context.index.cabinet.delete(who, file_number("id", id))
