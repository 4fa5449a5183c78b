"""Taking due rows into one's hands, lane by lane, with a lease and a fencing token. By hand, for both databases.

A lane's head is its first due row; it can be claimed when its time has come and nothing of the lane is in anybody's
hands. What is read runs along the indexes of what is due, never along history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.grouping import is_lost, is_words, may_group, one_post, together
from core.messages import Capabilities
from core.ports import Clock
from core.storage.engine import Storage, rows
from core.storage.models import Attachment, Delivery, Identity

LEASE = timedelta(seconds=30)
"""Outlasts the differences between machines' clocks."""
FILES_WITHIN = timedelta(seconds=60)
"""How long a file's delivery waits for it to be fetched; the files of one message wait for each other."""
LONGEST_GROUP = 10

_HEAD = """
{state} = 'due' AND d.due_at <= $1 AND (d.lease_until IS NULL OR d.lease_until <= $1)
AND (d.lane = '' OR (
    NOT EXISTS (SELECT 1 FROM delivery e WHERE e.lane = d.lane AND e.state = 'due' AND e.id < d.id)
    AND NOT EXISTS (
        SELECT 1 FROM delivery e WHERE e.lane = d.lane AND e.state = 'due' AND e.id > d.id AND e.lease_until > $1)))
AND (d.kind <> 'file' OR NOT EXISTS (
    SELECT 1 FROM delivery m JOIN attachment a ON a.id = m.attachment_id
    WHERE m.message_id = d.message_id AND m.lane = d.lane AND m.state = 'due'
    AND a.state = 'pending' AND m.created_at > $2))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """How one side's rows are found: the table beside them, what they are paced by, in which order they leave."""

    beside: str
    place: str
    chat: str
    order: str

    def heads(self, *, by_id: bool = False) -> str:
        """The statement, to which a condition can be added. ``by_id``: SQLite shall go by ids that follow."""
        head = _HEAD.format(state="COALESCE(d.state, '')" if by_id else "d.state")
        return (
            f"SELECT d.id, d.lane, {self.place} AS place, {self.chat} AS chat FROM {self.beside} AND {head}"
        )


_PEOPLE = _Side(
    beside="delivery d JOIN identity i ON i.id = d.identity_id WHERE NOT d.desk",
    place="i.platform || ':' || i.account",
    chat="i.chat",
    order="d.due_at, d.id",
)
_DESK = _Side(
    beside="""delivery d JOIN ticket t ON t.id = d.ticket_id
              WHERE d.desk AND (d.kind IN ('open', 'ask') OR d.thread <> '' OR t.thread <> '')""",
    place="""CASE WHEN d.kind = 'mark' THEN 'marks:' WHEN d.kind IN ('card', 'moved') THEN 'cards:' ELSE 'desk:' END
              || COALESCE(NULLIF(d.channel, ''), t.channel)""",
    chat="''",
    order="d.priority, d.due_at, d.id",
)
_CLAIM = """
UPDATE delivery SET lease_until = $1, fence = fence + 1,
    attempts = CASE WHEN lease_until IS NULL THEN attempts ELSE attempts + 1 END,
    unconfirmed = CASE WHEN lease_until IS NULL THEN unconfirmed ELSE TRUE END
WHERE id IN ({ids})
"""
_IN_LANES = """
SELECT id, lane FROM delivery WHERE state = 'due' AND lane IN ({lanes}) AND id >= $2 ORDER BY id LIMIT $1
"""
_ONE_CLAIMS = "SELECT pg_advisory_xact_lock($1)"
_CLAIMING = {True: 740_101, False: 740_102}
"""Claims follow one another, so that each sees what the others took: a row that moved into a lane whose later row
is just being claimed would else leave beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that could be claimed; ``place`` is the account or Slack channel whose rates it is subject to."""

    id: int
    lane: str
    place: str
    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Rows in our hands that leave together. ``taken_over``: they were in others' hands, and nobody knows how far
    they got; ``lost_again``: not for the first time."""

    rows: tuple[Delivery, ...]
    at: datetime
    taken_over: bool
    lost_again: bool

    @property
    def head(self) -> Delivery:
        return self.rows[0]


class Claims:
    """Claims for one side: the desk's rows or people's."""

    def __init__(
        self, storage: Storage, clock: Clock, *, desk: bool, able: Mapping[tuple[str, str], Capabilities]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._desk = desk
        self._side = _DESK if desk else _PEOPLE
        self._able = able

    async def candidates(self, most: int, closed: Sequence[str]) -> list[Candidate]:
        """What could leave now, most urgent first, but for places and lanes that are ``closed``."""
        now, side = self._clock(), self._side
        shut = numbered(closed, 4)
        open_ones = f"AND {side.place} NOT IN ({shut}) AND d.lane NOT IN ({shut})" if closed else ""
        statement = f"{side.heads()} {open_ones} ORDER BY {side.order} LIMIT $3"
        found = await rows(self._storage.reading, statement, [now, now - FILES_WITHIN, most, *closed])
        return [Candidate(**row) for row in found]

    async def claim(self, ids: Sequence[int]) -> list[Claimed]:
        """Take these and what leaves together with them; those that somebody else took meanwhile are left out."""
        now = self._clock()
        async with self._storage.turn() as conn:
            heads = await self._heads(conn, ids, now)
            groups = await self._groups(conn, heads, now)
            wanted = [row.id for group in groups for row in group]
            if wanted:
                await rows(conn, _CLAIM.format(ids=numbered(wanted, 2)), [now + LEASE, *wanted])
        return [_in_hand(group, now) for group in groups]

    async def _heads(self, conn: BaseDBAsyncClient, ids: Sequence[int], now: datetime) -> list[Delivery]:
        """Those that can still be claimed, locked."""
        lock = ""
        if self._storage.postgres:
            await rows(conn, _ONE_CLAIMS, [_CLAIMING[self._desk]])
            lock = "FOR UPDATE OF d SKIP LOCKED"
        statement = f"{self._side.heads(by_id=True)} AND d.id IN ({numbered(ids, 3)}) {lock}"
        found = await rows(conn, statement, [now, now - FILES_WITHIN, *ids])
        still = {row["id"] for row in found}
        order = [row for row in ids if row in still]
        by_id = await Delivery.in_bulk(order, "id", using_db=conn) if order else {}
        return [by_id[row] for row in order]

    async def _groups(
        self, conn: BaseDBAsyncClient, heads: Sequence[Delivery], now: datetime
    ) -> list[list[Delivery]]:
        if self._desk:
            lanes = await _lanes(conn, [row for row in heads if is_words(row)], now)
            return [one_post(lanes[row.lane]) if row.lane in lanes else [row] for row in heads]
        if not heads:
            return []
        identities = await Identity.in_bulk({row.identity_id for row in heads}, "id", using_db=conn)
        of = {row.id: identities[row.identity_id] for row in heads if row.identity_id}
        social = [row for row in heads if self._may_group(row, of[row.id])]
        lanes = await _lanes(conn, social, now)
        media = await _media(conn, [row for lane in lanes.values() for row in lane])
        return [
            together(lanes[row.lane], media, self._able_at(of[row.id]), of[row.id].sends_left)
            if row.lane in lanes
            else [row]
            for row in heads
        ]

    def _may_group(self, row: Delivery, identity: Identity) -> bool:
        known = (identity.platform, identity.account) in self._able
        return known and may_group(row, self._able_at(identity), identity.sends_left)

    def _able_at(self, identity: Identity) -> Capabilities:
        return self._able[(identity.platform, identity.account)]


async def _lanes(
    conn: BaseDBAsyncClient, heads: Sequence[Delivery], now: datetime
) -> dict[str, list[Delivery]]:
    """For each head the rows of its lane, beginning with it, up to the first that isn't due or is somebody else's."""
    if not heads:
        return {}
    names = [row.lane for row in heads]
    values = [LONGEST_GROUP * len(heads), min(row.id for row in heads), *names]
    found = await rows(conn, _IN_LANES.format(lanes=numbered(names, 3)), values)
    order = [row["id"] for row in found]
    query = Delivery.filter(id__in=order).using_db(conn).select_for_update(skip_locked=True)
    locked = {row.id: row for row in await query}
    lanes: dict[str, list[Delivery]] = {head.lane: [head] for head in heads}
    ended: set[str] = set()
    for row in found:
        lane, mine = row["lane"], locked.get(row["id"])
        if mine is None or mine.due_at > now:
            ended.add(lane)
        elif lane not in ended and mine.id > lanes[lane][0].id:
            lanes[lane].append(mine)
    return lanes


async def _media(conn: BaseDBAsyncClient, lane_rows: Sequence[Delivery]) -> dict[int, str]:
    ids = [row.attachment_id for row in lane_rows if row.attachment_id]
    if not ids:
        return {}
    return {row.id: row.kind for row in await Attachment.filter(id__in=ids).using_db(conn)}


def _in_hand(group: Sequence[Delivery], now: datetime) -> Claimed:
    """The rows as the claim left them in the database."""
    taken_over = group[0].lease_until is not None
    lost_again = taken_over and group[0].unconfirmed
    for row in group:
        row.attempts += row.lease_until is not None
        row.unconfirmed = is_lost(row)
        row.fence += 1
        row.lease_until = now + LEASE
    return Claimed(rows=tuple(group), at=now, taken_over=taken_over, lost_again=lost_again)


def numbered(values: Sequence[object], first: int) -> str:
    """Placeholders for a list of values."""
    return ", ".join(f"${number}" for number in range(first, first + len(values)))
