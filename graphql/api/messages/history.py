"""What somebody may read of a conversation, page by page."""

from api.accounts.viewer import Viewer
from api.authorization import Act, require, require_in
from api.messages.names import is_direct
from api.messages.timeline import Timeline, timeline
from api.paging import Args
from api.reads import messages
from api.reads.view import View


async def history(view: View, viewer: Viewer, key: bytes, args: Args) -> Timeline:
    """The timeline as far as the viewer may read it. Raises FORBIDDEN where that is nothing."""
    who = require(viewer, Act.READ_MESSAGES)
    may = await messages.readable(view, key, who)
    if not may.spans:
        await require_in(view.reader, viewer, Act.READ_MESSAGES, key)
    return timeline(view, key, may, args, group=not is_direct(key))
