"""Waking workers when a turn has committed something to do; they look every half second anyway."""

import asyncio
import contextlib
import uuid
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

TOPIC = "onethread:wakeup"
AGAIN = 0.5
"""Seconds to wait before Redis is tried again."""


class Wakeup(Protocol):
    """Tells waiting workers, here and in other processes, that there may be something to do."""

    @property
    def heard(self) -> int:
        """Grows with every notice; hand it to ``wait``, so that what came while you were busy isn't missed."""

    async def notify(self) -> None:
        """There may be something to do. Never raises, never waits for another server."""

    async def wait(self, seconds: float, since: int | None = None) -> None:
        """Return at a notice (or at once if there was one after ``since``), at the latest after ``seconds``."""


class MemoryWakeup:
    """Within one process."""

    def __init__(self) -> None:
        self._heard = 0
        self._next = asyncio.Event()

    @property
    def heard(self) -> int:
        return self._heard

    async def notify(self) -> None:
        self.ring()

    def ring(self) -> None:
        """The same for callers that can't wait."""
        self._heard += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float, since: int | None = None) -> None:
        if since is not None and since != self._heard:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), seconds)


class RedisWakeup:
    """Across processes; while Redis is away, within this one. Others hear and are told only while ``run`` runs."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._here = MemoryWakeup()
        self._me = uuid.uuid4().hex.encode()
        self._unsaid = asyncio.Event()
        self._away = False

    @property
    def heard(self) -> int:
        return self._here.heard

    async def notify(self) -> None:
        await self._here.notify()
        self._unsaid.set()

    async def wait(self, seconds: float, since: int | None = None) -> None:
        await self._here.wait(seconds, since)

    async def run(self, stop: asyncio.Event) -> None:
        """Pass notices on, and hear those of others, until ``stop``."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._listen()), group.create_task(self._announce())]
            await stop.wait()
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """Say what is still unsaid; the client belongs to whoever made it."""
        if self._unsaid.is_set():
            await self._say()

    async def _announce(self) -> None:
        while True:
            await self._unsaid.wait()  # notices that come together are one
            if not await self._say():
                await asyncio.sleep(AGAIN)

    async def _say(self) -> bool:
        self._unsaid.clear()
        try:
            await self._client.publish(TOPIC, self._me)
        except (RedisError, OSError) as failure:
            self._lost(failure)
            return False
        return True

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, OSError) as failure:
                self._lost(failure)
            await asyncio.sleep(AGAIN)

    async def _hear(self) -> None:
        """Wake who waits here at every notice of others. Raises when the connection breaks."""
        async with self._client.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(TOPIC)
            self._away = False
            await self._here.notify()  # what was said before we listened
            async for message in subscription.listen():
                if message["data"] not in (self._me, self._me.decode()):
                    await self._here.notify()

    def _lost(self, failure: Exception) -> None:
        if not self._away:
            log.warning("redis is away: workers look every half second instead", reason=str(failure))
        self._away = True
