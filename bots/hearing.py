"""Listening to the desk: what was missed is looked for at the start and after every long silence of ours; in between it
is kept that we listen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bots.running import Work, pause
from bots.slack.api import SlackApi
from bots.slack.desk.lookback import LookBack
from bots.slack.shapes import Body
from core.errors import DatabaseAway, Rejected, RetryLater, Unreachable
from core.helpdesk.listening import Listening
from core.ports import AgentDoor

log = structlog.get_logger()

KEPT = 15.0
"""Seconds between two times that it is written down."""
SILENCE = timedelta(minutes=1)
"""Who was deaf for longer than this (a process or machine that slept, a network that was away) looks back."""

Take = Callable[[Body], Awaitable[object]]
Hears = Callable[[], Awaitable[bool]]


async def listening_to_desk(
    listening: Listening, api: SlackApi, take: Take, door: AgentDoor, hears: Hears
) -> Work:
    """Ask for it before anybody is let in: what comes then counts as heard. Raises DatabaseAway."""
    ears = Ears(listening=listening, api=api, take=take, door=door, hears=hears)
    if since := await listening.heard():
        ears.look_back(since)
    return ears.listen


@dataclass(slots=True, kw_only=True)
class Ears:
    """One process's. Only what was looked at counts as heard: whoever ends in between looks again.

    ``hears`` tells whether Slack's way in stands open.
    """

    listening: Listening
    api: SlackApi
    take: Take
    door: AgentDoor
    hears: Hears
    _look: LookBack | None = None
    _due: datetime | None = None

    def look_back(self, since: datetime) -> None:
        """Look for what was said since, at the next round."""
        self._look = LookBack(
            api=self.api, since=since, threads=self.listening.threads, known=self.listening.known, take=self.take,
            gone=self.door.card_deleted, clock=self.listening.clock,
        )  # fmt: skip

    async def listen(self, stop: asyncio.Event) -> None:
        """Until ``stop``."""
        while not stop.is_set():
            await pause(stop, await self.round())

    async def round(self) -> float:
        """See whether anything was missed, and write down that nothing is; the seconds until the next time."""
        seconds = await self._heard()
        self._due = self.listening.clock() + timedelta(seconds=seconds)
        return seconds

    async def _heard(self) -> float:
        try:
            await self._hear()
        except RetryLater as busy:
            return busy.after.total_seconds()
        except (Rejected, Unreachable, DatabaseAway) as failure:
            log.warning("the desk can't be looked back at yet", reason=str(failure))
        return KEPT

    async def _hear(self) -> None:
        """Slack must be within reach and we within its: while that isn't so, nothing that is said there comes to us.

        A look that a pause broke off begins anew: it may have passed threads in which something was said since.
        """
        if not await self.hears():
            return
        await self.api.identify()
        heard, now = await self.listening.heard(), self.listening.clock()
        overslept = self._due is not None and now - self._due > SILENCE
        if heard and now - heard > SILENCE and (self._look is None or overslept):
            log.warning("nobody listened to the desk for a while", since=heard.isoformat())
            self.look_back(heard)
        if self._look:
            await self._look.look()
            self._look = None
        await self.listening.hears()
