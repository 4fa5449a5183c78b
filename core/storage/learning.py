"""Voices for other ways to ask an entry: written in the turn in which somebody shows what their words meant, and read
and settled where the FAQ learns from them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from core.conversation.faq.uptake import Proposal
from core.conversation.faq.voices import Said, fit
from core.storage import faq_models
from core.storage.engine import Storage, rows

RECENT = timedelta(days=180)
"""What people were and weren't helped by before that is forgotten."""
_VOICES = 10_000
"""The newest, that are looked at."""
_VARIANTS = 2_000
_FATES = 1_000

_PROPOSED = (
    "INSERT INTO variant (entry, language, text, folded, state, at, decided_by)"
    " VALUES ($1, $2, $3, $4, 'proposed', $5, '') ON CONFLICT (entry, folded) DO NOTHING"
)
_WAITING = "SELECT id FROM variant WHERE entry = $1 AND folded = $2 AND state = 'proposed'"
_HEARD = (
    "INSERT INTO evidence (variant_id, voice, source, question_id, at) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (variant_id, voice) DO NOTHING"
)
_VOICES_FOR = (
    "SELECT v.id, v.entry, v.language, v.text, v.folded, v.state, e.voice, q.fate, q.entry AS meant"
    " FROM evidence e JOIN variant v ON v.id = e.variant_id LEFT JOIN question q ON q.id = e.question_id"
    " WHERE e.id > $1 AND v.state IN ('proposed', 'taken', 'doubted') ORDER BY e.id"
)
_NEWEST = "SELECT COALESCE(MAX(id), 0) AS id FROM evidence"


async def voice(
    conn: BaseDBAsyncClient,
    question: faq_models.Question,
    entry: str,
    source: str,
    voice: str,
    now: datetime,
    folded: str,
    known: Collection[str] = (),
) -> None:
    """``voice`` (``person:17``, ``agent:U1``) showed that this question means the entry; counted once a voice.

    ``source`` is picked, helped, agent or saved; ``folded`` the question's plain form, ``known`` those of the entry's
    phrasings, if they are at hand. Words that are not fit for a FAQ are not proposed, and what was decided once
    takes no more voices.
    """
    text = fit(question.text, folded, known)
    if not text or not entry:
        return
    await rows(conn, _PROPOSED, [entry, question.language, text, folded, now])
    for waiting in await rows(conn, _WAITING, [entry, folded]):
        await rows(conn, _HEARD, [waiting["id"], voice[:80], source, question.id, now])


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What waits, with all that was said for and against it; ``texts`` are the words as written, by plain form."""

    proposals: Sequence[Proposal]
    said: Sequence[Said]
    texts: dict[str, str]


async def newest_voice(storage: Storage) -> int:
    """Grows with every voice: nothing has to be counted again while it stays."""
    return int((await rows(storage.reading, _NEWEST))[0]["id"])


async def heard(storage: Storage) -> Heard:
    """The newest voices."""
    newest = await newest_voice(storage)
    found = await rows(storage.reading, _VOICES_FOR, [newest - _VOICES])
    waiting = {row["id"]: _proposal(row) for row in found if row["state"] == "proposed"}
    said = [
        Said(
            entry=row["entry"],
            words=row["folded"],
            voice=row["voice"],
            helped=not _taken_back(row),
            spent=row["state"] != "proposed",
        )
        for row in found
        if row["fate"] != "person"
    ]
    return Heard(
        proposals=tuple(waiting.values()), said=said, texts={row["folded"]: row["text"] for row in found}
    )


def _proposal(row: dict[str, Any]) -> Proposal:
    return Proposal(
        id=row["id"], entry=row["entry"], language=row["language"], text=row["text"], folded=row["folded"]
    )


def _taken_back(row: dict[str, Any]) -> bool:
    """After it had been confirmed it turned out to be no help, or another entry was meant."""
    settled = row["fate"] in ("picked", "helped", "agent")
    return row["fate"] == "unhelped" or (settled and row["meant"] != row["entry"])


async def misled(storage: Storage, entries: Collection[str], now: datetime) -> Sequence[tuple[str, int, str]]:
    """Who got one of these entries and wasn't helped: (entry, person, words), the newest."""
    query = faq_models.Question.filter(entry__in=entries, at__gte=now - RECENT, fate="unhelped")
    found = await query.using_db(storage.reading).order_by("-at").limit(_FATES)
    return [(row.entry, row.person_id, row.text) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """An answer of which somebody said whether it helped."""

    entry: str
    person: int
    text: str
    helped: bool
    at: datetime


async def fates(storage: Storage, entries: Collection[str], now: datetime) -> Sequence[Fate]:
    """What became of the newest answers with these entries."""
    query = faq_models.Question.filter(
        entry__in=entries, at__gte=now - RECENT, kind="answer", fate__in=("helped", "unhelped")
    )
    found = await query.using_db(storage.reading).order_by("-at").limit(_FATES)
    return [
        Fate(entry=row.entry, person=row.person_id, text=row.text, helped=row.fate == "helped", at=row.at)
        for row in found
    ]


async def in_state(storage: Storage, *states: str) -> Sequence[faq_models.Variant]:
    """The newest variants in these states."""
    query = faq_models.Variant.filter(state__in=states).using_db(storage.reading)
    return await query.order_by("-id").limit(_VARIANTS)


async def found(storage: Storage, variant_id: int) -> faq_models.Variant | None:
    """One variant."""
    return await faq_models.Variant.get_or_none(id=variant_id, using_db=storage.reading)


async def settle(storage: Storage, variant_ids: Collection[int], **columns: object) -> None:
    """What was decided about variants: state, decided_at, decided_by, revision, language."""
    async with storage.turn() as conn:
        await faq_models.Variant.filter(id__in=variant_ids).using_db(conn).update(**columns)
