"""Who may have a file: whoever may read a message that it hangs on."""

from typing import Any, Final

from sqlalchemy import Row, text

from api.accounts.viewer import Viewer
from api.authorization import Act, require
from api.reads.messages import readable
from api.reads.view import View

USES: Final = text("""
SELECT c.key, m.block_number FROM file_uses AS u JOIN conversations AS c ON c.id = u.conversation
JOIN messages AS m ON m.conversation = u.conversation AND m.sent_at = u.sent_at
WHERE u.file = :id AND m.deleted_at IS NULL ORDER BY u.sent_at DESC LIMIT 1000
""")
"""Served by the primary key of the uses, and messages_shown_idx."""


async def may_have(view: View, viewer: Viewer, file: Row[Any]) -> bool:
    """Whether the viewer may have the file. Raises UNAUTHENTICATED for a private one."""
    if not file.private:
        return True
    who = require(viewer, Act.READ_DIRECT)
    if file.owner == who:
        return True
    for use in await view.reader.rows(USES.bindparams(id=file.id)):
        if (await readable(view, bytes(use.key), who)).contains(use.block_number):
            return True
    return False
