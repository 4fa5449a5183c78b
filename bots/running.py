"""What keeps a process's work going: tasks that start again, platforms that open when they can, one poller of many."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

from core.errors import Rejected, RetryLater, Unreachable

log = structlog.get_logger()

Work = Callable[[asyncio.Event], Awaitable[object]]
"""Runs until the event is set."""

AGAIN = 1.0
"""Seconds before work that broke off is started again."""
SLOWLY = 30.0
"""Seconds at most between two tries to open a platform."""
LEADS_FOR = 15.0
"""Seconds that a leader may be silent before another one leads."""


@asynccontextmanager
async def working(works: dict[str, Work]) -> AsyncIterator[None]:
    """Do all of it in the background; at the end tell it to stop, and wait until it has."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(_kept_up(name, work, stop), name=name) for name, work in works.items()]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _kept_up(name: str, work: Work, stop: asyncio.Event) -> None:
    """A part that breaks must not end the others, nor be missed for good."""
    while not stop.is_set():
        try:
            await work(stop)
            return
        except Exception:
            log.exception("a part broke off and starts again", part=name)
            await pause(stop, AGAIN)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not beyond ``stop``."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def opening(name: str, open_: Callable[[], Awaitable[object]]) -> Work:
    """Open a platform as soon as it can be reached; the others don't wait for it."""

    async def until_open(stop: asyncio.Event) -> None:
        seconds = AGAIN
        while not stop.is_set():
            try:
                await open_()
                log.info("platform_open", platform=name)
                return
            except (RetryLater, Rejected, Unreachable) as failure:
                log.warning("platform_not_open", platform=name, reason=str(failure), again_in=seconds)
                await pause(stop, seconds)
                seconds = min(seconds * 2, SLOWLY)

    return until_open


def led(redis: Redis | None, name: str, work: Work) -> Work:
    """Only one process of all does this work at a time. While Redis is away each does: that is safe, if wasteful."""
    if redis is None:
        return work

    async def lead(stop: asyncio.Event) -> None:
        lock = redis.lock(f"onethread:leader:{name}", timeout=LEADS_FOR, blocking=False)
        while not stop.is_set():
            try:
                if await lock.acquire():
                    await _until(work, stop, partial(_lost, lock, stop))
                    await lock.release()
            except LockError:
                log.info("another process leads now", part=name)
            except RedisError:
                await _until(work, stop, partial(pause, stop, LEADS_FOR))
            await pause(stop, LEADS_FOR / 5)

    return lead


async def _lost(lock: Lock, stop: asyncio.Event) -> None:
    """Hold the lock until ``stop``. Raises LockError or RedisError when it is held no longer."""
    while not stop.is_set():
        await pause(stop, LEADS_FOR / 3)
        await lock.reacquire()


async def _until(work: Work, stop: asyncio.Event, end: Callable[[], Awaitable[None]]) -> None:
    """Do the work until ``stop``, or until ``end`` returns or raises."""
    ours = asyncio.Event()
    doing = asyncio.create_task(_whole(work, ours))
    try:
        await end()
    finally:
        ours.set()
        await doing


async def _whole(work: Work, stop: asyncio.Event) -> None:
    await work(stop)
