"""A message as a client asks for it to be sent, made a draft."""

from collections.abc import Sequence

from api.accounts.viewer import Viewer
from api.authorization import Act, require
from api.messages import drafts
from api.messages.conversing import one_conversation
from api.messages.drafts import Draft, Kind
from api.messages.names import MessageId
from indexer.units import Address, Hash32


def draft(
    viewer: Viewer,
    *,
    content: str = "",
    group_id: str | None = None,
    key: Hash32 | None = None,
    recipient: Address | None = None,
    kind: Kind = Kind.TEXT,
    client_id: str | None = None,
    encryption: str | None = None,
    epoch: str | None = None,
    reply_to: str | None = None,
    mentions: Sequence[Address] = (),
    files: Sequence[int] = (),
) -> Draft:
    """The draft. Raises UNAUTHENTICATED, FORBIDDEN for a token's scope, or BAD_USER_INPUT."""
    who = require(viewer, Act.SEND_MESSAGE if recipient is None else Act.SEND_DIRECT)
    if reply_to is not None:
        require(viewer, Act.READ_MESSAGES)  # the answer shows it
    drafts.at_most("attachments", len(files), drafts.MOST_FILES)
    drafts.check_content(content, encryption, empty=bool(files))
    drafts.at_most("mentions", len(mentions), drafts.MOST_MENTIONS)
    where = one_conversation(who, group_id, key, recipient)
    return Draft(
        sender=who,
        key=where,
        client_id=drafts.check_client_id(client_id),
        kind=drafts.check_kind(kind, files=len(files)),
        content=content,
        encryption=encryption,
        epoch=drafts.check_epoch(epoch, encryption, where),
        reply_to=None if reply_to is None else MessageId.parse("replyTo", reply_to),
        mentions=tuple(dict.fromkeys(mentions)),
        files=tuple(dict.fromkeys(files)),
    )
