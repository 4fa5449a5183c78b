"""Reads, for the desk, the command line and pages: cards, tickets, timelines, the quarantine. Nothing writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.desk import Card, Earlier, Line
from core.storage import models
from core.storage.engine import Storage
from core.storage.lines import lines_of
from core.storage.stories import STORY, story_begins

LONGEST_STORY = 30


async def card(storage: Storage, number: int) -> Card:
    """A ticket's card, from the truth as it is now."""
    ticket = await models.Ticket.get(id=number, using_db=storage.reading)
    person = await models.Person.get(id=ticket.person_id, using_db=storage.reading)
    identity = await _present(storage, ticket)
    earlier = models.Ticket.filter(person_id=person.id, id__lt=ticket.id).using_db(storage.reading)
    return Card(
        ticket=ticket.id,
        state=ticket.state,
        person=person.name,
        platform=identity.platform,
        account=identity.account,
        language=person.language,
        tier=person.tier,
        reason=ticket.reason,
        channel=ticket.channel,
        opened_at=ticket.opened_at,
        waiting_since=ticket.waiting_since,
        assignee=ticket.assignee,
        story=await _story(storage, ticket),
        earlier=tuple(map(_earlier, await earlier.order_by("-id").limit(5))),
        thread=ticket.thread,
        department=ticket.department,
        priority=ticket.priority,
        tags=tuple(ticket.tags),
        snoozed_until=ticket.snoozed_until,
        claimed_since=ticket.claimed_at,
        resolution=ticket.resolution,
        repeated=ticket.repeats,
        sends_left=identity.sends_left,
        window_until=identity.window_until,
        standing=_standing(person),
        muted_until=person.muted_until,
    )


def _earlier(row: models.Ticket) -> Earlier:
    return Earlier(number=row.id, about=row.about, state=row.state, at=row.opened_at)


def _standing(person: models.Person) -> Literal["", "warned", "muted", "blocked"]:
    """A mute that is over is none, once its timer has rung."""
    if person.blocked_at:
        return "blocked"
    if person.muted_until:
        return "muted"
    return "warned" if person.warned_at else ""


async def _present(storage: Storage, ticket: models.Ticket) -> models.Identity:
    """Where the person can be reached now: what is left of sends and hours is that of this place."""
    mine = models.Identity.filter(person_id=ticket.person_id).using_db(storage.reading)
    latest = await mine.order_by("-reachable", "-last_at", "-id").first()
    return latest or await models.Identity.get(id=ticket.identity_id, using_db=storage.reading)


async def _story(storage: Storage, ticket: models.Ticket) -> tuple[Line, ...]:
    """What was said up to the opening; what came later stands in the thread."""
    since = await story_begins(
        storage.reading, ticket.person_id, before=ticket.id, at=ticket.opened_at - STORY
    )
    query = models.Message.filter(person_id=ticket.person_id, id__gt=since, id__lte=ticket.opened_with)
    rows = (
        await query.using_db(storage.reading)
        .order_by("-id")
        .limit(LONGEST_STORY)
        .prefetch_related("attachments")
    )
    lines = await lines_of(storage, rows[::-1])
    return tuple(line for line in lines if line.text or line.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket in a list."""

    number: int
    state: str
    priority: str
    department: str
    person_id: int
    person: str
    about: str
    assignee: str
    opened_at: datetime
    waiting_since: datetime | None


async def tickets(storage: Storage, *, state: str = "", limit: int = 50) -> Sequence[TicketRow]:
    """The newest tickets, all or those in one state ("unresolved": all but the resolved ones)."""
    query = (
        models.Ticket.all().using_db(storage.reading).order_by("-id").limit(limit).prefetch_related("person")
    )
    if state == "unresolved":
        query = query.filter(state__not="resolved")
    elif state:
        query = query.filter(state=state)
    return [
        TicketRow(
            number=row.id, state=row.state, priority=row.priority, department=row.department,
            person_id=row.person_id, person=row.person.name, about=row.about, assignee=row.assignee_name,
            opened_at=row.opened_at, waiting_since=row.waiting_since,
        )
        for row in await query
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry of a timeline, with how far its delivery got (empty where nothing had to leave)."""

    id: int
    by: str
    kind: str
    author: str
    text: str
    at: datetime
    ticket: int | None
    files: tuple[str, ...]
    delivery: str


async def timeline(
    storage: Storage, person_id: int, *, ticket: int = 0, before: int = 0, limit: int = 100
) -> Sequence[Said]:
    """A person's timeline (or one ticket's part), oldest first, a page ending before ``before`` (0: the newest)."""
    query = models.Message.filter(person_id=person_id).using_db(storage.reading)
    if ticket:
        query = query.filter(ticket_id=ticket)
    if before:
        query = query.filter(id__lt=before)
    rows = await query.order_by("-id").limit(limit).prefetch_related("attachments")
    states = await _delivery_states(storage, [row.id for row in rows])
    return [
        Said(
            id=row.id, by=row.by, kind=row.kind, author=row.author, text=row.text, at=row.at, ticket=row.ticket_id,
            files=tuple(file.name or file.kind for file in row.attachments), delivery=states.get(row.id, ""),
        )
        for row in reversed(rows)
    ]  # fmt: skip


async def _delivery_states(storage: Storage, messages: list[int]) -> dict[int, str]:
    """The least advanced delivery of each message to its person."""
    order = ("sent", "cancelled", "held", "parked", "due", "dead")
    rows = await models.Delivery.filter(message_id__in=messages, desk=False).using_db(storage.reading)
    states: dict[int, str] = {}
    for row in rows:
        assert row.message_id is not None
        known = states.get(row.message_id, "sent")
        states[row.message_id] = max(known, row.state, key=order.index)
    return states


async def person_of_ticket(storage: Storage, number: int) -> int | None:
    """Whose ticket it is; None if there is no such ticket."""
    row = await models.Ticket.get_or_none(id=number, using_db=storage.reading)
    return row.person_id if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One identity of a person."""

    platform: str
    account: str
    user: str
    reachable: bool
    sends_left: int | None
    window_until: datetime | None


async def identities(storage: Storage, person_id: int) -> Sequence[Reached]:
    """Where a person can be reached, latest first; empty if there is no such person."""
    rows = await models.Identity.filter(person_id=person_id).using_db(storage.reading).order_by("-last_at")
    return [
        Reached(
            platform=row.platform, account=row.account, user=row.user, reachable=row.reachable,
            sends_left=row.sends_left, window_until=row.window_until,
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One event that could not be taken in."""

    id: int
    at: datetime
    platform: str
    account: str
    form: str
    reason: str
    payload: bytes


async def quarantined(storage: Storage, *, limit: int = 50) -> Sequence[Quarantined]:
    """What is unsolved in the quarantine, newest first."""
    rows = (
        await models.Quarantine.filter(solved_at=None).using_db(storage.reading).order_by("-id").limit(limit)
    )
    return [
        Quarantined(
            id=row.id,
            at=row.at,
            platform=row.platform,
            account=row.account,
            form=row.form,
            reason=row.reason,
            payload=bytes(row.payload),
        )
        for row in rows
    ]


async def counts(storage: Storage) -> dict[str, int]:
    """The figures that metrics and doctor show: unresolved tickets, what is due, parked or dead, the quarantine."""
    states = {state: models.Delivery.filter(state=state) for state in ("due", "parked", "dead")}
    found = {state: await query.using_db(storage.reading).count() for state, query in states.items()}
    found["tickets"] = await models.Ticket.filter(state__not="resolved").using_db(storage.reading).count()
    found["quarantine"] = await models.Quarantine.filter(solved_at=None).using_db(storage.reading).count()
    return found
