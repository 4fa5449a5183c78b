"""What comes of a pressed button: a modal, choices for one agent's eyes, or an act on the ticket."""

from collections.abc import Mapping
from dataclasses import replace

from bots.slack.desk import forms, suggestions
from bots.slack.desk.actions import Press, Shortcut
from bots.slack.desk.bench import Bench
from bots.slack.desk.buttons import Borne
from bots.slack.desk.cards import Drawn
from bots.slack.desk.homes import Homes
from bots.slack.desk.pages import Pages, opens
from bots.slack.desk.where import Where
from bots.slack.windows import Windows
from core.desk import Whisper
from core.messages import Agent, Say

_ENGLISH = "en"


class Presses:
    """Each press is done, committed and answered when ``pressed`` returns."""

    def __init__(self, bench: Bench, pages: Pages, windows: Windows, homes: Homes) -> None:
        self._bench = bench
        self._pages = pages
        self._windows = windows
        self._homes = homes

    async def pressed(self, press: Press) -> None:
        """Raises NotAllowed, RetryLater, Rejected or DatabaseAway."""
        agent, _ = await self._bench.agent_on(press.user, press.ticket)
        if opens(press.verb, press.borne):
            await self._open(press, agent)
        elif press.verb == "suggest":
            await self._answer(press, await self.suggested(press.ticket))
        elif press.verb == "find":
            words = press.borne.values.get("argument", "")
            await self._answer(press, await self.found(press.ticket, words))
        else:
            await self._act(press, agent)

    async def suggested(self, ticket: int) -> Drawn:
        """The best answers to what the person asked last."""
        asked = await self._bench.reads.question(ticket)
        question, language = (
            (self._bench.knowledge.asked(asked.text), asked.language) if asked else ("", _ENGLISH)
        )
        platform = (await self._bench.reads.card(ticket)).platform
        choices = await self._bench.knowledge.best(question, language, platform)
        return suggestions.ephemeral(ticket, question, choices, self._bench.speech)

    async def found(self, ticket: int, words: str) -> Drawn:
        """What the FAQ knows of these words, for agents' eyes."""
        asked = await self._bench.reads.question(ticket)
        platform = (await self._bench.reads.card(ticket)).platform
        choices = await self._bench.knowledge.find(words, asked.language if asked else _ENGLISH, platform)
        return suggestions.found(ticket, words, choices, self._bench.speech)

    async def instead(self, whisper: Whisper | None) -> Drawn | None:
        """Where a command asked for what an ephemeral can hold, it is shown at once, without one more press."""
        verbs = {button.verb: button.values for button in whisper.buttons} if whisper else {}
        if whisper and "suggest" in verbs:
            return await self.suggested(whisper.ticket)
        if whisper and "find" in verbs:
            return await self.found(whisper.ticket, verbs["find"].get("argument", ""))
        return None

    async def shortcut(self, used: Shortcut, ticket: int) -> None:
        """One of our shortcuts on a message in a ticket's thread. Raises as ``pressed`` does."""
        press = Press(
            id=used.id,
            verb=used.name,
            ticket=ticket,
            user=used.user,
            thread=used.thread,
            at=used.at,
            borne=Borne(about=used.message),
            trigger=used.trigger,
        )
        await self.pressed(press)

    async def _act(self, press: Press, agent: Agent) -> None:
        values = dict(press.borne.values)
        if press.verb == "reply" and not values.get("text"):
            card = await self._bench.reads.card(press.ticket)
            values["text"] = self._bench.knowledge.text(values, card, agent)
        act = replace(press, borne=Borne(about=press.borne.about, values=_said(values))).as_act(agent)
        whisper = await self._bench.door.act(act)
        if press.home:
            await self._homes.publish(press.user, whisper)
            return
        await self._answer(press, whisper)
        self._homes.touch(press.user)

    async def _open(self, press: Press, agent: Agent) -> None:
        where = _where(press)
        page = self._pages.page(press.verb, where, press.borne, agent)
        id = await self._windows.open_soon(press.trigger, page, forms.wait(where, self._bench.speech))
        if not id:
            whisper = Whisper(say=Say(name="desk.not_opened"))
            await self._bench.desk.whispers.tell(press.thread, press.user, whisper)
        elif press.verb == "history":
            await self._windows.show(id, await self._pages.history(where, pictures=True))

    async def _answer(self, press: Press, answer: Whisper | Drawn | None) -> None:
        await self._bench.desk.whispers.answer(press, answer)


def _where(press: Press) -> Where:
    """What a modal is about that this press opens."""
    values = press.borne.values
    return Where(
        ticket=press.ticket,
        channel=press.thread.channel,
        thread=press.thread.id,
        about=press.borne.about,
        entry=values.get("entry", ""),
        language=values.get("language", ""),
        canned=values.get("canned", ""),
        words=values.get("words", "") or values.get("argument", ""),
    )


def _said(values: Mapping[str, str]) -> Mapping[str, str]:
    """Words that are filled in already are the agent's own: the core must not look the reply up once more."""
    return {name: value for name, value in values.items() if name != "canned" or not values.get("text")}
