"""What Slack tells about the desk, handed to the core: agents' words in tickets' threads and presses of buttons."""

import asyncio
import json
from collections.abc import Iterable, Mapping

import structlog

from bots.slack.api import SlackApi
from bots.slack.desk import actions, words
from bots.slack.desk.desk import SlackDesk
from bots.slack.desk.members import Members
from bots.slack.desk.words import Written
from bots.slack.shapes import Body, NotUnderstood
from core.conversation.people import clean_name
from core.errors import DatabaseAway, Rejected, RetryLater, Unreachable
from core.messages import Agent, Say, Thread
from core.ports import AgentDoor

log = structlog.get_logger()


class AuthorUnknown(DatabaseAway):
    """Slack can't be asked now who wrote this; nothing was committed, so it must come again."""


class DeskEvents:
    """The desk's edge. Every event is done, committed and answered when ``take`` returns."""

    def __init__(self, api: SlackApi, door: AgentDoor, desk: SlackDesk, members: Members) -> None:
        self._api = api
        self._door = door
        self._desk = desk
        self._members = members

    async def take(self, body: Body) -> bool:
        """True: it was the desk's matter and is done. False: it is somebody else's.

        Raises DatabaseAway where Slack must come again.
        """
        try:
            return await self._take(body)
        except RetryLater as away:
            raise AuthorUnknown(str(away)) from away

    async def _take(self, body: Body) -> bool:
        if actions.is_ours(body):
            await self._pressed(body)
            return True
        if words.is_echo(body, self._api.me):
            return True
        thread = words.thread_of(body)
        if thread is None or await self._door.ticket_in(thread) is None:
            return False
        await self._wrote(body, thread)
        return True

    # --- words ----------------------------------------------------------------------------------------------

    async def _wrote(self, body: Body, thread: Thread) -> None:
        try:
            written = words.read(body, thread, self._api.me)
        except NotUnderstood as failure:
            await self._quarantine(body, failure)
            return
        if written:
            await self._tell(thread, written.user, await self._hand_on_words(body, written))

    async def _hand_on_words(self, body: Body, written: Written) -> Say | None:
        try:
            if not await self._members.has(written.user):
                return Say(name="desk.not_an_agent")
        except Rejected as failure:
            return await self._quarantine(body, failure)
        if written.is_empty:
            return Say(name="desk.nothing_to_send")
        agent, names = await self._agent(written.user), await self._names(written.mentioned)
        return await self._door.said(written.as_words(agent, names))

    # --- buttons --------------------------------------------------------------------------------------------

    async def _pressed(self, body: Body) -> None:
        try:
            presses = actions.read(body)
        except NotUnderstood as failure:
            await self._quarantine(body, failure)
            return
        for press in presses:
            # in the Slack channel, not the thread: that is where the button is, and the thread may be closed
            place = Thread(channel=press.card.channel, id="")
            await self._tell(place, press.user, await self._hand_on_press(body, press))

    async def _hand_on_press(self, body: Body, press: actions.Press) -> Say | None:
        try:
            if not await self._members.has(press.user):
                return Say(name="desk.not_an_agent_button")
        except Rejected as failure:
            return await self._quarantine(body, failure)
        return await self._door.act(press.as_act(await self._agent(press.user)))

    # --- both -----------------------------------------------------------------------------------------------

    async def _agent(self, id: str) -> Agent:
        return Agent(id=id, name=await self._name(id) or id)

    async def _name(self, id: str) -> str:
        """Empty where Slack doesn't know them."""
        try:
            return clean_name((await self._api.user(id)).name)
        except (Rejected, Unreachable) as failure:
            log.warning("a Slack user has no name", user=id, why=str(failure))
            return ""

    async def _names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Of people who are only mentioned: a name that can't be had now must not keep the words back."""
        asked = sorted(ids)
        found = await asyncio.gather(*(self._name(id) for id in asked), return_exceptions=True)
        return {id: name for id, name in zip(asked, found, strict=True) if isinstance(name, str)}

    async def _tell(self, thread: Thread, agent: str, say: Say | None) -> None:
        if say:
            await self._desk.whisper(thread, agent, say)

    async def _quarantine(self, body: Body, failure: Exception) -> Say:
        payload = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
        await self._door.quarantine(payload, f"slack: {str(failure)[:300]}")
        return Say(name="desk.unreadable")
