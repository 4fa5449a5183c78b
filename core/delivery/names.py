"""What gets its name from what was posted at the desk: a thread, or the words that a post shows."""

from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.arming import rearm_mark
from core.messages import Thread
from core.storage.engine import rows
from core.storage.models import Delivery, Message

ECHO = "echo"
"""In the body of a post that shows an agent's words: their message's id."""

_OPENED = "UPDATE ticket SET channel = $1, thread = $2 WHERE id = $3"
_ASKED = "UPDATE side_question SET thread = $1 WHERE id = $2"


async def give_name(
    conn: BaseDBAsyncClient, head: Delivery, external_id: str, thread: Thread | None, now: datetime
) -> None:
    """``thread`` is the one that an ``open`` row made."""
    if thread is not None:
        await rows(conn, _OPENED, [thread.channel, thread.id, head.ticket_id])
    if "question" in head.body:
        await rows(conn, _ASKED, [external_id, head.body["question"]])
    if ECHO in head.body:
        await _name_words(conn, int(str(head.body[ECHO])), external_id, now)


async def _name_words(conn: BaseDBAsyncClient, message: int, external_id: str, now: datetime) -> None:
    """Of a note that was sent meanwhile both stand in the one post; the mark under it can be shown from now on."""
    mark = await Delivery.get_or_none(key=f"mark:{message}", using_db=conn)
    shown = mark.message_id if mark and mark.message_id else message
    await Message.filter(id__in=[message, shown]).using_db(conn).update(external_id=external_id)
    if mark and (mark.state != "due" or mark.due_at <= now):
        await rearm_mark(conn, shown, now, if_all_sent=False)
