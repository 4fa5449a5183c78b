"""What one agent alone sees: ephemerals, in the thread or where a button was pressed. They may be lost."""

from collections.abc import Mapping
from typing import Any

import structlog

from bots.slack.api import Refused, SlackApi
from bots.slack.desk.actions import Press
from bots.slack.desk.buttons import Text, row
from bots.slack.desk.cards import Drawn
from bots.slack.desk.lengths import SECTION, cut
from bots.slack.text import safe
from core.desk import Whisper
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Thread

log = structlog.get_logger()

_ELSEWHERE = frozenset({"user_not_in_channel"})
"""Slack's word for who can't be shown anything in the Slack channel itself."""

_INERT: Mapping[str, Any] = {"unfurl_links": False, "unfurl_media": False, "link_names": False}


class Whispers:
    """``text`` renders in the desk's language. Nothing here raises."""

    def __init__(self, api: SlackApi, text: Text) -> None:
        self._api = api
        self._text = text

    async def tell(self, thread: Thread, agent: str, whisper: Whisper) -> None:
        """In the thread, or in the Slack channel where ``thread`` has no id.

        Who is no member of the Slack channel can't be shown anything there, and reads it as a direct message.
        """
        await self.show(thread, agent, self.drawn(whisper), whisper.say.name)

    async def show(self, thread: Thread, agent: str, shown: Drawn, name: str) -> None:
        """The same for what is drawn already; ``name`` is for the log."""
        place: dict[str, Any] = {"channel": thread.channel or agent, "thread_ts": thread.id or None}
        try:
            await self._show(place, agent, _said(shown))
        except (RetryLater, Rejected, Unreachable, Unconfirmed) as failure:
            log.info("a whisper was lost", text=name, agent=agent, why=str(failure))

    async def answer(self, press: Press, answer: Whisper | Drawn | None) -> None:
        """After a press: what was pressed on is exchanged or taken away where only the agent sees it."""
        shown = self.drawn(answer) if isinstance(answer, Whisper) else answer
        if press.answer_to:
            body = {"replace_original": True, **_said(shown)} if shown else {"delete_original": True}
            if await self._api.respond(press.answer_to, {"response_type": "ephemeral", **body}):
                return
        if shown:
            name = answer.say.name if isinstance(answer, Whisper) else press.verb
            await self.show(press.thread, press.user, shown, name)

    def drawn(self, whisper: Whisper) -> Drawn:
        """Its text, and its buttons under it."""
        text = safe(self._text(whisper.say))
        if not whisper.buttons:
            return Drawn(blocks=(), text=text)
        words = {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION)}}
        return Drawn(blocks=(words, row(whisper.ticket, whisper.buttons, self._text)), text=text)

    async def _show(self, place: Mapping[str, Any], agent: str, shown: Mapping[str, Any]) -> None:
        if place["channel"] == agent:
            await self._api.call("chat.postMessage", channel=agent, **shown, **_INERT)
            return
        try:
            await self._api.call("chat.postEphemeral", user=agent, **shown, **place)
        except Refused as refused:
            if refused.code not in _ELSEWHERE:
                raise
            await self._api.call("chat.postMessage", channel=agent, **shown, **_INERT)


def _said(shown: Drawn) -> Mapping[str, Any]:
    return {"text": shown.text, **({"blocks": list(shown.blocks)} if shown.blocks else {})}
