"""Reads about what people asked and what is learnt from it, each within a number of rows or a span of time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tortoise.expressions import Q

from core.conversation.faq.book import Faq
from core.conversation.faq.drafts import Answered, drafted
from core.conversation.faq.editing import is_faq
from core.conversation.faq.entries import Entry
from core.conversation.faq.gaps import Gap, Missed, Near, Why, grouped
from core.conversation.faq.health import Chance, Changes, Health, Report, Tally, healths, reported, right
from core.storage import faq_models, models
from core.storage.desk_answers import given
from core.storage.engine import Storage, rows

MISSES = 5_000
"""Missed questions that are grouped, the newest."""
_RECENT = 5_000
"""Questions by which the cautions are compared."""
_REVISIONS = 100
"""Looked through for the last change of entries, and one that is older than a year."""
_VARIANTS = 500
_ASKERS = 20
"""Of a gap, whose tickets are read for a draft."""
_TICKETS, _LINES = 20, 30
"""Of each of these people, and of each of these tickets."""
_SOON = timedelta(days=1)
"""After the question: a ticket opened later is about something else."""
_IN_ONE_GO, _GO = timedelta(minutes=10), 3
"""An agent's first messages that are one answer."""

_TALLIES = (
    "SELECT kind, fate, COALESCE(shown->>0, '') AS first, entry, platform, language, COUNT(*) AS count"
    " FROM question WHERE at >= $1 GROUP BY 1, 2, 3, 4, 5, 6"
)
_EACH = {
    True: "SELECT one AS entry, COUNT(*) AS count FROM question, jsonb_array_elements_text(shown) AS one"
    " WHERE at >= $1 GROUP BY 1",
    False: "SELECT one.value AS entry, COUNT(*) AS count FROM question, json_each(question.shown) AS one"
    " WHERE at >= $1 GROUP BY 1",
}
_CHANCES = (
    "SELECT probability, kind, fate, COALESCE(shown->>0, '') AS first, entry FROM question"
    " WHERE at >= $1 AND kind <> 'opened' ORDER BY at DESC LIMIT $2"
)


async def recent_questions(storage: Storage, limit: int) -> list[str]:
    """What people asked last, each wording once, the newest first."""
    query = faq_models.Question.exclude(kind="opened").using_db(storage.reading)
    texts = await query.order_by("-id").limit(limit).values_list("text", flat=True)
    return list(dict.fromkeys(str(text) for text in texts if text))


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """Another way to ask an entry, with how many people speak for it, and how they came to."""

    id: int
    entry: str
    language: str
    text: str
    state: str
    at: datetime
    people: int
    sources: Mapping[str, int]
    decided_at: datetime | None
    decided_by: str
    revision: int | None


async def variants(storage: Storage, state: str = "proposed", limit: int = _VARIANTS) -> list[VariantRow]:
    """Variants in a state (proposed, taken, doubted, declined, withdrawn), those with most people first."""
    query = faq_models.Variant.filter(state=state).using_db(storage.reading)
    found = await query.order_by("-id").limit(limit)
    sources = await _sources(storage, [row.id for row in found])
    told = [
        VariantRow(
            id=row.id, entry=row.entry, language=row.language, text=row.text, state=row.state, at=row.at,
            people=sum(sources[row.id].values()), sources=sources[row.id], decided_at=row.decided_at,
            decided_by=row.decided_by, revision=row.revision,
        )
        for row in found
    ]  # fmt: skip
    return sorted(told, key=lambda one: (-one.people, -one.id))


async def _sources(storage: Storage, ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    query = faq_models.Evidence.filter(variant_id__in=ids).using_db(storage.reading)
    for variant, source in await query.values_list("variant_id", "source"):
        counts[variant][source] = counts[variant].get(source, 0) + 1
    return counts


async def gaps(storage: Storage, faq: Faq, since: datetime, limit: int = MISSES) -> list[Gap]:
    """What was missed since then, grouped by meaning, with the nearest entry; takes a millisecond a question."""
    missed = await misses(storage, since, limit)
    return await asyncio.to_thread(_grouped, faq, missed)


def _grouped(faq: Faq, missed: Sequence[Missed]) -> list[Gap]:
    if not missed:
        return []
    texts = list(dict.fromkeys(one.text for one in missed))
    places = {text: place for place, text in enumerate(texts)}
    meanings = faq.meanings(texts)[[places[one.text] for one in missed]]
    found = grouped(missed, meanings)
    decisions = faq.decide_all([gap.question for gap in found])
    return [
        replace(gap, near=Near(entry=hits[0].id, likeness=hits[0].likeness))
        if (hits := one.candidates)
        else gap
        for gap, one in zip(found, decisions, strict=True)
    ]


async def misses(storage: Storage, since: datetime, limit: int = MISSES) -> list[Missed]:
    """The newest questions that got no answer, or one that was no help."""
    unserved = Q(fate__in=("unhelped", "person")) | Q(kind="nothing", fate="")
    asked = faq_models.Question.filter(unserved, at__gte=since).exclude(text="").using_db(storage.reading)
    return [
        Missed(
            id=row.id, person=row.person_id, text=row.text, language=row.language, platform=row.platform,
            at=row.at, why=_why(row), entry=row.shown[0] if row.shown else "",
        )
        for row in await asked.order_by("-at").limit(limit)
    ]  # fmt: skip


def _why(row: faq_models.Question) -> Why:
    return "unanswered" if row.kind == "nothing" else "unhelpful"


async def draft(storage: Storage, faq: Faq, gap: Gap, fold: Callable[[str], str]) -> Entry | None:
    """An entry for a gap, from what agents answered; None where no agent has answered yet."""
    answers = await answers_after(storage, gap.missed[:_ASKERS])
    return await asyncio.to_thread(drafted, gap, answers, faq.meanings, fold)


async def answers_after(storage: Storage, questions: Sequence[int]) -> list[Answered]:
    """What agents first wrote to those who had asked these questions, in the ticket that was open or came after."""
    asked = await faq_models.Question.filter(id__in=questions).using_db(storage.reading)
    if not asked:
        return []
    first = min(row.at for row in asked)
    unresolved = Q(resolved_at=None) | Q(resolved_at__gte=first)
    people = {row.person_id for row in asked}
    query = models.Ticket.filter(unresolved, person_id__in=people).using_db(storage.reading).order_by("id")
    tickets = await query.limit(_TICKETS * len(people))
    told = [(row, ticket) for row in asked if (ticket := _ticket_of(row, tickets))]
    said = await _agents_words(storage, {ticket.id for _, ticket in told}, first)
    found = [
        (row.language, _first_words([one for one in said[ticket.id] if one.at >= row.at]))
        for row, ticket in told
    ]
    return [Answered(language=language, text=text) for language, text in found if text]


def _ticket_of(question: faq_models.Question, tickets: Sequence[models.Ticket]) -> models.Ticket | None:
    """The first that was open when it was asked, or opened within a day."""
    return next(
        (
            one
            for one in tickets
            if one.person_id == question.person_id
            and one.opened_at <= question.at + _SOON
            and (one.resolved_at is None or one.resolved_at >= question.at)
        ),
        None,
    )


async def _agents_words(
    storage: Storage, tickets: Collection[int], since: datetime
) -> Mapping[int, list[models.Message]]:
    query = models.Message.filter(
        ticket_id__in=tickets, by="agent", kind="said", version_of=None, at__gte=since
    ).exclude(text="")
    written = await query.using_db(storage.reading).order_by("id").limit(_LINES * max(len(tickets), 1))
    theirs = await given(storage.reading, [row.id for row in written])
    said = defaultdict[int, list[models.Message]](list)
    for row in written:
        if row.id in theirs:
            assert row.ticket_id is not None
            said[row.ticket_id].append(row)
    return said


def _first_words(said: Sequence[models.Message]) -> str:
    """What was written in one go."""
    return "\n".join([one.text for one in said if one.at <= said[0].at + _IN_ONE_GO][:_GO])


async def health(storage: Storage, faq: Faq, now: datetime, days: int = 30) -> list[Health]:
    """How each entry did over the last days, the most asked first."""
    since = now - timedelta(days=days)
    shown = await rows(storage.reading, _EACH[storage.postgres], [since])
    return healths(
        faq.entries,
        await _tallies(storage, since),
        {row["entry"]: row["count"] for row in shown},
        await last_changes(storage, now),
    )


async def report(storage: Storage, faq: Faq, now: datetime, days: int = 30) -> Report:
    """The figures of the whole FAQ over the last days, and what each caution would have cost."""
    since = now - timedelta(days=days)
    chances = [
        Chance(
            probability=row["probability"], right=right(row["kind"], row["fate"], row["first"], row["entry"])
        )
        for row in await rows(storage.reading, _CHANCES, [since, _RECENT])
    ]
    return reported(await _tallies(storage, since), chances, faq.confidence.bars)


async def _tallies(storage: Storage, since: datetime) -> list[Tally]:
    return [Tally(**row) for row in await rows(storage.reading, _TALLIES, [since])]


async def last_changes(storage: Storage, now: datetime) -> Mapping[str, datetime]:
    """When each published entry last changed, at the latest: beyond a hundred revisions only years are told apart."""
    query = faq_models.Revision.all().using_db(storage.reading).order_by("-number")
    numbers = list(await query.limit(_REVISIONS).values_list("number", flat=True))
    if not numbers:
        return {}
    year = faq_models.Revision.filter(at__lt=now - timedelta(days=366), number__lt=numbers[-1])
    numbers += (
        await year.using_db(storage.reading).order_by("-number").limit(1).values_list("number", flat=True)
    )
    newest = await faq_models.Revision.get(number=numbers[0], using_db=storage.reading)
    changes = Changes(_entries(newest.files), newest.at)
    for number in numbers[1:]:
        if changes.done:
            break
        older = await faq_models.Revision.get(number=number, using_db=storage.reading)
        changes.before(_entries(older.files), older.at)
    return changes.changed


def _entries(files: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if is_faq(name)}
