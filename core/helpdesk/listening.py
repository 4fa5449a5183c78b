"""When we listened to the desk last, and which of its threads could hold words that nobody told us of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from core.messages import Thread
from core.ports import Clock
from core.storage import models
from core.storage.desk_models import FormerThread, SideQuestion
from core.storage.engine import Storage, moment, rows

DESK = "desk"
LATELY = timedelta(days=3)
"""What is done is written about a while longer: a word more to a resolved ticket, an answer that is taken back."""
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
        """Of what isn't done, or only lately: tickets, threads that they lost, questions on the side; ``most`` of them.

        What isn't done comes first, then the newest. Raises DatabaseAway.
        """
        lately, open_ones = self.clock() - LATELY, Q(state__not="resolved")
        done = Q(state="resolved", resolved_at__gte=lately)
        found = await self._of_tickets(open_ones, most)
        found += await self._of_questions(Q(answered_at=None), most)
        found += await self._of_tickets(done, most)
        found += await self._of_questions(Q(answered_at__gte=lately), most)
        return found[:most]

    async def _of_tickets(self, which: Q, most: int) -> list[Thread]:
        reading = self.storage.reading
        tickets = await models.Ticket.filter(which).using_db(reading).order_by("-id").limit(most)
        lost = FormerThread.filter(live=True, ticket_id__in=[one.id for one in tickets]).using_db(reading)
        return _threads([*tickets, *await lost.order_by("-id").limit(most)])

    async def _of_questions(self, which: Q, most: int) -> list[Thread]:
        asked = SideQuestion.filter(which).using_db(self.storage.reading)
        return _threads(await asked.order_by("-id").limit(most))

    async def known(self, posts: Collection[str]) -> frozenset[str]:
        """Those of the desk's messages that stand on a timeline. Raises DatabaseAway."""
        if not posts:
            return frozenset()
        ours = models.Message.filter(identity_id=None, external_id__in=list(posts), by__in=["agent", "note"])
        return frozenset(row.external_id for row in await ours.using_db(self.storage.reading))


def _threads(rows_: Sequence[models.Ticket | FormerThread | SideQuestion]) -> list[Thread]:
    return [Thread(channel=row.channel, id=row.thread) for row in rows_ if row.thread]
