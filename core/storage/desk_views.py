"""Reads for the desk: each agent's tickets, the departments' load, a person's history, who was given an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Case, Q, When
from tortoise.queryset import QuerySet

from core.desk import Line
from core.escalation.routing import PRIORITIES
from core.storage import models
from core.storage.desk_answers import last_given
from core.storage.desk_models import Away, SideQuestion
from core.storage.desk_queue import Queue, queues
from core.storage.engine import Storage, moment, rows
from core.storage.lines import lines_of

LISTED = 50
PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A ticket in one line, for lists at the desk."""

    number: int
    state: str
    person: str
    about: str
    department: str
    priority: str
    channel: str
    thread: str
    assignee: str
    assignee_name: str
    opened_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    tags: tuple[str, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Of one agent, since a moment."""

    replied: int
    resolved: int
    claimed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much an agent has in hand; ``waiting``: of these, with a person who waits for an answer."""

    agent: str
    name: str
    open: int
    waiting: int
    oldest: datetime | None
    away: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How long the home tab's lists are in truth."""

    mine: int = 0
    unclaimed: int = 0
    snoozed: int = 0
    silent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What an agent's home tab shows, each list up to LISTED. ``snoozed``: the agent's own and nobody's in their
    departments.
    """

    mine: Sequence[Held]
    unclaimed: Sequence[Held]
    snoozed: Sequence[Held]
    numbers: Numbers
    away: bool
    counts: Counts = Counts()
    loads: Sequence[Load] = ()
    silent: Sequence[Held] = ()
    questions: int = 0
    late: Sequence[Queue] = ()
    """Slack channels whose posts wait long enough that somebody should know."""


async def home(
    storage: Storage,
    agent: str,
    departments: Sequence[str],
    *,
    now: datetime,
    today: datetime,
    supervises: Sequence[str] = (),
) -> Home:
    """An agent's home tab; ``supervises`` are the departments whose load they see. ``today`` is when the day began."""
    tickets = _tickets(storage)
    mine = tickets.filter(assignee=agent, state="claimed")
    here = Q(department__in=[*departments])
    unclaimed = tickets.filter(here, state="open")
    snoozed = tickets.filter(Q(assignee=agent) | (here & Q(assignee="")), state="snoozed")
    silent = tickets.filter(department__in=[*supervises], state="claimed", waiting_since__isnull=False)
    open_questions = SideQuestion.filter(department__in=[*departments], answered_at=None)
    return Home(
        mine=await _by_due(mine),
        unclaimed=await _by_due(unclaimed),
        snoozed=await _listed(snoozed.order_by("snoozed_until", "id")),
        counts=Counts(
            mine=await mine.count(), unclaimed=await unclaimed.count(), snoozed=await snoozed.count(),
            silent=await silent.count() if supervises else 0,
        ),
        numbers=await numbers(storage, agent, today),
        away=await Away.filter(agent=agent).using_db(storage.reading).exists(),
        loads=await loads(storage, supervises) if supervises else (),
        silent=await _listed(silent.order_by("waiting_since", "id")) if supervises else (),
        questions=await open_questions.using_db(storage.reading).count(),
        late=[one for one in await queues(storage, now) if one.is_late],
    )  # fmt: skip


async def held_by(storage: Storage, agent: str) -> Sequence[Held]:
    """What an agent holds, by who waits longest."""
    return await _by_due(_tickets(storage).filter(assignee=agent, state__in=["claimed", "snoozed"]))


async def numbers(storage: Storage, agent: str, since: datetime) -> Numbers:
    """What an agent did since a moment, counted from the audit log; a ticket that is resolved twice is one."""
    names = {"replied": "reply", "resolved": "ticket.resolve", "claimed": "ticket.claim"}
    done = models.Event.filter(actor=agent, at__gte=since, name__in=list(names.values()))
    found = [row for row in await done.using_db(storage.reading) if row.data.get("moved", True) is not False]
    replies = sum(row.name == names["replied"] for row in found)
    tickets = {what: {row.ticket_id for row in found if row.name == name} for what, name in names.items()}
    return Numbers(replied=replies, resolved=len(tickets["resolved"]), claimed=len(tickets["claimed"]))


async def loads(storage: Storage, departments: Sequence[str]) -> Sequence[Load]:
    """Of everybody who holds something there, the busiest first; those who are away stand out."""
    held = await _tickets(storage).filter(
        department__in=[*departments], state__in=["claimed", "snoozed"], assignee__not=""
    )
    away = {row.agent for row in await Away.all().using_db(storage.reading)}
    by_agent: dict[str, list[models.Ticket]] = {}
    for row in held:
        by_agent.setdefault(row.assignee, []).append(row)
    found = [
        Load(
            agent=agent, name=rows_[0].assignee_name, open=len(rows_),
            waiting=sum(row.waiting_since is not None for row in rows_),
            oldest=min((row.waiting_since for row in rows_ if row.waiting_since), default=None), away=agent in away,
        )
        for agent, rows_ in by_agent.items()
    ]  # fmt: skip
    return sorted(found, key=lambda load: (not load.away, -load.waiting, -load.open, load.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A page of a person's timeline, newest first; ``older`` is where the next page begins (0: this was the last)."""

    person_id: int
    person: str
    lines: Sequence[Line]
    older: int


async def history(
    storage: Storage, ticket: int, *, before: int = 0, search: str = "", limit: int = PAGE
) -> History | None:
    """The person's whole timeline over all platforms, from a ticket of theirs; None if there is no such ticket."""
    owner = await models.Ticket.get_or_none(id=ticket, using_db=storage.reading).prefetch_related("person")
    if owner is None:
        return None
    query = models.Message.filter(person_id=owner.person_id).using_db(storage.reading)
    if before:
        query = query.filter(id__lt=before)
    for word in search.split():
        query = query.filter(text__icontains=word)
    found = await query.order_by("-id").limit(limit + 1).prefetch_related("attachments")
    page = found[:limit]
    return History(
        person_id=owner.person_id,
        person=owner.person.name,
        lines=await lines_of(storage, page),
        older=page[-1].id if len(found) > limit else 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Somebody who was given an answer."""

    person_id: int
    person: str
    at: datetime


_GIVEN = """
SELECT p.id AS person_id, p.name AS person, MAX(m.at) AS at FROM message m JOIN person p ON p.id = m.person_id
WHERE m.faq = $1 AND m.at >= $2 GROUP BY p.id, p.name ORDER BY MAX(m.at) DESC LIMIT $3
"""


async def given(storage: Storage, entry: str, since: datetime, most: int) -> Sequence[Given]:
    """Who was given a FAQ entry since a moment, the latest first."""
    found = await rows(storage.reading, _GIVEN, [entry, since, most])
    return [Given(person_id=row["person_id"], person=row["person"], at=moment(row["at"])) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastQuestion:
    """What the person asked last: their words since anybody answered."""

    text: str
    language: str


async def last_question(storage: Storage, ticket: int) -> LastQuestion | None:
    """The words that an agent has to answer now; None if there is no such ticket."""
    owner = await models.Ticket.get_or_none(id=ticket, using_db=storage.reading).prefetch_related("person")
    if owner is None:
        return None
    said = models.Message.filter(person_id=owner.person_id, version_of=None).using_db(storage.reading)
    answered = await last_given(storage.reading, owner.person_id)
    mine = said.filter(by="person", id__gt=answered, kind="said")
    newest = [row.text for row in reversed(await mine.order_by("-id").limit(5)) if row.text.strip()]
    if not newest:
        before = await said.filter(by="person", kind="said", text__not="").order_by("-id").first()
        newest = [before.text] if before else []
    return LastQuestion(text="\n".join(newest), language=owner.person.language)


def _tickets(storage: Storage) -> QuerySet[models.Ticket]:
    return models.Ticket.all().using_db(storage.reading)


async def _by_due(found: QuerySet[models.Ticket]) -> list[Held]:
    """The urgent ones first, then who waits longest; who waits for nothing comes last."""
    ranked = found.annotate(
        rank=Case(*(When(priority=one, then=str(n)) for n, one in enumerate(PRIORITIES, 1)), default="0"),
        answered=Case(When(waiting_since__isnull=True, then="1"), default="0"),
    )
    return await _listed(ranked.order_by("-rank", "answered", "waiting_since", "id"))


async def _listed(found: QuerySet[models.Ticket]) -> list[Held]:
    return [_held(row) for row in await found.limit(LISTED).prefetch_related("person")]


def _held(row: models.Ticket) -> Held:
    return Held(
        number=row.id, state=row.state, person=row.person.name, about=row.about, department=row.department,
        priority=row.priority, channel=row.channel, thread=row.thread, assignee=row.assignee,
        assignee_name=row.assignee_name, opened_at=row.opened_at,
        waiting_since=row.waiting_since, snoozed_until=row.snoozed_until,
        tags=tuple(row.tags),
    )  # fmt: skip
