"""Modals and home tabs, straight to Slack: they are for one user's eyes, and may be lost."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog

from bots.slack.admin.kit import View
from bots.slack.api import SlackApi
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable

log = structlog.get_logger()

QUICK = 1.2
"""Seconds that a modal's page may take before the modal opens without it: a trigger lives for 3 s."""

_LOST = (RetryLater, Rejected, Unreachable, Unconfirmed)

Page = Coroutine[Any, Any, View]


class Windows:
    """Nothing here raises but what the making of a page does."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def open(self, trigger: str, page: Page, waiting: View) -> str:
        """The id of a new modal, "" where Slack didn't open it; a page that takes long comes after it."""
        made = asyncio.create_task(page)
        done, _ = await asyncio.wait({made}, timeout=QUICK)
        id = await self._open(trigger, made.result() if done else waiting)
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
        except _LOST as failure:
            log.info("a modal was not updated", page=view["callback_id"], why=str(failure))

    async def publish(self, user: str, view: View) -> None:
        """The user's home tab."""
        try:
            await self._api.call("views.publish", user_id=user, view=view)
        except _LOST as failure:
            log.info("a home tab was not published", user=user, why=str(failure))

    async def _open(self, trigger: str, view: View) -> str:
        try:
            answer = await self._api.call("views.open", trigger_id=trigger, view=view)
        except _LOST as failure:
            log.warning("a modal was not opened", page=view["callback_id"], why=str(failure))
            return ""
        opened = answer.get("view")
        return str(opened.get("id", "")) if isinstance(opened, Mapping) else ""
