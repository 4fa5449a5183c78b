"""Where the story of a matter begins on its person's timeline."""

from datetime import datetime, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient

from core.storage import models

STORY = timedelta(hours=24)
"""How far back a story goes where no earlier ticket ends it."""


async def story_begins(conn: BaseDBAsyncClient, person_id: int, *, before: int | None, at: datetime) -> int:
    """The id of the last message that belongs to an earlier matter, or is older than ``at``.

    ``before`` is the ticket whose story it is (None: one that is about to be opened).
    """
    tickets = models.Ticket.filter(person_id=person_id)
    if before is not None:
        tickets = tickets.filter(id__lt=before)
    earlier = await tickets.using_db(conn).order_by("-id").first()
    old = models.Message.filter(person_id=person_id, at__lt=at).using_db(conn).order_by("-id")
    last_old = await old.first()
    return max(earlier.resolved_with if earlier else 0, last_old.id if last_old else 0)
