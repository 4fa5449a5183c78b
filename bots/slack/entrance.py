"""What Slack tells us, taken in whichever way it came: first the desk is asked, then it is a person's."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from bots.slack.api import SlackApi, SlackUser
from bots.slack.codec import ACCOUNT, PLATFORM, decode, people_in
from bots.slack.shapes import Body, NotUnderstood
from core.errors import DatabaseAway, Rejected, RetryLater, Unreachable
from core.ports import Clock, UserDoor

log = structlog.get_logger()

LOOKUP_SECONDS = 1.2
"""For the names of people before a turn: Slack wants its answer within 3 s, and a name can come later."""
LOOKUPS = 20

NOTHING: Body = {}


class DeskDoor(Protocol):
    """The agents' side of Slack."""

    async def take(self, body: Mapping[str, Any]) -> Body | None:
        """What Slack is answered once all is committed (empty: nothing to say); None: it was no matter of the desk's.

        Raises DatabaseAway.
        """

    async def close(self) -> None:
        """Finish or give up what is in hand."""


class AdminDoor(Protocol):
    """The side of those who steer the FAQ."""

    async def take(self, body: Mapping[str, Any]) -> Body | None:
        """What Slack is answered at once (empty: nothing to say); None: it was no matter of the admins'.

        Raises DatabaseAway.
        """

    async def close(self) -> None:
        """Finish what is in hand."""


class Entrance:
    """One payload at a time: decided and durable, or kept for an operator, or to come again."""

    def __init__(
        self, api: SlackApi, users: UserDoor, desk: DeskDoor, admins: AdminDoor | None, clock: Clock
    ) -> None:
        self._api = api
        self._users = users
        self._desk = desk
        self._admins = admins
        self._clock = clock

    async def take(self, body: Body, payload: bytes) -> Body:
        """Returns once all that follows from it is durable, with what Slack is answered.

        ``payload`` is what an operator gets to see of a body that can't be understood. Raises DatabaseAway: it must
        come again.
        """
        try:
            return await self._answered(body)
        except DatabaseAway:
            raise
        except NotUnderstood as reason:
            await self.keep(payload, str(reason))
        except Exception as failure:
            log.exception("slack_event_failed", kind=str(body.get("type"))[:40])
            await self.keep(payload, type(failure).__name__)
        return NOTHING

    async def _answered(self, body: Body) -> Body:
        for door in (self._admins, self._desk):
            answer = await door.take(body) if door else None
            if answer is not None:
                return answer
        await self._hear(body)
        return NOTHING

    async def keep(self, payload: bytes, reason: str) -> None:
        """Quarantine a payload. Raises DatabaseAway."""
        await self._users.quarantine(PLATFORM, ACCOUNT, payload, reason)

    async def _hear(self, body: Body) -> None:
        event = decode(body, self._api.me, await self._people(body), self._clock())
        if event is not None:
            await self._users.said(event)

    async def _people(self, body: Body) -> dict[str, SlackUser]:
        wanted = sorted(people_in(body))[:LOOKUPS]
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await asyncio.gather(*(self._person(id) for id in wanted))
        except TimeoutError:
            return {}
        return {user.id: user for user in found if user is not None}

    async def _person(self, id: str) -> SlackUser | None:
        """Who that is, if Slack tells it now."""
        try:
            return await self._api.user(id)
        except (RetryLater, Rejected, Unreachable) as failure:
            log.info("slack_name_unknown", why=str(failure))
            return None
