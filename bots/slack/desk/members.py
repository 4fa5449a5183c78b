"""Who may answer people: the members of the support channel."""

import asyncio
from datetime import datetime, timedelta

from bots.slack.api import SlackApi
from core.errors import RetryLater
from core.ports import Clock

KEPT = timedelta(seconds=60)

PAGE = 1000
PAGES = 50


class Members:
    """The members of one Slack channel, remembered for a minute.

    A refusal is never based on what is remembered: whoever was just invited may answer at once.
    """

    def __init__(self, api: SlackApi, channel: str, clock: Clock) -> None:
        self._api = api
        self._channel = channel
        self._clock = clock
        self._lock = asyncio.Lock()
        self._known: frozenset[str] = frozenset()
        self._read_at: datetime | None = None

    async def has(self, user: str) -> bool:
        """Raises RetryLater where that can't be told, and Rejected if Slack won't tell the app."""
        async with self._lock:
            if user not in self._known or self._is_old():
                await self._refresh(user)
            return user in self._known

    def _is_old(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= KEPT

    async def _refresh(self, user: str) -> None:
        """While Slack can't be asked, who was a member stays one."""
        try:
            self._known = await self._read()
        except RetryLater:
            if user not in self._known:
                raise
            return
        self._read_at = self._clock()

    async def _read(self) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        for _ in range(PAGES):
            answer = await self._api.call(
                "conversations.members", channel=self._channel, limit=PAGE, cursor=cursor or None
            )
            found.update(answer.get("members") or ())
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return frozenset(found)
