"""What people do with messages."""

import strawberry

from api.authorization import Act, require
from api.messages import drafts
from api.messages.asking import draft
from api.messages.batch import Sent
from api.messages.changing import Message as Changed
from api.messages.conversing import one_conversation
from api.messages.drafts import Kind
from api.messages.names import MessageId
from api.types.context import ApiInfo
from api.types.field import mutation
from api.types.files import file_number
from api.types.messages import Message, MessageKind
from api.types.talk import Conversation
from indexer.units import Address, Hash32


@strawberry.type
class Writing:
    @mutation
    async def send_message(
        self,
        info: ApiInfo,
        content: str = "",
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
        kind: MessageKind = MessageKind.TEXT,
        client_id: str | None = None,
        encryption: str | None = None,
        epoch: str | None = None,
        reply_to: strawberry.ID | None = None,
        mentions: list[Address] | None = None,
        attachments: list[strawberry.ID] | None = None,
    ) -> Message:
        """To a group (by plain id or key) or to somebody: exactly one of the three. `clientId` is
        your own id of the message: sent again under it within 30 days, it is the same message.
        `encryption` names the scheme of a content that is base64 ciphertext, `epoch` the group's
        `keyEpoch` under whose key it is: FORBIDDEN with the reason EPOCH_OVER, and the `epoch` that
        stands, where somebody joined or left meanwhile. `replyTo` is a message of the same
        conversation, `attachments` are files of your own.
        """
        made = draft(
            info.context.viewer,
            content=content,
            group_id=group_id,
            key=key,
            recipient=recipient,
            kind=Kind(kind.value),
            client_id=client_id,
            encryption=encryption,
            epoch=epoch,
            reply_to=reply_to,
            mentions=mentions or (),
            files=[file_number("attachments", one) for one in attachments or ()],
        )
        sent = await info.context.index.messenger.send(made)
        return await _sent(info, made.sender, made.key, sent)

    @mutation
    async def forward_message(
        self,
        info: ApiInfo,
        id: strawberry.ID,
        group_id: str | None = None,
        key: Hash32 | None = None,
        recipient: Address | None = None,
        client_id: str | None = None,
    ) -> Message:
        """Sends a message that you may read to another conversation, with the name of who wrote
        it. An encrypted one has to be sent anew.
        """
        who = _reader(info, Act.SEND_MESSAGE)
        to = one_conversation(who, group_id, key, recipient)
        own_id = drafts.check_client_id(client_id)
        messenger = info.context.index.messenger
        sent = await messenger.forward(who, MessageId.parse("id", id), to, own_id)
        return await _sent(info, who, to, sent)

    @mutation
    async def edit_message(
        self,
        info: ApiInfo,
        id: strawberry.ID,
        content: str,
        encryption: str | None = None,
        epoch: str | None = None,
    ) -> Message:
        """Gives a message of your own another content."""
        who = _reader(info, Act.EDIT_OWN_MESSAGE)
        messenger = info.context.index.messenger
        named = MessageId.parse("id", id)
        changed = await messenger.edit(who, named, content, encryption, epoch)
        return await _changed(info, who, changed)

    @mutation
    async def delete_message(self, info: ApiInfo, id: strawberry.ID) -> Message:
        """Leaves nothing of a message but its place. Your own always; those of others where you
        are an admin.
        """
        who = _reader(info, Act.DELETE_OWN_MESSAGE)
        messenger = info.context.index.messenger
        return await _changed(info, who, await messenger.delete(who, MessageId.parse("id", id)))

    @mutation
    async def react(self, info: ApiInfo, id: strawberry.ID, emoji: str) -> Message:
        """Adds a reaction to a message; one that you gave already stays."""
        return await _reacted(info, id, emoji, to=True)

    @mutation
    async def unreact(self, info: ApiInfo, id: strawberry.ID, emoji: str) -> Message:
        """Takes a reaction of your own back."""
        return await _reacted(info, id, emoji, to=False)

    @mutation
    async def pin_message(self, info: ApiInfo, id: strawberry.ID) -> Message:
        """Keeps a message at hand in its conversation: admins in groups, both in direct ones."""
        return await _pinned(info, id, to=True)

    @mutation
    async def unpin_message(self, info: ApiInfo, id: strawberry.ID) -> Message:
        """Keeps it at hand no more."""
        return await _pinned(info, id, to=False)

    @mutation
    async def mark_delivered(self, info: ApiInfo, id: strawberry.ID) -> Conversation:
        """You have got every message up to this one."""
        return await _marked(info, id, read=False)

    @mutation
    async def mark_read(self, info: ApiInfo, id: strawberry.ID) -> Conversation:
        """You have read every message up to this one."""
        return await _marked(info, id, read=True)


def _reader(info: ApiInfo, act: Act) -> Address:
    """Who may do it. The answer shows what others wrote: so it takes the scope of reading too."""
    require(info.context.viewer, Act.READ_MESSAGES)
    return require(info.context.viewer, act)


async def _sent(info: ApiInfo, who: Address, key: bytes, sent: Sent) -> Message:
    """The message as it stands now."""
    await info.context.renew()
    view = await info.context.view()
    if sent.row is not None:
        return Message.fresh(view, who, key, sent.row)
    return await Message.find(view, who, key, sent.id)


async def _changed(info: ApiInfo, who: Address, changed: Changed) -> Message:
    await info.context.renew()
    view = await info.context.view()
    return await Message.find(view, who, changed.seat.key, changed.id)


async def _reacted(info: ApiInfo, id_: str, emoji: str, *, to: bool) -> Message:
    who = _reader(info, Act.REACT)
    messenger = info.context.index.messenger
    changed = await messenger.react(who, MessageId.parse("id", id_), emoji, to=to)
    return await _changed(info, who, changed)


async def _pinned(info: ApiInfo, id_: str, *, to: bool) -> Message:
    who = _reader(info, Act.PIN_MESSAGE)
    messenger = info.context.index.messenger
    return await _changed(info, who, await messenger.pin(who, MessageId.parse("id", id_), to=to))


async def _marked(info: ApiInfo, id_: str, *, read: bool) -> Conversation:
    who = _reader(info, Act.MARK_READ)
    messenger = info.context.index.messenger
    changed = await messenger.mark(who, MessageId.parse("id", id_), read=read)
    await info.context.renew()
    view = await info.context.view()
    return Conversation.of(view, info.context.viewer, changed.seat.key)
