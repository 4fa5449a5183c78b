"""What only the presser sees, straight to Slack: a modal opened, exchanged, a whisper; and posts for all admins."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bots.slack.admin.asked import Place
from bots.slack.admin.kit import View
from bots.slack.admin.posts import Message
from bots.slack.api import Refused, SlackApi
from bots.slack.desk.lookup import EVENT_TYPE, posted
from bots.slack.text import safe
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Agent

log = structlog.get_logger()

_LOST = (RetryLater, Rejected, Unreachable, Unconfirmed)
_NOT_THERE = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel"})
NAME_SECONDS = 1.0
"""For an admin's name: Slack wants its answer within 3 s, and the id says enough."""
_INERT: Mapping[str, Any] = {"unfurl_links": False, "unfurl_media": False}


class Screens:
    """Calls of the Web API; ``show`` and ``whisper`` may be lost and never raise."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def open(self, trigger: str, view: View) -> str:
        """The id of a new modal; "" where Slack didn't open it."""
        try:
            answer = await self._api.call("views.open", trigger_id=trigger, view=view)
        except _LOST as failure:
            log.warning("a modal was not opened", page=view["callback_id"], why=str(failure))
            return ""
        opened = answer.get("view")
        return str(opened.get("id", "")) if isinstance(opened, Mapping) else ""

    async def show(self, id: str, view: View) -> None:
        """Exchange what a modal shows; one that was closed meanwhile stays closed."""
        try:
            await self._api.call("views.update", view_id=id, view=view)
        except _LOST as failure:
            log.info("a modal was not updated", page=view["callback_id"], why=str(failure))

    async def whisper(self, channel: str, user: str, text: str) -> None:
        """To one user alone: in the Slack channel, or directly where that can't be. ``text`` is our own markup."""
        try:
            await self._whisper(channel, user, text)
        except _LOST as failure:
            log.info("a whisper was lost", agent=user, why=str(failure))

    async def _whisper(self, channel: str, user: str, text: str) -> None:
        try:
            await self._api.call("chat.postEphemeral", channel=channel, user=user, text=text)
        except Refused as refused:
            if refused.code not in _NOT_THERE:
                raise
            await self._api.call("chat.postMessage", channel=user, text=text, **_INERT)

    async def post(self, channel: str, message: Message, key: str = "", thread: str = "") -> Place:
        """Raises RetryLater, Rejected, Unreachable or Unconfirmed. ``key`` is found again by ``find``."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}} if key else None
        answer = await self._api.call(
            "chat.postMessage",
            channel=channel,
            text=message.text,
            blocks=list(message.blocks),
            metadata=metadata,
            thread_ts=thread or None,
            **_INERT,
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
        except (*_LOST, TimeoutError) as failure:
            log.info("an admin's name is unknown", agent=user, why=str(failure))
            return Agent(id=user, name=user)

    async def offset(self, user: str) -> timedelta:
        """What that user's clock shows, less UTC; UTC itself while Slack doesn't tell."""
        try:
            return (await self._api.user(user)).utc_offset
        except _LOST as failure:
            log.info("an admin's time zone is unknown", agent=user, why=str(failure))
            return timedelta()


def mentions(users: Sequence[str]) -> str:
    """So that people see whom to ask."""
    return ", ".join(f"<@{safe(user)}>" for user in users)
