"""What one agent alone reads: in the thread, or where a button was pressed. It may be lost."""

from collections.abc import Mapping
from typing import Any

from bots.slack.api import SlackApi
from bots.slack.desk.actions import Press
from bots.slack.desk.buttons import Text, under
from bots.slack.desk.cards import Drawn
from bots.slack.lengths import TEXT, cut_markup
from bots.slack.text import safe
from bots.slack.windows import Windows
from core.desk import Whisper
from core.messages import Thread

DIRECTLY = Thread(channel="", id="")
"""To the user, without anything around it."""


class Whispers:
    """``text`` renders in the desk's language. Nothing here raises."""

    def __init__(self, api: SlackApi, text: Text) -> None:
        self._api = api
        self._windows = Windows(api)
        self._text = text

    async def tell(self, thread: Thread, agent: str, whisper: Whisper) -> None:
        """In the thread, or in the Slack channel where ``thread`` has no id; without a channel directly."""
        await self.show(thread, agent, self.drawn(whisper), whisper.say.name)

    async def show(self, thread: Thread, agent: str, shown: Drawn, name: str) -> None:
        """The same for what is drawn already; ``name`` is for the log."""
        await self._windows.whisper(thread, agent, _said(shown), name)

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
        return Drawn(blocks=under(text, whisper.ticket, whisper.buttons, self._text), text=text)


def _said(shown: Drawn) -> Mapping[str, Any]:
    text = cut_markup(shown.text, TEXT)
    return {"text": text, **({"blocks": list(shown.blocks)} if shown.blocks else {})}
