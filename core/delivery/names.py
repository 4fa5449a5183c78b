"""What gets its name from what was posted at the desk: a thread, or the words that a post shows."""

from tortoise.backends.base.client import BaseDBAsyncClient

from core.messages import Thread
from core.storage.engine import rows
from core.storage.models import Delivery

_OPENED = "UPDATE ticket SET channel = $1, thread = $2 WHERE id = $3"
_NAMED = {
    "question": "UPDATE side_question SET thread = $1 WHERE id = $2",
    "echo": "UPDATE message SET external_id = $1 WHERE id = $2",
}
"""By what the row's body says that it is for."""


async def give_name(conn: BaseDBAsyncClient, head: Delivery, external_id: str, thread: Thread | None) -> None:
    """``thread`` is the one that an ``open`` row made."""
    if thread is not None:
        await rows(conn, _OPENED, [thread.channel, thread.id, head.ticket_id])
    for name, change in _NAMED.items():
        if name in head.body:
            await rows(conn, change, [external_id, head.body[name]])
