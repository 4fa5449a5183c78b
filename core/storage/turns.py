"""The unit of work: one event taken in under its person's lock, decided, and committed with all that it causes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from core.escalation import ticket as tickets
from core.escalation.routing import PRIORITIES
from core.messages import UNFETCHED, Address, Agent, Attachment
from core.ports import Clock
from core.storage import models
from core.storage.engine import Storage, rows

T = TypeVar("T")
K = TypeVar("K", bound=str)

REOPENS_WITHIN = timedelta(hours=72)
_STATES: tuple[tickets.State, ...] = ("open", "claimed", "snoozed", "resolved")
_TICKETS = 20
"""Of one person, that are looked at."""

_RECEIPT = (
    "INSERT INTO receipt (platform, account, event, person_id, identity_id, at, bound, bound_rows)"
    " VALUES ($1, $2, $3, $4, $5, $6, '', '[]')"
    " ON CONFLICT (platform, account, event) DO NOTHING RETURNING id"
)


class OwnerMoved(Exception):
    """Before the lock the identity changed its owner, or somebody else inserted it: start over."""


class Turn:
    """One open transaction in which one person is locked. Nothing but its own queries may be awaited inside."""

    def __init__(self, conn: BaseDBAsyncClient, now: datetime, person: models.Person) -> None:
        self.conn = conn
        self.now = now
        self.person = person

    async def first_time(
        self, platform: str, account: str, event: str, identity: int | None = None
    ) -> models.Receipt | None:
        """The new receipt of this event, or None if it was taken in before."""
        values = [platform, account, event[:255], self.person.id, identity, self.now]
        inserted = await rows(self.conn, _RECEIPT, values)
        if not inserted:
            return None
        return models.Receipt(
            id=inserted[0]["id"], platform=platform, account=account, event=event[:255],
            person_id=self.person.id, identity_id=identity, at=self.now,
        )  # fmt: skip

    async def receipt_of(self, platform: str, account: str, event: str) -> models.Receipt:
        """What was kept of an event."""
        kept = {"platform": platform, "account": account, "event": event[:255]}
        return await models.Receipt.get(using_db=self.conn, **kept)

    async def say_on_timeline(self, **columns: object) -> models.Message:
        """One more entry of the person's timeline."""
        return await models.Message.create(
            using_db=self.conn, person_id=self.person.id, at=self.now, **columns
        )

    async def attach(
        self, message: models.Message, files: Sequence[Attachment], source: str
    ) -> list[models.Attachment]:
        """The message's files, each a job that fetches it after the commit."""
        rows = [
            models.Attachment(
                message_id=message.id, source=source, due_at=self.now,
                state="words" if file.kind in UNFETCHED else "pending",
                kind=file.kind, ref=file.ref, name=file.name[:255], mime=file.mime[:120], size=file.size,
                transcript=file.transcript,
            )
            for file in files
        ]  # fmt: skip
        for row in rows:
            await row.save(using_db=self.conn)
        return rows

    async def deliver(self, **columns: object) -> models.Delivery:
        """One more thing that must leave; its place in the lane is the order of these calls."""
        columns.setdefault("due_at", self.now)
        return await models.Delivery.create(
            using_db=self.conn, person_id=self.person.id, created_at=self.now, **columns
        )

    async def wake_at(self, name: str, due_at: datetime) -> None:
        """Set the person's timer of this name."""
        await self.forget(name)
        await models.Timer.create(using_db=self.conn, person_id=self.person.id, name=name, due_at=due_at)

    async def forget(self, name: str) -> None:
        """Drop the person's timer of this name, if there is one."""
        await models.Timer.filter(person_id=self.person.id, name=name).using_db(self.conn).delete()

    async def ring(self, name: str) -> bool:
        """Use up the person's timer of this name; False if it is gone or was set to a later time."""
        due = models.Timer.filter(person_id=self.person.id, name=name, due_at__lte=self.now)
        return bool(await due.using_db(self.conn).delete())

    async def record(self, name: str, *, ticket: int | None = None, actor: str = "", **data: object) -> None:
        """The audit event of this decision."""
        await models.Event.create(
            using_db=self.conn,
            at=self.now,
            name=name,
            person_id=self.person.id,
            ticket_id=ticket,
            actor=actor,
            data=data,
        )

    async def tickets(self) -> tuple[models.Ticket | None, models.Ticket | None]:
        """The ticket that is not resolved, and the newest that was resolved so lately that it can be reopened."""
        wanted = Q(state__not="resolved") | Q(resolved_at__gt=self.now - REOPENS_WITHIN)
        query = models.Ticket.filter(wanted, person_id=self.person.id).order_by("-id")
        found = await query.using_db(self.conn).limit(_TICKETS)
        unresolved = next((row for row in found if row.state != "resolved"), None)
        return unresolved, next((row for row in found if row.state == "resolved"), None)

    async def identities(self) -> list[models.Identity]:
        """The person's identities, the one that wrote last first."""
        query = models.Identity.filter(person_id=self.person.id).order_by("-reachable", "-last_at", "-id")
        return await query.using_db(self.conn)

    async def newest_message(self) -> int:
        """The id of the last entry on the timeline."""
        query = models.Message.filter(person_id=self.person.id).using_db(self.conn).order_by("-id")
        newest = await query.first()
        return newest.id if newest else 0


class Turns:
    """Opens turns for a person, or for whoever stands behind an address."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self.storage = storage
        self.clock = clock

    async def of_person(self, person_id: int, run: Callable[[Turn], Awaitable[T]]) -> T:
        """Run a decision under the person's lock and commit it. Raises DatabaseAway."""
        async with self.storage.turn() as conn:
            person = await _locked(conn, person_id)
            return await run(Turn(conn, self.clock(), person))

    async def of_sender(
        self, sender: Address, name: str, run: Callable[[Turn, models.Identity], Awaitable[T]]
    ) -> T:
        """The same for the person behind an address, who is met for the first time here if need be."""
        while True:
            try:
                async with self.storage.turn() as conn:
                    identity = await _found(conn, sender) or await _met(conn, sender, name, self.clock())
                    person = await _locked(conn, identity.person_id)
                    identity = await _unmoved(conn, identity)
                    return await run(Turn(conn, self.clock(), person), identity)
            except OwnerMoved:
                continue


async def _locked(conn: BaseDBAsyncClient, person_id: int) -> models.Person:
    """Holds everybody else's turns of this person; SQLite has one turn at a time anyway."""
    return await models.Person.filter(id=person_id).using_db(conn).select_for_update().get()


async def _found(conn: BaseDBAsyncClient, sender: Address) -> models.Identity | None:
    query = models.Identity.filter(platform=sender.platform, account=sender.account, user=sender.user)
    return await query.using_db(conn).first()


async def _met(conn: BaseDBAsyncClient, sender: Address, name: str, now: datetime) -> models.Identity:
    person = await models.Person.create(using_db=conn, name=name, created_at=now)
    columns = asdict(sender)
    try:
        return await models.Identity.create(
            using_db=conn, person_id=person.id, name=name, last_at=now, **columns
        )
    except IntegrityError as taken:
        raise OwnerMoved from taken


async def _unmoved(conn: BaseDBAsyncClient, identity: models.Identity) -> models.Identity:
    fresh = await models.Identity.get(id=identity.id, using_db=conn)
    if fresh.person_id != identity.person_id:
        raise OwnerMoved
    return fresh


def ticket_value(row: models.Ticket) -> tickets.Ticket:
    """The row as the state machine knows it."""
    return tickets.Ticket(
        number=row.id,
        state=_known(row.state, _STATES, "open"),
        reason=row.reason,
        department=row.department,
        priority=_known(row.priority, PRIORITIES, "normal"),
        holder=Agent(id=row.assignee, name=row.assignee_name) if row.assignee else None,
        claimed_at=row.claimed_at,
        tags=tuple(row.tags),
        opened_at=row.opened_at,
        waiting_since=row.waiting_since,
        snoozed_until=row.snoozed_until,
        resolved_at=row.resolved_at,
        resolution=_known(row.resolution, (*tickets.RESOLUTIONS, ""), ""),
    )


def put_ticket(row: models.Ticket, value: tickets.Ticket) -> None:
    """Write the state machine's result into the row."""
    holder = value.holder or Agent(id="", name="")
    row.state, row.assignee, row.assignee_name = value.state, holder.id, holder.name
    row.department, row.priority, row.tags = value.department, value.priority, list(value.tags)
    row.claimed_at, row.snoozed_until = value.claimed_at, value.snoozed_until
    row.waiting_since, row.resolved_at, row.resolution = (
        value.waiting_since,
        value.resolved_at,
        value.resolution,
    )


def _known(text: str, values: Sequence[K], otherwise: K) -> K:
    """The value that a column holds, as one of those that there are."""
    return next((value for value in values if value == text), otherwise)
