"""What admins see in Slack: modals and whispers for one of them, posts for all."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bots.slack.admin.asked import Place
from bots.slack.admin.posts import Message
from bots.slack.api import NO_PREVIEWS, SlackApi
from bots.slack.lookup import metadata, posted
from bots.slack.text import safe
from bots.slack.windows import LOST, Windows
from core.messages import Agent, Thread

log = structlog.get_logger()

NAME_SECONDS = 1.0
"""For an admin's name: Slack wants its answer within 3 s, and the id says enough."""


class Screens:
    """``windows`` are for one admin's eyes."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self.windows = Windows(api)

    async def whisper(self, channel: str, user: str, text: str) -> None:
        """To one user alone; may be lost, never raises. ``text`` is our own markup."""
        await self.windows.whisper(Thread(channel=channel, id=""), user, {"text": text}, "admin")

    async def post(self, channel: str, message: Message, key: str = "", thread: str = "") -> Place:
        """Raises RetryLater, Rejected, Unreachable or Unconfirmed. ``key`` is found again by ``find``."""
        answer = await self._api.call(
            "chat.postMessage",
            channel=channel,
            text=message.text,
            blocks=list(message.blocks),
            metadata=metadata(key) if key else None,
            thread_ts=thread or None,
            **NO_PREVIEWS,
        )
        return Place(channel=str(answer.get("channel") or channel), ts=str(answer["ts"]))

    async def find(self, channel: str, key: str, since: datetime) -> Place | None:
        """Where a post stands whose answer was lost. Raises RetryLater or Rejected."""
        ts = await posted(self._api, key, channel, None, since)
        return Place(channel=channel, ts=ts) if ts else None

    async def replace(self, place: Place, message: Message) -> None:
        """Edit a post in place. Raises RetryLater or Rejected."""
        await self._api.call(
            "chat.update", channel=place.channel, ts=place.ts, text=message.text, blocks=list(message.blocks)
        )

    async def agent(self, user: str) -> Agent:
        """Who that is; by the id alone while Slack doesn't tell the name."""
        try:
            async with asyncio.timeout(NAME_SECONDS):
                return Agent(id=user, name=(await self._api.user(user)).name)
        except (*LOST, TimeoutError) as failure:
            log.info("an admin's name is unknown", agent=user, why=str(failure))
            return Agent(id=user, name=user)

    async def offset(self, user: str) -> timedelta:
        """What that user's clock shows, less UTC; UTC itself while Slack doesn't tell."""
        try:
            return (await self._api.user(user)).utc_offset
        except LOST as failure:
            log.info("an admin's time zone is unknown", agent=user, why=str(failure))
            return timedelta()


def mentions(users: Sequence[str]) -> str:
    """So that people see whom to ask."""
    return ", ".join(f"<@{safe(user)}>" for user in users)
