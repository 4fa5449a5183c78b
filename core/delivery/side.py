"""Looking for what is due on one side, people's or the desk's, and sending it side by side with the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from core.delivery.claiming import Candidate, Claimed, Claims
from core.delivery.parcels import ToDesk, ToPerson
from core.delivery.quiet import Quiet
from core.delivery.wakeup import MemoryWakeup
from core.errors import DatabaseAway
from core.ports import Clock
from core.storage.engine import Storage
from core.storage.models import Delivery

log = structlog.get_logger()

P = TypeVar("P", ToPerson, ToDesk)

EVERY = 0.5
"""Seconds between looks when nothing wakes us."""
SHORTEST = 0.005
"""Seconds: looking again any sooner would only cost."""


class Side(Generic[P]):
    """The rows for people, or those for the desk: each has its own hands, so that neither waits for the other."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        claims: Claims,
        quiet: Quiet,
        gather: Callable[[BaseDBAsyncClient, Sequence[Claimed]], Awaitable[list[P]]],
        deliver: Callable[[P], Coroutine[None, None, None]],
        most: int,
        nudge: MemoryWakeup,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._claims = claims
        self._quiet = quiet
        self._gather: Callable[[BaseDBAsyncClient, Sequence[Claimed]], Awaitable[list[P]]] = gather
        self._deliver: Callable[[P], Coroutine[None, None, None]] = deliver
        self._most = most
        self._nudge = nudge
        self._closed: dict[str, datetime] = {}
        self.in_hand: dict[asyncio.Task[None], Claimed] = {}

    async def serve(self, stop: asyncio.Event) -> None:
        """Look and send until ``stop``; what is in hand then is left to the caller."""
        while not stop.is_set():
            heard = self._nudge.heard
            pause = await self._look_safely()
            await self._nudge.wait(pause, heard)

    async def _look_safely(self) -> float:
        try:
            await self._look()
        except DatabaseAway as failure:
            log.warning("the database is away, looking again in a moment", reason=str(failure))
        except Exception:
            log.exception("looking for what is due failed, trying again in a moment")
        now = self._clock()
        opens = ((until - now).total_seconds() for until in self._closed.values())
        return min(EVERY, max(SHORTEST, min(opens, default=EVERY)))

    async def _look(self) -> None:
        """Take all that may leave now and for which a hand is free."""
        while (free := self._most - len(self.in_hand)) > 0:
            candidates = await self._claims.candidates(free, self._still_closed())
            allowed = await self._allowed(candidates)
            if not candidates:
                return
            claims = await self._claims.claim([row.id for row in allowed]) if allowed else []
            for parcel in await self._gather(self._storage.reading, claims) if claims else []:
                self._start(parcel)
            if allowed and not claims:
                return  # others were quicker

    def _still_closed(self) -> list[str]:
        now = self._clock()
        self._closed = {key: until for key, until in self._closed.items() if until > now}
        return list(self._closed)

    async def _allowed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those whose account, chat or Slack channel has room; the others' are closed until it has."""
        if not candidates:
            return []
        pauses = await self._quiet.allowed(candidates)
        now = self._clock()
        for candidate, pause in zip(candidates, pauses, strict=True):
            if pause is not None:
                chats = candidate.chat and pause.key != candidate.place
                key = candidate.lane if chats else candidate.place
                self._closed[key] = now + timedelta(seconds=max(pause.seconds, SHORTEST))
        return [row for row, pause in zip(candidates, pauses, strict=True) if pause is None]

    def _start(self, parcel: P) -> None:
        task = asyncio.create_task(self._deliver(parcel))
        self.in_hand[task] = parcel.claimed
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self.in_hand[task]
        self._nudge.ring()  # its lane's next row, and on the other side notices and marks
        if not task.cancelled() and (failure := task.exception()):
            log.error("an outcome could not be written", exc_info=failure)

    def held(self) -> list[Delivery]:
        """The rows in hand."""
        return [row for claimed in self.in_hand.values() for row in claimed.rows]
