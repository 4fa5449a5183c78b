"""Fetching attachments: every pending row is a job, done once, into the file store; deliveries wait for it."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog

from core.delivery.backoff import wait_before
from core.delivery.claiming import LEASE
from core.delivery.drafting import media_of
from core.delivery.files import FileStore
from core.delivery.filetypes import true_type
from core.delivery.wakeup import Wakeup
from core.errors import DatabaseAway, Rejected, RetryLater
from core.messages import Attachment
from core.ports import Channel, Clock, Desk, Fetched
from core.storage import models
from core.storage.engine import Storage, rows

log = structlog.get_logger()

EVERY = 0.5
"""Seconds between looks when nothing wakes us."""
AT_ONCE = 4
"""Files at a time: each is in memory while it is fetched."""
MOST_TRIES = 8
RENEWED = timedelta(seconds=5)
DESK = "desk"
FAQ = "faq"
"""The source of a file that goes with an answer: its ``ref`` is a path beside the FAQ's files."""

_CLAIM = """
UPDATE attachment SET lease_until = $1, fence = fence + 1,
    attempts = CASE WHEN lease_until IS NULL THEN attempts ELSE attempts + 1 END
WHERE id IN (
    SELECT id FROM attachment
    WHERE state = 'pending' AND due_at <= $2 AND (lease_until IS NULL OR lease_until <= $2)
    ORDER BY due_at, id LIMIT $3 {skip})
RETURNING id
"""
_WAITING = "SELECT id FROM attachment WHERE state = 'pending' AND due_at <= $1 LIMIT 1"
_STORED = "state = 'stored', sha256 = $1, size = $2, mime = $3, name = $4, error = '', lease_until = NULL"
_FAILED = "state = 'failed', error = $1, lease_until = NULL"
_LATER = "due_at = $1, error = $2, attempts = attempts + 1, lease_until = NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFetcher:
    """``channels`` by (platform, account); ``faq`` is the folder of the FAQ's files."""

    storage: Storage
    clock: Clock
    channels: Mapping[tuple[str, str], Channel]
    desk: Desk | None
    files: FileStore
    faq: Path
    wakeup: Wakeup
    _in_hand: dict[asyncio.Task[None], models.Attachment] = field(default_factory=dict, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch until ``stop``; what isn't here by then is given back."""
        renewed = self.clock()
        try:
            while not stop.is_set():
                heard = self.wakeup.heard
                try:
                    if self.clock() >= renewed + RENEWED:
                        renewed = self.clock()
                        await self._change(
                            list(self._in_hand.values()), "lease_until = $1", [renewed + LEASE]
                        )
                    await self._take()
                except DatabaseAway as failure:
                    log.warning("files wait for the database", reason=str(failure))
                await self.wakeup.wait(EVERY, heard)
        finally:
            await self._give_back()

    async def _take(self) -> None:
        free = AT_ONCE - len(self._in_hand)
        for row in await self._claim(free) if free > 0 else []:
            task = asyncio.create_task(self._fetch_safely(row))
            self._in_hand[task] = row
            task.add_done_callback(self._in_hand.pop)

    async def _claim(self, most: int) -> Sequence[models.Attachment]:
        now = self.clock()
        if not await rows(self.storage.reading, _WAITING, [now]):
            return []
        statement = _CLAIM.format(skip="FOR UPDATE SKIP LOCKED" if self.storage.postgres else "")
        async with self.storage.turn() as conn:
            claimed = [row["id"] for row in await rows(conn, statement, [now + LEASE, now, most])]
            return await models.Attachment.filter(id__in=claimed).using_db(conn) if claimed else []

    async def _fetch_safely(self, row: models.Attachment) -> None:
        try:
            await self._fetch(row)
        except DatabaseAway as failure:
            log.warning("a file's lease runs out: the database is away", file=row.id, reason=str(failure))
        await self.wakeup.notify()

    async def _fetch(self, row: models.Attachment) -> None:
        try:
            fetched = await self._bytes(row)
            sha256 = await self.files.save(fetched.data)
        except Rejected as rejected:
            await self._failed(row, str(rejected))
        except RetryLater as busy:
            await self._later(row, busy.after, str(busy))
        except Exception as failure:
            log.exception("fetching a file failed in a way that nobody foresaw", file=row.id)
            await self._later(row, timedelta(), repr(failure))
        else:
            name = row.name or fetched.name
            mime = true_type(fetched.data, fetched.mime or row.mime, name)
            await self._change([row], _STORED, [sha256, len(fetched.data), mime[:120], name[:255]])

    async def _bytes(self, row: models.Attachment) -> Fetched:
        wanted = Attachment(kind=media_of(row.kind), ref=row.ref, name=row.name, mime=row.mime, size=row.size)
        if row.source == DESK and self.desk is not None:
            return await self.desk.fetch(wanted)
        if row.source == FAQ:
            return await asyncio.to_thread(_beside, self.faq, row.ref)
        platform, _, account = row.source.partition(":")
        channel = self.channels.get((platform, account))
        if channel is None:
            raise Rejected(f"{row.source} is not set up any more")
        return await channel.fetch(wanted)

    async def _later(self, row: models.Attachment, after: timedelta, why: str) -> None:
        if row.attempts + 1 >= MOST_TRIES:
            await self._failed(row, why)
            return
        due_at = self.clock() + wait_before(row.attempts + 1, after, random.random())
        await self._change([row], _LATER, [due_at, why[:255]])

    async def _failed(self, row: models.Attachment, why: str) -> None:
        log.warning("a file can't be fetched", file=row.id, source=row.source, reason=why)
        await self._change([row], _FAILED, [why[:255]])

    async def _change(self, held: Sequence[models.Attachment], change: str, values: Sequence[object]) -> None:
        """Change those that are still ours. Raises DatabaseAway."""
        if not held:
            return
        first = len(values) + 1
        places = range(first, first + 2 * len(held), 2)
        ours = " OR ".join(f"(id = ${place} AND fence = ${place + 1})" for place in places)
        statement = (
            f"UPDATE attachment SET {change} WHERE state = 'pending' AND lease_until IS NOT NULL AND ({ours})"
        )
        pairs = [value for row in held for value in (row.id, row.fence)]
        async with self.storage.turn() as conn:
            await rows(conn, statement, [*values, *pairs])

    async def _give_back(self) -> None:
        held = dict(self._in_hand)
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        try:
            await self._change(list(held.values()), "lease_until = NULL", [])
        except DatabaseAway as failure:
            log.warning("files could not be given back: their leases run out", reason=str(failure))


def _beside(folder: Path, ref: str) -> Fetched:
    """A file of the FAQ's own folder and nothing outside it. Raises Rejected."""
    path = (folder / ref).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Rejected(f"{ref} lies outside the FAQ's folder")
    try:
        return Fetched(data=path.read_bytes())
    except OSError as error:
        raise Rejected(f"{ref} can't be read beside the FAQ ({error.strerror})") from None
