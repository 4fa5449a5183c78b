"""What a thread at the desk is to us: a ticket's, one that its ticket left, or a question's on the side."""

from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from core.messages import Thread
from core.storage import models
from core.storage.desk_models import FormerThread, SideQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``question`` is set in its small thread; ``former`` where the ticket went away from on purpose."""

    ticket: int
    question: SideQuestion | None = None
    former: bool = False


async def find(conn: BaseDBAsyncClient, thread: Thread) -> Place | None:
    """None for any other thread."""
    here = {"channel": thread.channel, "thread": thread.id}
    if ticket := await models.Ticket.filter(**here).using_db(conn).first():
        return Place(ticket=ticket.id)
    if question := await SideQuestion.filter(**here).using_db(conn).first():
        return Place(ticket=question.ticket_id, question=question)
    if left := await FormerThread.filter(**here).using_db(conn).first():
        return Place(ticket=left.ticket_id, former=not left.live)
    return None
