"""Keeping what is in hand: renewing leases, giving rows back, and how long the oldest due row has waited."""

from collections.abc import Iterable
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.claiming import LEASE
from core.ports import Clock
from core.storage.engine import Storage, rows
from core.storage.models import Delivery


async def renew(storage: Storage, clock: Clock, held: Iterable[Delivery]) -> None:
    """Hold these rows for another lease; those that were taken from us stay with whoever has them."""
    if held := list(held):
        async with storage.turn() as conn:
            await fenced(conn, held, "lease_until = $1", [clock() + LEASE])


async def give_up(storage: Storage, clock: Clock, held: Iterable[Delivery]) -> None:
    """Let go of rows whose sends didn't end: the next worker takes them over as it would a dead one's."""
    if held := list(held):
        async with storage.turn() as conn:
            await fenced(conn, held, "lease_until = $1", [clock()])


async def fenced(
    conn: BaseDBAsyncClient, held: Iterable[Delivery], change: str, values: Iterable[object]
) -> int:
    """Change those of the rows that are still in our hands, and say how many that were.

    A row that was given back for another try bears our fence, but no lease.
    """
    values = list(values)
    ours = []
    for row in held:
        ours.append(f"(id = ${len(values) + 1} AND fence = ${len(values) + 2})")
        values += [row.id, row.fence]
    in_hand = "state = 'due' AND lease_until IS NOT NULL"
    statement = f"UPDATE delivery SET {change} WHERE {in_hand} AND ({' OR '.join(ours)}) RETURNING id"
    return len(await rows(conn, statement, values))


async def oldest_due(storage: Storage, now: datetime) -> float:
    """Seconds that the oldest due row has waited; 0 when nothing is due."""
    query = Delivery.filter(state="due", due_at__lte=now).using_db(storage.reading).order_by("due_at")
    oldest = await query.first()
    return (now - oldest.due_at).total_seconds() if oldest else 0.0
