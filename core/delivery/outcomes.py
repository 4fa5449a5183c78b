"""Writing what became of a send: only by the holder of the newest fencing token, each in one commit with all that
follows from it (what may still be sent, the ticket's thread, marks, notices)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.arming import arm, rearm_mark
from core.delivery.backoff import given_up, wait_before
from core.delivery.leases import fenced
from core.delivery.names import ECHO, give_name
from core.delivery.parcels import Parcel, ToPerson
from core.delivery.reach import elsewhere, part_ids, tried, with_tried
from core.delivery.telling import What, is_told, messages_of, notices, ways_out
from core.desk import Button
from core.errors import DatabaseAway
from core.messages import Capabilities, Say, Thread
from core.metrics import Metrics
from core.ports import Clock
from core.storage.engine import Storage, rows
from core.storage.models import Delivery, Event, Identity, Person, Ticket

log = structlog.get_logger()

AGAIN = 0.5
"""Seconds before an outcome is written again that the database couldn't take."""
OPEN_AGAIN = timedelta(minutes=5)
"""A ticket's card is never given up, however often it is refused: nobody would see the ticket."""

_ENDED = """
state = CASE WHEN done = $1 THEN $2 ELSE 'due' END, error = $3, lease_until = NULL, unconfirmed = FALSE
"""
"""A card or mark that was armed again meanwhile stays due."""
_SENT = f"{_ENDED}, external_id = $4, sent_at = $5, attempts = 0"
_PART = "done = $1, lease_until = NULL, unconfirmed = FALSE, attempts = 0, trace = ''"
_LATER = "due_at = $1, attempts = attempts + 1, unconfirmed = $2, error = $3, lease_until = NULL"
_PARKED = "state = 'parked', error = $1, lease_until = NULL, unconfirmed = $2"
_SPENT = """
UPDATE identity SET sends_left = CASE WHEN sends_left > $2 THEN sends_left - $2 ELSE 0 END
WHERE id = $1 AND sends_left IS NOT NULL
"""

Then = Callable[[BaseDBAsyncClient], Awaitable[None]]


class LeaseLost(Exception):
    """Somebody else has the row in hand now; whatever we wanted with it no longer counts."""


class Outcomes:
    """``text`` renders in the desk's language; ``spread`` gives numbers from 0 to 1 that set retries apart."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        able: Mapping[tuple[str, str], Capabilities],
        text: Callable[[Say], str],
        spread: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._able = able
        self._text = text
        self._spread = spread
        self._metrics = metrics

    async def sent(
        self,
        parcel: Parcel,
        external_id: str = "",
        *,
        spent: int = 0,
        thread: Thread | None = None,
        body: dict[str, object] | None = None,
    ) -> None:
        """It has left. ``thread`` is the one that an ``open`` row made, ``body`` what a mark shows now."""
        now, head = self._clock(), parcel.claimed.head

        async def then(conn: BaseDBAsyncClient) -> None:
            await self._spend(conn, parcel, spent)
            for message in messages_of(parcel):
                await rearm_mark(conn, message, now, if_all_sent=True)
            await give_name(conn, head, external_id, thread, now)
            if body is not None:
                await Delivery.filter(id=head.id).using_db(conn).update(body=body)

        values = [head.done, "sent", "", external_id, now]
        lock = thread is not None or ECHO in head.body or _is_limited(parcel)
        if await self._write(parcel, _SENT, values, then, lock=lock):
            self._count(parcel, "sent")

    async def part(self, parcel: Parcel, done: int, external_id: str = "", *, spent: int) -> None:
        """A part has left (or was changed); the rest is the head of its lane.

        The parts' ids are kept, so that an edit can follow each.
        """
        head = parcel.claimed.head

        async def then(conn: BaseDBAsyncClient) -> None:
            await self._spend(conn, parcel, spent)
            if external_id:
                body = {**head.body, "ids": [*part_ids(head), external_id]}
                await Delivery.filter(id=head.id).using_db(conn).update(body=body)

        await self._write(parcel, _PART, [done], then, lock=_is_limited(parcel))

    async def instead(self, parcel: Parcel, text: str) -> None:
        """What was to be changed can't be: a text follows it in the same place of the lane."""

        async def then(conn: BaseDBAsyncClient) -> None:
            body = {"text": text, "choices": []}
            await Delivery.filter(id=parcel.claimed.head.id).using_db(conn).update(kind="say", body=body)

        await self._write(parcel, _PART, [0], then, lock=False)

    async def apart(self, parcel: Parcel) -> None:
        """Together they were refused: each goes alone, so that only the one that is wrong stays behind."""

        async def then(conn: BaseDBAsyncClient) -> None:
            for row in parcel.claimed.rows:
                await Delivery.filter(id=row.id).using_db(conn).update(body={**row.body, "alone": True})

        await self._write(parcel, "lease_until = NULL, unconfirmed = FALSE", [], then, lock=False)

    async def later(
        self, parcel: Parcel, after: timedelta, why: str, *, unconfirmed: bool, spent: int = 0
    ) -> None:
        """Try again, unless it was tried enough."""
        head, now = parcel.claimed.head, self._clock()
        due_at = now + wait_before(head.attempts + 1, after, self._spread())
        if given_up(head.attempts + 1, parcel.since, due_at) and head.kind != "open":
            say = Say(name="outbox.gave_up", params={"tries": head.attempts + 1, "detail": why})
            await self.dead(parcel, self._text(say), spent=spent)
            return

        async def then(conn: BaseDBAsyncClient) -> None:
            await self._spend(conn, parcel, spent)

        log.info("will be tried again", key=head.key, attempts=head.attempts + 1, reason=why)
        values = [due_at, unconfirmed, why[:255]]
        await self._write(parcel, _LATER, values, then, lock=bool(spent) and _is_limited(parcel))

    async def dead(self, parcel: Parcel, why: str, *, spent: int = 0, what: What = "failed") -> None:
        """It will never leave: the agents read why in the thread."""
        head = parcel.claimed.head
        log.warning("undeliverable", key=head.key, kind=head.kind, platform=parcel.platform, reason=why)
        if head.kind == "open":
            await self.later(parcel, OPEN_AGAIN, why, unconfirmed=False)
            return

        async def then(conn: BaseDBAsyncClient) -> None:
            await self._spend(conn, parcel, spent)
            await self._tell(conn, parcel, what, why)

        if await self._write(parcel, _ENDED, [head.done, "dead", why[:255]], then, lock=True):
            self._count(parcel, "dead")

    async def unreached(self, parcel: ToPerson, why: str) -> None:
        """Not here: through another identity of the person, or here if they wrote meanwhile; else when they write."""
        found: list[Identity] = []

        async def then(conn: BaseDBAsyncClient) -> None:
            await self._spend(conn, parcel, parcel.owed)
            other = await self._other(conn, parcel)
            if other is not None:
                found.append(other)
                await self._reroute(conn, parcel, other)
            else:
                await self._tell(conn, parcel, "parked", why)

        values = [why[:255], parcel.claimed.head.unconfirmed]
        if await self._write(parcel, _PARKED, values, then, lock=True):
            self._count(parcel, "rerouted" if found else "parked")

    async def repeats(self, parcel: ToPerson) -> bool:
        """A send that may have arrived is about to go once more: that is counted first, so that no crash hides it.

        False if the rows are somebody else's by now.
        """

        async def then(conn: BaseDBAsyncClient) -> None:
            await self._record(conn, parcel, "repeated")

        ours = await self._write(parcel, "unconfirmed = TRUE", [], then, lock=False)
        if ours:
            self._metrics.repeated_sends.labels(platform=parcel.platform).inc()
        return ours

    async def keep(self, parcel: Parcel, trace: str) -> None:
        """Make the trace of a send durable. Raises LeaseLost if the row isn't ours any more, or DatabaseAway."""
        async with self._storage.turn() as conn:
            if not await fenced(conn, [parcel.claimed.head], "trace = $1", [trace[:128]]):
                raise LeaseLost

    # --- one commit -----------------------------------------------------------------------------------------

    async def _write(
        self, parcel: Parcel, change: str, values: list[object], then: Then, *, lock: bool
    ) -> bool:
        """Commit the outcome, however long the database is away; False if the rows are somebody else's by now.

        ``lock``: where more than deliveries change, behind the person's turns.
        """
        head = parcel.claimed.head
        while True:
            try:
                async with self._storage.turn() as conn:
                    if lock:
                        await Person.filter(id=head.person_id).using_db(conn).select_for_update().first()
                    if not await fenced(conn, parcel.claimed.rows, change, values):
                        log.warning("a late outcome was ignored", key=head.key, fence=head.fence)
                        return False
                    await then(conn)
                return True
            except DatabaseAway as failure:
                log.warning("an outcome waits for the database", key=head.key, reason=str(failure))
                await asyncio.sleep(AGAIN)

    async def _spend(self, conn: BaseDBAsyncClient, parcel: Parcel, spent: int) -> None:
        """Count what was sent against what may be sent; a send counts also when nobody knows its outcome."""
        if spent and isinstance(parcel, ToPerson) and _is_limited(parcel):
            await rows(conn, _SPENT, [parcel.identity.id, spent])
            await self._show_left(conn, parcel)

    async def _show_left(self, conn: BaseDBAsyncClient, parcel: ToPerson) -> None:
        """The card says how many sends are left."""
        head, now = parcel.claimed.head, self._clock()
        if head.ticket_id is not None:
            await arm(
                conn, key=f"card:{head.ticket_id}", person_id=head.person_id, ticket_id=head.ticket_id, due_at=now,
                now=now,
            )  # fmt: skip

    async def _tell(self, conn: BaseDBAsyncClient, parcel: Parcel, what: What, why: str) -> None:
        """Tell the ticket's thread, once for all deliveries of a message, and show it on the agent's message."""
        head, now = parcel.claimed.head, self._clock()
        await self._record(conn, parcel, what)
        for message in messages_of(parcel):
            await rearm_mark(conn, message, now, if_all_sent=False)
        if is_told(head):
            ticket = await Ticket.get(id=head.ticket_id, using_db=conn)
            told = notices(parcel, what, why, ticket.lane, await self._ways_out(conn, parcel), now)
            await Delivery.bulk_create(told, ignore_conflicts=True, using_db=conn)

    async def _ways_out(self, conn: BaseDBAsyncClient, parcel: Parcel) -> list[Button]:
        if not isinstance(parcel, ToPerson):
            return []
        identities = await Identity.filter(person_id=parcel.claimed.head.person_id).using_db(conn)
        return ways_out(identities, parcel.identity, self._able_of, self._clock())

    async def _record(self, conn: BaseDBAsyncClient, parcel: Parcel, what: str) -> None:
        head = parcel.claimed.head
        await Event.create(
            using_db=conn, at=self._clock(), name=f"delivery.{what}", person_id=head.person_id,
            ticket_id=head.ticket_id, data={"key": head.key, "platform": parcel.platform},
        )  # fmt: skip

    async def _other(self, conn: BaseDBAsyncClient, parcel: ToPerson) -> Identity | None:
        identities = await Identity.filter(person_id=parcel.claimed.head.person_id).using_db(conn)
        known = {**tried(parcel.claimed.head), parcel.identity.id: parcel.claimed.at}
        return elsewhere(identities, known, self._able_of, self._clock())

    async def _reroute(self, conn: BaseDBAsyncClient, parcel: ToPerson, to: Identity) -> None:
        for row in parcel.claimed.rows:
            body = with_tried(row, parcel.identity.id, parcel.claimed.at)
            await (
                Delivery.filter(id=row.id)
                .using_db(conn)
                .update(
                    state="due",
                    due_at=self._clock(),
                    lane=f"i{to.id}",
                    identity_id=to.id,
                    body=body,
                    error="",
                )
            )

    def _able_of(self, identity: Identity) -> Capabilities | None:
        return self._able.get((identity.platform, identity.account))

    def _count(self, parcel: Parcel, outcome: str) -> None:
        self._metrics.deliveries.labels(platform=parcel.platform, outcome=outcome).inc(
            len(parcel.claimed.rows)
        )


def _is_limited(parcel: Parcel) -> bool:
    return isinstance(parcel, ToPerson) and parcel.identity.sends_left is not None
