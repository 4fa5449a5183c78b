"""Work in the background: started again when it breaks off, opened when a platform is back, led by one process."""

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bots import running
from bots.running import led, opening, working
from core.errors import RetryLater


async def test_work_that_breaks_off_starts_again_and_the_rest_goes_on() -> None:
    starts: asyncio.Queue[str] = asyncio.Queue()

    async def steady(stop: asyncio.Event) -> None:
        starts.put_nowait("steady")
        await stop.wait()

    async def fragile(stop: asyncio.Event) -> None:
        starts.put_nowait("fragile")
        raise ValueError("broken")

    with capture_logs() as lines:
        async with working({"steady": steady, "fragile": fragile}), asyncio.timeout(5):
            seen = [await starts.get() for _ in range(3)]
    assert sorted(seen) == ["fragile", "fragile", "steady"]
    assert {line["part"] for line in lines if line["log_level"] == "error"} == {"fragile"}


async def test_a_platform_that_is_away_is_opened_later() -> None:
    tries: list[int] = []
    is_open = asyncio.Event()

    async def open_() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RetryLater(timedelta(), "away")
        is_open.set()

    with capture_logs() as lines:
        async with working({"opening": opening("telegram shop", open_)}), asyncio.timeout(5):
            await is_open.wait()
    assert [line["event"] for line in lines] == ["platform_not_open", "platform_open"]


async def test_stopping_does_not_wait_for_a_platform_that_never_opens() -> None:
    async def open_() -> None:
        raise RetryLater(timedelta(), "away")

    async with asyncio.timeout(2):
        async with working({"opening": opening("telegram shop", open_)}):
            await asyncio.sleep(0)


async def test_one_process_leads_and_another_takes_over(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as one, Redis.from_url(redis_url) as other:
        await one.flushdb()
        leaders: asyncio.Queue[str] = asyncio.Queue()

        def named(name: str) -> running.Work:
            async def work(stop: asyncio.Event) -> None:
                leaders.put_nowait(name)
                await stop.wait()

            return work

        async with asyncio.timeout(20):
            async with working({"two": led(other, "telegram:shop", named("two"))}):
                async with working({"one": led(one, "telegram:shop", named("one"))}):
                    first = await leaders.get()
                    assert leaders.empty()
                if first == "one":
                    assert await leaders.get() == "two"
                assert leaders.empty()


async def test_without_redis_the_only_process_leads() -> None:
    async def work(stop: asyncio.Event) -> None:
        await stop.wait()

    assert led(None, "telegram:shop", work) is work


async def test_while_redis_is_away_the_work_is_done_all_the_same() -> None:
    started = asyncio.Event()

    async def work(stop: asyncio.Event) -> None:
        started.set()
        await stop.wait()

    async with (
        asyncio.timeout(5),
        Redis.from_url("redis://127.0.0.1:9/0") as away,
        working({"led": led(away, "telegram:shop", work)}),
    ):
        await started.wait()


@pytest.mark.parametrize("seconds", [0.0, 0.01])
async def test_a_pause_ends_by_itself_or_at_the_stop(seconds: float) -> None:
    stop = asyncio.Event()
    async with asyncio.timeout(2):
        await running.pause(stop, seconds)
        stop.set()
        await running.pause(stop, 60)
