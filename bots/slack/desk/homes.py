"""Agents' home tabs: published when somebody looks, and soon after what they did themselves."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from bots.slack.desk.bench import Bench
from bots.slack.desk.home import Drawing, stranger
from bots.slack.text import safe
from bots.slack.windows import Windows
from core.desk import Whisper
from core.errors import DatabaseAway, Rejected, RetryLater
from core.escalation.routing import Department
from core.messages import Role

log = structlog.get_logger()

SOON = 1.0
"""Seconds after an agent's act until their tab follows, so that several acts cost one call."""
LOOKING = 200
"""Agents whose tabs are kept up to date: those who looked last."""


class Homes:
    """What is drawn is read anew each time; a tab that fails to follow is drawn when it is opened again."""

    def __init__(self, bench: Bench, windows: Windows) -> None:
        self._bench = bench
        self._windows = windows
        self._looking: OrderedDict[str, None] = OrderedDict()
        self._due: dict[str, asyncio.Task[None]] = {}

    async def publish(self, user: str, whisper: Whisper | None = None) -> None:
        """``whisper`` is what came of a press on the tab. Raises RetryLater, Rejected or DatabaseAway."""
        self._looking[user] = None
        self._looking.move_to_end(user)
        while len(self._looking) > LOOKING:
            self._looking.popitem(last=False)
        speech, departments = self._bench.speech, self._bench.published().routing.departments
        roles = await self._bench.members.roles(user, departments)
        if not roles:
            await self._windows.publish(user, stranger(speech))
            return
        supervises = [id for id, role in roles.items() if role == "supervisor"]
        home = await self._bench.reads.home(
            user,
            list(roles),
            now=self._bench.clock(),
            today=self._today(departments, roles),
            supervises=supervises,
        )
        drawing = Drawing(speech=speech, department=self._bench.department_name, supervises=bool(supervises))
        notice = safe(speech.text(whisper.say)) if whisper else ""
        await self._windows.publish(user, drawing.view(home, notice))

    def touch(self, user: str) -> None:
        """The agent did something: their tab follows if they looked at it."""
        if user in self._looking and user not in self._due:
            self._due[user] = asyncio.create_task(self._follow(user))

    async def close(self) -> None:
        """Give up what was to follow."""
        due = list(self._due.values())
        for task in due:
            task.cancel()
        await asyncio.gather(*due, return_exceptions=True)

    async def _follow(self, user: str) -> None:
        try:
            await asyncio.sleep(SOON)
            self._due.pop(user, None)
            await self.publish(user)
        except (RetryLater, Rejected, DatabaseAway) as failure:
            log.info("a home tab didn't follow", user=user, why=str(failure))
        finally:
            if self._due.get(user) is asyncio.current_task():
                del self._due[user]

    def _today(self, departments: Sequence[Department], roles: Mapping[str, Role]) -> datetime:
        """When the day began where the agent's first department is."""
        zone = next(one.zone for one in departments if one.id in roles)
        here = self._bench.clock().astimezone(zone)
        return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
