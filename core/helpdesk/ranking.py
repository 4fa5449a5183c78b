"""Asking the FAQ before the turn: in a worker thread, outside any transaction, with what is read unlocked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.conversation import flow
from core.conversation.asked import meant
from core.conversation.choosing import option_of
from core.conversation.faq.book import Faq
from core.conversation.faq.decide import Decision
from core.conversation.faq.shelf import Shelf
from core.conversation.feedback import Standing
from core.conversation.reading import Heard, Reading, Readings
from core.conversation.several import Part
from core.conversation.situation import Conversation, Fired, load
from core.helpdesk.asking import about
from core.helpdesk.library import Library, day_of
from core.helpdesk.standing import Top, standings
from core.messages import Inbound
from core.ports import Clock
from core.publishing import Published, Publishing
from core.storage import models
from core.storage.engine import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What a decision needs from outside its turn; in the turn the ``reading`` must still be the same.

    The turn goes on with the same ``published``, so that every entry is there that was decided for.
    """

    published: Published = field(repr=False)
    shelf: Shelf = field(repr=False)
    reading: Reading
    readings: Readings
    standings: Mapping[str, Standing] = field(default_factory=dict)
    top: tuple[str, ...] = ()


class QuestionChanged(Exception):
    """Between ranking and locking more words came in: rank again."""


class Ranking:
    """Reads and ranks what one event needs."""

    def __init__(self, storage: Storage, publishing: Publishing, library: Library, clock: Clock) -> None:
        self._storage = storage
        self._publishing = publishing
        self._library = library
        self._clock = clock
        self._top = Top(storage)

    async def for_event(self, event: Inbound) -> Ranked:
        """What a person just said or chose, together with what still waits for the rest."""
        sender = event.sender
        query = models.Identity.filter(platform=sender.platform, account=sender.account, user=sender.user)
        identity = None
        if event.kind in ("said", "chose"):
            identity = await query.using_db(self._storage.reading).select_related("person").first()
        return await self._ranked(identity.person if identity else None, event)

    async def for_timer(self, person_id: int, event: Fired) -> Ranked:
        """What a person left waiting."""
        person = await models.Person.get_or_none(id=person_id, using_db=self._storage.reading)
        return await self._ranked(person, event)

    async def _ranked(self, person: models.Person | None, event: Inbound | Fired) -> Ranked:
        published, now = self._publishing.current, self._clock()
        day = day_of(now)
        shelf = self._library.shelf(published.faq, day)
        talk = load(person.scene) if person else Conversation()
        option = option_of(talk, event, now) if isinstance(event, Inbound) else ""
        asked = await about(self._storage.reading, person.id, option) if person and option else None
        option = meant(option, asked)
        reading = flow.reading(talk, event, published.texts.words)
        unhelped = asked.text if asked and option == "unhelped" else ""
        before = self._before(published, reading, person.language if person else "")
        readings = await _decided(published.faq, reading, unhelped, before, day)
        around = flow.looks_around(event, option, published.texts.words)
        asks = not (talk.last and talk.last.judged)
        return Ranked(
            published=published,
            shelf=shelf,
            reading=reading,
            readings=readings,
            standings=await standings(self._storage, _possible(readings, option)) if asks else {},
            top=await self._top.entries(now) if around else (),
        )

    def _before(self, published: Published, reading: Reading, language: str) -> str:
        """The question of the last answer, in the language of the words that may lean on it."""
        last = published.faq.entries.get(reading.after)
        return last.question_in(self._publishing.language(reading.whole, language)) if last else ""


async def _decided(faq: Faq, reading: Reading, unhelped: str, before: str, day: date) -> Readings:
    """The FAQ on every way to read it; else on what was asked before, whose answer was no help."""
    whole = unhelped or reading.whole
    if not whole:
        return Readings()
    lean = [(whole, before), *_leaning(reading.parts)]
    texts = dict.fromkeys(
        text for said, after in lean for text in (said, f"{after}\n{said}" if after else said)
    )
    decided = dict(zip(texts, await asyncio.to_thread(_decide, faq, list(texts), day), strict=True))
    first, *parts = (_heard(said, after, decided) for said, after in lean)
    return Readings(whole=first, parts=tuple(parts))


def _leaning(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Each question of a message, with the one before if it may lean on it."""
    before = ["", *(part.text for part in parts)]
    return [(part.text, "" if part.apart else after) for part, after in zip(parts, before, strict=False)]


def _heard(said: str, after: str, decided: Mapping[str, Decision]) -> Heard:
    text = f"{after}\n{said}"
    placed = Heard(text=text, decision=decided[text]) if after else None
    return Heard(text=said, decision=decided[said], placed=placed)


def _decide(faq: Faq, texts: Sequence[str], day: date) -> list[Decision]:
    return faq.decide_all(texts, day) if len(texts) > 1 else [faq.decide(texts[0], day)]


def _possible(readings: Readings, option: str) -> frozenset[str]:
    """The entries that the answer may be, if there is one."""
    heard = [readings.whole, *([readings.whole.placed] if readings.whole.placed else [])]
    sure = {one.decision.ids[0] for one in heard if one.decision.kind == "answer"}
    verb, _, entry = option.partition(":")
    return frozenset(sure | ({entry} if verb == "faq" else set()))
