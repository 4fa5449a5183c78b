"""Firing timers: what happens to a person later is a turn of its own, which uses the timer up."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from core.delivery.backoff import wait_before
from core.delivery.wakeup import Wakeup
from core.errors import DatabaseAway
from core.ports import Clock
from core.storage.engine import Storage
from core.storage.models import Timer

log = structlog.get_logger()

EVERY = 0.5
"""Seconds between looks when no timer is due earlier."""
AT_ONCE = 8
FORGOTTEN = timedelta(hours=1)

Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """``fire`` (a person, a timer's name) uses the timer up in its turn, so that firing twice is harmless."""

    storage: Storage
    clock: Clock
    fire: Callable[[int, str], Awaitable[None]]
    wakeup: Wakeup
    _firing: dict[Key, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _failed: dict[Key, tuple[int, datetime]] = field(default_factory=dict, init=False)
    """How often a timer failed, and when it is tried again; another replica may try it earlier."""

    async def run(self, stop: asyncio.Event) -> None:
        """Fire what is due until ``stop``; then finish the turns in hand."""
        while not stop.is_set():
            heard = self.wakeup.heard
            try:
                pause = await self._look()
            except DatabaseAway as failure:
                log.warning("timers wait for the database", reason=str(failure))
                pause = EVERY
            await self.wakeup.wait(pause, heard)
        await asyncio.gather(*self._firing.values())

    async def _look(self) -> float:
        """Fire what is due; seconds until the next is. Raises DatabaseAway."""
        now = self.clock()
        busy = len(self._firing) + len(self._failed)
        query = Timer.all().using_db(self.storage.reading).order_by("due_at").limit(busy + AT_ONCE)
        self._forget(now)
        for timer in await query:
            key = (timer.person_id, timer.name)
            due_at = max(timer.due_at, self._failed[key][1]) if key in self._failed else timer.due_at
            if due_at <= now:
                self._start(key)
            elif key not in self._failed:
                return max(0.005, min(EVERY, (due_at - now).total_seconds()))
        return EVERY

    def _forget(self, now: datetime) -> None:
        """Drop failures of timers that are gone: whatever is still there was tried again long before."""
        for key in [key for key, (_, again) in self._failed.items() if again < now - FORGOTTEN]:
            del self._failed[key]

    def _start(self, key: Key) -> None:
        if key in self._firing or len(self._firing) >= AT_ONCE:
            return
        self._firing[key] = task = asyncio.create_task(self._fire(key))
        task.add_done_callback(lambda _: self._firing.pop(key))

    async def _fire(self, key: Key) -> None:
        try:
            await self.fire(*key)
        except Exception as failure:
            tries = self._failed.get(key, (0, self.clock()))[0] + 1
            again = self.clock() + wait_before(tries, timedelta(), random.random())
            self._failed[key] = (tries, again)
            log.error("a timer failed and is tried again", timer=key[1], tries=tries, exc_info=failure)
        else:
            self._failed.pop(key, None)
