"""Which conversation is meant, and whether the caller is in it."""

from api.authorization import Act, require, require_in
from api.context import Context
from api.errors import bad_input
from api.messages.names import direct_key, is_direct
from api.reads.common import key_of_group
from indexer.units import Address, Hash32


def one_conversation(
    viewer: Address, group_id: str | None, key: Hash32 | None, recipient: Address | None
) -> bytes:
    """The key of the conversation that is named; raises BAD_USER_INPUT unless exactly one is."""
    if sum(part is not None for part in (group_id, key, recipient)) != 1:
        raise bad_input("groupId", "give exactly one of `groupId`, `key` and `recipient`")
    if recipient is not None:
        return direct_key(viewer, recipient)
    return bytes(key) if key is not None else key_of_group(group_id) or b""


async def named_conversation(
    context: Context, group_id: str | None, key: Hash32 | None, recipient: Address | None
) -> bytes | None:
    """The key of the conversation, if one is named. Raises FORBIDDEN for who is not in it."""
    who = require(context.viewer, Act.READ_MESSAGES)
    if (group_id, key, recipient) == (None, None, None):
        return None
    named = one_conversation(who, group_id, key, recipient)
    if not is_direct(named):
        view = await context.view()
        await require_in(view.reader, context.viewer, Act.READ_MESSAGES, named)
        await context.renew()
    return named
