"""What one user alone sees, straight to Slack: modals, the home tab, whispers. All of it may be lost."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog

from bots.slack.api import NO_PREVIEWS, Refused, SlackApi
from bots.slack.kit import View
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Thread

log = structlog.get_logger()

QUICK = 1.2
"""Seconds that a modal's page may take before the modal opens without it: a trigger lives for 3 s."""

LOST = (RetryLater, Rejected, Unreachable, Unconfirmed)

_NOT_THERE = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel"})
"""Slack's words for who can't be shown anything in the Slack channel itself."""

Page = Coroutine[Any, Any, View]


class Windows:
    """Nothing here raises but what the making of a page does."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def open(self, trigger: str, view: View) -> str:
        """The id of a new modal, "" where Slack didn't open it."""
        try:
            answer = await self._api.call("views.open", trigger_id=trigger, view=view)
        except LOST as failure:
            log.warning("a modal was not opened", page=view["callback_id"], why=str(failure))
            return ""
        opened = answer.get("view")
        return str(opened.get("id", "")) if isinstance(opened, Mapping) else ""

    async def open_soon(self, trigger: str, page: Page, waiting: View) -> str:
        """The same for a page that is still to be made; if that takes long, it comes after ``waiting``."""
        made = asyncio.create_task(page)
        done, _ = await asyncio.wait({made}, timeout=QUICK)
        id = await self.open(trigger, made.result() if done else waiting)
        if not done:
            view = await made
            await self.show(id, view)
        return id

    async def show(self, id: str, view: View) -> None:
        """Exchange what a modal shows; one that was closed meanwhile stays closed."""
        if not id:
            return
        try:
            await self._api.call("views.update", view_id=id, view=view)
        except LOST as failure:
            log.info("a modal was not updated", page=view["callback_id"], why=str(failure))

    async def publish(self, user: str, view: View) -> None:
        """The user's home tab."""
        try:
            await self._api.call("views.publish", user_id=user, view=view)
        except LOST as failure:
            log.info("a home tab was not published", user=user, why=str(failure))

    async def whisper(self, place: Thread, user: str, said: Mapping[str, Any], name: str) -> None:
        """In the thread, or in the Slack channel where ``place`` has no id; ``name`` is for the log.

        Who can't be shown anything there reads it as a direct message.
        """
        try:
            await self._whisper(place, user, said)
        except LOST as failure:
            log.info("a whisper was lost", text=name, user=user, why=str(failure))

    async def _whisper(self, place: Thread, user: str, said: Mapping[str, Any]) -> None:
        if place.channel and place.channel != user:
            try:
                await self._api.call(
                    "chat.postEphemeral", channel=place.channel, thread_ts=place.id or None, user=user, **said
                )
                return
            except Refused as refused:
                if refused.code not in _NOT_THERE:
                    raise
        await self._api.call("chat.postMessage", channel=user, **said, **NO_PREVIEWS)
