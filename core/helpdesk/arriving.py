"""Threads of ours that are just being posted, or may have arrived without our knowing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from core.messages import Thread
from core.storage import models

SKEW = timedelta(minutes=1)
"""By which the desk's clock may differ from ours."""
LATELY = timedelta(minutes=15)
"""Longer than any wait between two tries: who was last tried before is in nobody's hands."""
_SECONDS = re.compile(r"\d{1,11}(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """The first post of a thread on its way to a Slack channel; ``tried_at``: until when somebody has or had it in
    hand, or when it is tried again.
    """

    channel: str
    made_at: datetime
    tried_at: datetime

    def may_be(self, thread: Thread, now: datetime) -> bool:
        """Whether the thread can be the one that it makes."""
        if thread.channel != self.channel or self.tried_at < now - LATELY:
            return False
        begun = _begun(thread)
        return begun is None or begun >= self.made_at - SKEW


async def may_be_arriving(conn: BaseDBAsyncClient, thread: Thread, now: datetime) -> bool:
    """Whether a thread that we don't know may be one of ours."""
    return any(one.may_be(thread, now) for one in await _arriving(conn))


async def _arriving(conn: BaseDBAsyncClient) -> Sequence[Arriving]:
    unsure = Q(lease_until__isnull=False) | Q(unconfirmed=True)
    rows = await models.Delivery.filter(unsure, state="due", kind__in=["open", "ask"]).using_db(conn)
    if not rows:
        return ()
    tickets = await models.Ticket.in_bulk({row.ticket_id for row in rows}, "id", using_db=conn)
    return [
        Arriving(
            channel=row.channel or tickets[row.ticket_id].channel,
            made_at=row.created_at,
            tried_at=row.lease_until or row.due_at,
        )
        for row in rows
        if row.ticket_id in tickets
    ]


def _begun(thread: Thread) -> datetime | None:
    """An id that is a number is the second of the thread's beginning, as in Slack; no other tells."""
    return datetime.fromtimestamp(float(thread.id), UTC) if _SECONDS.fullmatch(thread.id) else None
