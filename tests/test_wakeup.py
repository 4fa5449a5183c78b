"""Waking workers, here and across processes through a real Valkey; and what is left without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from core.delivery.wakeup import MemoryWakeup, RedisWakeup, Wakeup
from tests.servers import free_port

LONG = 20.0
"""Seconds: a wait that a test never sits out."""


@asynccontextmanager
async def running(url: str) -> AsyncIterator[RedisWakeup]:
    client = Redis.from_url(url, socket_timeout=2)
    wakeup, stop = RedisWakeup(client), asyncio.Event()
    work = asyncio.create_task(wakeup.run(stop))
    yield wakeup
    stop.set()
    await work
    await wakeup.close()
    await client.aclose()


async def reaches(here: Wakeup, there: Wakeup) -> None:
    """Returns once a notice given here is heard there; given again as long as nobody listens yet."""
    before = there.heard
    async with asyncio.timeout(10):
        while there.heard == before:
            await here.notify()
            await there.wait(0.05, before)


async def test_a_notice_ends_every_wait() -> None:
    wakeup = MemoryWakeup()
    waits = [asyncio.create_task(wakeup.wait(LONG)) for _ in range(3)]
    await asyncio.sleep(0)
    await wakeup.notify()
    async with asyncio.timeout(1):
        await asyncio.gather(*waits)


async def test_a_notice_that_came_while_one_was_busy_is_not_missed() -> None:
    wakeup = MemoryWakeup()
    heard = wakeup.heard
    await wakeup.notify()
    async with asyncio.timeout(1):
        await wakeup.wait(LONG, heard)


async def test_without_a_notice_the_wait_ends_by_itself() -> None:
    wakeup = MemoryWakeup()
    heard = wakeup.heard
    await wakeup.wait(0.001, heard)
    assert wakeup.heard == heard


async def test_notices_reach_other_processes_and_ones_own(redis_url: str) -> None:
    async with running(redis_url) as here, running(redis_url) as there:
        await reaches(here, there)
        await reaches(there, here)
        heard = here.heard
        await here.notify()
        async with asyncio.timeout(1):
            await here.wait(LONG, heard)


async def test_a_broken_connection_comes_back(redis_url: str) -> None:
    async with running(redis_url) as here, running(redis_url) as there:
        await reaches(here, there)
        client = Redis.from_url(redis_url)
        assert await client.client_kill_filter(_type="pubsub")
        await client.aclose()
        await reaches(here, there)


async def test_what_is_unsaid_is_said_at_the_end(redis_url: str) -> None:
    async with running(redis_url) as there:
        client = Redis.from_url(redis_url)
        never_run = RedisWakeup(client)
        async with asyncio.timeout(10):
            heard = there.heard
            while heard == there.heard:
                await never_run.notify()
                await never_run.close()
                await there.wait(0.05, heard)
        await client.aclose()


async def test_without_redis_notices_stay_in_the_process() -> None:
    async with running(f"redis://127.0.0.1:{free_port()}/0") as wakeup:
        heard = wakeup.heard
        await wakeup.notify()
        async with asyncio.timeout(1):
            await wakeup.wait(LONG, heard)
