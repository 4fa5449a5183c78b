"""When we listened to the desk last, and which of its threads could hold words that nobody told us of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.messages import Thread
from core.ports import Clock
from core.storage import models
from core.storage.desk_models import FormerThread, SideQuestion
from core.storage.engine import Storage, moment, rows

DESK = "desk"
_HEARD = """
INSERT INTO heard (door, at) VALUES ($1, $2)
ON CONFLICT (door) DO UPDATE SET at = CASE WHEN heard.at < excluded.at THEN excluded.at ELSE heard.at END
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """All replicas together: what one hears, nobody has to look for."""

    storage: Storage
    clock: Clock

    async def hears(self) -> None:
        """We listen at this moment. Raises DatabaseAway."""
        async with self.storage.turn() as conn:
            await rows(conn, _HEARD, [DESK, self.clock()])

    async def heard(self) -> datetime | None:
        """When anybody of us listened last; None: never yet. Raises DatabaseAway."""
        found = await rows(self.storage.reading, "SELECT at FROM heard WHERE door = $1", [DESK])
        return moment(found[0]["at"]) if found else None

    async def threads(self, most: int) -> Sequence[Thread]:
        """Of what isn't done yet, the newest first: tickets, threads that they lost, questions on the side.

        Raises DatabaseAway.
        """
        reading = self.storage.reading
        tickets = models.Ticket.filter(state__not="resolved").exclude(thread="").using_db(reading)
        newest = await tickets.order_by("-id").limit(most)
        lost = FormerThread.filter(live=True, ticket_id__in=[one.id for one in newest]).using_db(reading)
        asked = SideQuestion.filter(answered_at=None).exclude(thread="").using_db(reading)
        found: list[models.Ticket | FormerThread | SideQuestion] = [*newest]
        found += await lost.order_by("-id").limit(most)
        found += await asked.order_by("-id").limit(most)
        return [Thread(channel=row.channel, id=row.thread) for row in found][:most]

    async def known(self, posts: Collection[str]) -> frozenset[str]:
        """Those of the desk's messages that stand on a timeline. Raises DatabaseAway."""
        if not posts:
            return frozenset()
        ours = models.Message.filter(identity_id=None, external_id__in=list(posts), by__in=["agent", "note"])
        return frozenset(row.external_id for row in await ours.using_db(self.storage.reading))
