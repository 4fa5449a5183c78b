"""What admins are told without asking: proposals, refused files, what other doors published, the week's gaps.

Looked for again and again: the database knows what is to be told and what was, so that nothing is lost with a process.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bots.slack.admin import posts
from bots.slack.admin.drafts import Drafts
from bots.slack.admin.learnt import Learnt
from bots.slack.admin.office import Office
from bots.slack.admin.posts import Message
from core.errors import DatabaseAway, Rejected, RetryLater, Unconfirmed, Unreachable
from core.publishing import Revision

log = structlog.get_logger()

LOOK = 1.0
"""Seconds between two looks."""
MEND = timedelta(minutes=5)
NOTICED = frozenset({"file", "learning"})
"""The doors at which no admin stands and sees what was published."""
LATELY = timedelta(days=1)
MORNING, EVENING = 9, 21
"""Hours of Monday, where the first admin lives, between which the week's gaps are posted."""
_NEWEST = 20
NOTHING = "nothing"
"""Where a week's gaps are told that had none."""


class Tidings:
    """One of all processes tells each of them."""

    def __init__(self, office: Office, drafts: Drafts, learnt: Learnt) -> None:
        self._office = office
        self._drafts = drafts
        self._learnt = learnt
        self._telling = office.admins.telling
        self._refused: list[tuple[str, ...]] = []
        self._seen = 0
        self._mended: datetime | None = None

    async def refused(self, problems: Sequence[str]) -> None:
        """Files that can't be published; told at the next look."""
        if self._office.channel and tuple(problems) not in self._refused:
            self._refused.append(tuple(problems))

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set."""
        while not stop.is_set():
            try:
                await self.look()
            except (DatabaseAway, RetryLater, Rejected) as away:
                log.info("tidings wait", why=str(away))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK)

    async def look(self) -> None:
        """Tell what is to be told now."""
        await self._mend()
        await self._proposals()
        await self._refusals()
        await self._publications()
        await self._gaps()

    async def _mend(self) -> None:
        now = self._office.clock()
        if self._mended is None or now - self._mended > MEND:
            self._mended = now
            await self._office.admins.mend()

    async def _proposals(self) -> None:
        for one in await self._office.admins.unposted():
            message = posts.proposal(one, self._drafts.changes(one), self._office.speech)
            if place := await self._tell(f"draft:{one.number}", message):
                await self._office.admins.posted(one.number, place)
        for one in await self._office.admins.unshown():
            await self._drafts.try_to_show(one.number)

    async def _refusals(self) -> None:
        """Once for what is refused beside one revision, however many processes see it."""
        for problems in list(self._refused):
            digest = hashlib.sha256("\n".join(problems).encode("utf-8", "replace")).hexdigest()[:32]
            key = f"refused:{self._office.now.revision}:{digest}"
            if await self._tell(key, posts.refused(problems, self._office.speech)):
                self._refused.remove(problems)

    async def _publications(self) -> None:
        now = self._office.now.revision
        if now == self._seen:
            return
        news = [one for one in await self._office.publishing.history(_NEWEST) if self._is_news(one)]
        if all([await self._published(one) for one in reversed(news)]):
            self._seen = now

    def _is_news(self, one: Revision) -> bool:
        """The very first is no change of anything."""
        return one.door in NOTICED and one.number > 1 and self._office.clock() - one.at < LATELY

    async def _published(self, one: Revision) -> bool:
        key = f"revision:{one.number}"
        if await self._telling.place(key):
            return True
        found = await self._office.changed_by(one)
        return bool(await self._tell(key, posts.published(one, found, self._office.speech)))

    async def _gaps(self) -> None:
        now = self._office.clock()
        if now.weekday() not in (6, 0, 1) or not self._office.channel:
            return
        key = week_due(now + await self._office.screens.offset(self._office.users[0]))
        if not key or await self._telling.place(key):
            return
        found = await self._learnt.weekly()
        if found:
            await self._tell(key, posts.gaps(found, self._office.speech))
        elif await self._telling.claim(key):
            await self._telling.told(key, NOTHING)

    async def _tell(self, key: str, message: Message) -> str:
        """Where it stands, whoever posted it; "" while it couldn't be posted: it is looked for and tried again."""
        if not self._office.channel:
            return ""
        claim = await self._telling.claim(key)
        if claim is None:
            return await self._telling.place(key)
        channel, screens = self._office.channel, self._office.screens
        try:
            place = await screens.find(channel, key, self._office.clock() - LATELY) if claim.again else None
            place = place or await screens.post(channel, message, key)
        except (RetryLater, Rejected, Unreachable, Unconfirmed) as failure:
            log.warning("admins could not be told", key=key, why=str(failure))
            if isinstance(failure, RetryLater) and not claim.again:
                await self._telling.unclaim(key)
            return ""
        await self._telling.told(key, str(place))
        return str(place)


def week_due(local: datetime) -> str:
    """The key of the week whose gaps are due at this local time; "" for any other time than Monday's day."""
    if local.weekday() or not MORNING <= local.hour < EVENING:
        return ""
    year, week, _ = local.isocalendar()
    return f"gaps:{year}-{week:02d}"
