"""Keeping in a turn what people asked, what was decided on it, and what became of it."""

from tortoise.backends.base.client import BaseDBAsyncClient

from core.conversation.asked import LONGEST, About, Asked, may_become, question_of
from core.conversation.faq.entries import Entry
from core.conversation.faq.normal import Normal
from core.conversation.situation import Became
from core.publishing import Published
from core.storage import models
from core.storage.faq_models import Question
from core.storage.learning import voice
from core.storage.turns import Turn

_TEACHES = frozenset({"picked", "helped"})
"""Who says so tells which entry was right."""


class Questions:
    """One turn's questions. ``normal`` gives their plain form."""

    def __init__(
        self, turn: Turn, published: Published, identity: models.Identity, language: str, normal: Normal
    ) -> None:
        self._turn = turn
        self._published = published
        self._identity = identity
        self._language = language
        self._normal = normal

    async def keep(self, asked: Asked, message: int | None) -> int:
        """Write a question down; ``message`` is the bot's, which bears the answer. Returns its number."""
        row = await Question.create(
            using_db=self._turn.conn,
            person_id=self._turn.person.id,
            message_id=message,
            at=self._turn.now,
            platform=self._identity.platform,
            language=self._language,
            text=asked.text[:LONGEST],
            kind=asked.kind,
            entry=asked.entry,
            shown=list(asked.shown),
            probability=asked.probability,
            signs=list(asked.signs),
            revision=self._published.revision,
        )
        return int(row.id)

    async def became(self, what: Became) -> None:
        """Write down what became of a question, unless something else did before."""
        row = await _row(self._turn.conn, what.question, self._turn.person.id)
        if row is None or not may_become(row.fate, what.fate):
            return
        row.fate, row.fate_at, row.entry = what.fate, self._turn.now, what.entry or row.entry
        await row.save(using_db=self._turn.conn, update_fields=["fate", "fate_at", "entry"])
        if what.fate in _TEACHES and row.text:
            await self._teach(row)

    async def _teach(self, row: Question) -> None:
        """The person's words become a voice for another way to ask the entry."""
        entry = self._published.faq.entries.get(row.entry)
        person = self._turn.person
        await voice(
            self._turn.conn,
            row,
            row.entry,
            row.fate,
            f"person:{person.joined_into or person.id}",
            self._turn.now,
            self._normal.of(row.text),
            self._known(entry) if entry else (),
        )

    def _known(self, entry: Entry) -> frozenset[str]:
        return frozenset(self._normal.of(text) for text in entry.phrasings())


async def about(conn: BaseDBAsyncClient, person: int, option: str) -> About | None:
    """The question that a choice belongs to, if it is this person's."""
    number = question_of(option)
    row = await _row(conn, number, person) if number else None
    if row is None:
        return None
    return About(id=row.id, text=row.text, entry=row.entry, shown=tuple(row.shown), fate=row.fate)


async def _row(conn: BaseDBAsyncClient, number: int, person: int) -> Question | None:
    return await Question.get_or_none(id=number, person_id=person, using_db=conn)
