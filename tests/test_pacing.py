"""Rates and quiet, in memory and shared through a real Valkey."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from core.delivery.pacing import Limit, MemoryPacing, Pacing, Pause, RedisPacing
from tests.outbox_world import Clock
from tests.servers import free_port


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(params=["memory", "redis"])
def pacing(request: pytest.FixtureRequest, clock: Clock) -> Pacing:
    if request.param == "memory":
        return MemoryPacing(clock)
    return RedisPacing(request.getfixturevalue("redis"), clock)


def limit(count: int, seconds: float, key: str = "a") -> Limit:
    return Limit(key=key, count=count, seconds=seconds)


async def goes(pacing: Pacing, *limits: Limit) -> bool:
    return (await pacing.take([limits]))[0] is None


async def test_no_more_than_the_count_goes_in_any_such_time(pacing: Pacing, clock: Clock) -> None:
    rate = limit(3, 1)
    gone = []
    for _ in range(40):
        gone += [clock.now] * sum([await goes(pacing, rate) for _ in range(2)])
        clock.forward(0.1)
    assert len(gone) == 12
    assert all(
        later - earlier >= timedelta(seconds=1) for earlier, later in zip(gone, gone[3:], strict=False)
    )


async def test_it_says_how_long_to_wait_and_for_what(pacing: Pacing, clock: Clock) -> None:
    chat, account = limit(1, 2.5, "chat"), limit(30, 1, "account")
    assert await goes(pacing, account, chat)
    clock.forward(0.5)
    (pause,) = await pacing.take([[account, chat]])
    assert pause is not None
    assert (pause.key, round(pause.seconds, 3)) == ("chat", 2.0)
    clock.forward(2)
    assert await goes(pacing, account, chat)


async def test_what_may_not_go_takes_nothing(pacing: Pacing) -> None:
    chat, account = limit(1, 60, "chat"), limit(2, 60, "account")
    assert await goes(pacing, account, chat)
    assert not await goes(pacing, account, chat)
    assert await goes(pacing, account)
    assert not await goes(pacing, account)


async def test_asks_of_one_batch_count_in_their_order(pacing: Pacing) -> None:
    account = limit(2, 60, "account")
    asks = [[account, limit(1, 60, chat)] for chat in ("x", "x", "y", "z")]
    pauses = await pacing.take(asks)
    assert [pause and pause.key for pause in pauses] == [None, "x", None, "account"]
    assert await pacing.take([]) == []


async def test_a_key_has_several_rates(pacing: Pacing, clock: Clock) -> None:
    rates = (limit(1, 1), limit(2, 60))
    assert await goes(pacing, *rates)
    assert not await goes(pacing, *rates)
    clock.forward(1)
    assert await goes(pacing, *rates)
    clock.forward(1)
    assert not await goes(pacing, *rates)


async def test_a_held_key_waits_whether_it_has_a_rate_or_not(pacing: Pacing, clock: Clock) -> None:
    await pacing.hold("a", clock.now + timedelta(seconds=20))
    for limits in ([Limit(key="a")], [limit(5, 1, "a")]):
        (pause,) = await pacing.take([limits])
        assert pause == Pause(key="a", seconds=20)
    assert await goes(pacing, Limit(key="b"))
    clock.forward(20)
    assert await goes(pacing, Limit(key="a"))


async def test_processes_share_what_has_gone(redis: Redis, clock: Clock) -> None:
    here, there = RedisPacing(redis, clock), RedisPacing(redis, clock)
    rate = limit(3, 60)
    assert [await goes(pacing, rate) for pacing in (here, there, here, there)] == [True, True, True, False]
    await here.hold("b", clock.now + timedelta(seconds=5))
    assert not await goes(there, limit(1, 1, "b"))


async def test_without_redis_each_process_counts_for_itself(clock: Clock) -> None:
    client = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    pacing = RedisPacing(client, clock)
    await pacing.hold("b", clock.now + timedelta(seconds=5))
    assert [await goes(pacing, limit(1, 60)), await goes(pacing, limit(1, 60))] == [True, False]
    assert not await goes(pacing, Limit(key="b"))
    await client.aclose()


async def test_memory_forgets_quiet_chats_and_nothing_that_counts(clock: Clock) -> None:
    pacing = MemoryPacing(clock)
    rate = limit(1, 1000, "first")
    assert await goes(pacing, rate)
    await pacing.take([[limit(1, 1, f"chat {number}")] for number in range(10_001)])
    clock.forward(999)
    assert not await goes(pacing, rate)
    clock.forward(4000)
    assert await goes(pacing, rate)
