"""What becomes of rows when the place they go to is lost or closed to us: they wait, and the ticket gets a new thread.

Nothing of it counts as a try: a closed door may stay closed for days.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.leases import fenced
from core.delivery.parcels import Parcel, ToDesk
from core.errors import Closed, DatabaseAway
from core.ports import Clock
from core.storage.engine import Storage, rows
from core.storage.models import Delivery

log = structlog.get_logger()

AGAIN = 0.5
"""Seconds before an outcome is written again that the database couldn't take."""
MEANWHILE = timedelta(seconds=5)
"""How long a row waits for its ticket's new thread before it looks again."""
Loss = Literal["lost", "archived"]
"""The thread alone, or its Slack channel."""

_WAITS = "due_at = $1, error = $2, unconfirmed = $3, lease_until = NULL"
_TIMER = """
INSERT INTO timer (person_id, name, due_at) VALUES ($1, $2, $3) ON CONFLICT (person_id, name) DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accidents:
    """Writes them, each in one commit."""

    storage: Storage
    clock: Clock

    async def closed(self, parcel: Parcel, closed: Closed) -> None:
        """Wait until people have mended it; the time until then isn't counted as the row's age."""
        since = {"waited": self.clock().isoformat()}

        async def then(conn: BaseDBAsyncClient) -> None:
            for row in parcel.claimed.rows:
                await Delivery.filter(id=row.id).using_db(conn).update(body={**row.body, **since})

        log.warning(
            "closed to us: what is to leave waits",
            platform=parcel.platform, reason=str(closed), everywhere=closed.everywhere, key=parcel.claimed.head.key,
        )  # fmt: skip
        await self._wait(parcel, closed.after, str(closed), then)

    async def lost(self, parcel: ToDesk, loss: Loss, why: str) -> None:
        """Wait for the ticket's new thread, which a timer of the desk sees to."""

        async def then(conn: BaseDBAsyncClient) -> None:
            await see_to(conn, parcel.claimed.head.person_id, parcel.ticket.lane, loss, self.clock())

        log.warning("a ticket's place was lost", ticket=parcel.ticket.id, loss=loss, reason=why)
        await self._wait(parcel, MEANWHILE, why, then)

    async def _wait(
        self, parcel: Parcel, after: timedelta, why: str, then: Callable[[BaseDBAsyncClient], Awaitable[None]]
    ) -> None:
        unconfirmed = parcel.claimed.head.unconfirmed
        while True:
            try:
                async with self.storage.turn() as conn:
                    values = [self.clock() + after, why[:255], unconfirmed]
                    if await fenced(conn, parcel.claimed.rows, _WAITS, values):
                        await then(conn)
                return
            except DatabaseAway as failure:
                log.warning("an outcome waits for the database", reason=str(failure))
                await asyncio.sleep(AGAIN)


async def see_to(conn: BaseDBAsyncClient, person_id: int, lane: str, loss: Loss, now: object) -> None:
    """Let the desk find another place for the ticket whose posts have this lane; once, however often it is said."""
    await rows(conn, _TIMER, [person_id, f"{loss}:{lane[1:]}", now])
