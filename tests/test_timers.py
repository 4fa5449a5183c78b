"""Timers: fired when due, harmless when fired twice, and one that fails holds no other up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from core.delivery.timers import AT_ONCE, Timers
from core.storage import models
from tests.outbox_world import START, World, world_on


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


class Turns:
    """Uses timers up as the helpdesk does; those in ``failing`` fail, and all wait while the gate is closed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fired: list[str] = []
        self.failing: set[str] = set()
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def fire(self, person: int, name: str) -> None:
        self.fired.append(name)
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1
        if name in self.failing:
            raise ValueError(name)
        async with self.world.storage.turn() as conn:
            await models.Timer.filter(person_id=person, name=name).using_db(conn).delete()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        world, stop = self.world, asyncio.Event()
        timers = Timers(storage=world.storage, clock=world.clock, fire=self.fire, wakeup=world.wakeup)
        work = asyncio.create_task(timers.run(stop))
        yield
        stop.set()
        await world.wakeup.notify()
        await work


async def set_timers(world: World, *names: str, seconds: float = 0) -> None:
    person = (await world.identity()).person_id
    async with world.storage.turn() as conn:
        for name in names:
            due_at = START + timedelta(seconds=seconds)
            await models.Timer.create(using_db=conn, person_id=person, name=name, due_at=due_at)


async def test_a_timer_fires_when_it_is_due_and_not_before(world: World) -> None:
    turns = Turns(world)
    await set_timers(world, "later", seconds=10)
    async with turns.at_work():
        await set_timers(world, "now")
        await world.until(lambda: turns.fired == ["now"])
        world.clock.forward(9.9)
        await set_timers(world, "meanwhile", seconds=9)
        await world.until(lambda: turns.fired == ["now", "meanwhile"])
        world.clock.forward(0.1)
        await world.until(lambda: turns.fired == ["now", "meanwhile", "later"])
    assert await models.Timer.all().using_db(world.storage.reading).count() == 0


async def test_one_that_fails_is_tried_later_and_holds_no_other_up(world: World) -> None:
    turns = Turns(world)
    turns.failing = {f"bad {number}" for number in range(AT_ONCE + 2)}
    await set_timers(world, *sorted(turns.failing))
    async with turns.at_work():
        await world.until(lambda: len(turns.fired) == len(turns.failing))
        await set_timers(world, "good", seconds=0)
        await world.until(lambda: "good" in turns.fired)
        assert len(turns.fired) == len(turns.failing) + 1
        turns.failing.clear()
        world.clock.forward(5)
        again = {f"bad {number}" for number in range(AT_ONCE + 2)}
        await world.until(lambda: all(turns.fired.count(name) > 1 for name in again))


async def test_no_more_than_a_few_turns_run_at_once(world: World) -> None:
    turns = Turns(world)
    names = {f"timer {number}" for number in range(3 * AT_ONCE)}
    await set_timers(world, *names)
    turns.gate.clear()
    async with turns.at_work():
        await world.until(lambda: turns.running == AT_ONCE)
        turns.gate.set()
        await world.until(lambda: set(turns.fired) == names)
    assert turns.most == AT_ONCE


async def test_stopping_finishes_the_turns_in_hand(world: World) -> None:
    turns = Turns(world)
    await set_timers(world, "slow")
    turns.gate.clear()
    async with turns.at_work():
        await world.until(lambda: turns.running == 1)
        asyncio.get_running_loop().call_later(0.02, turns.gate.set)
    assert await models.Timer.all().using_db(world.storage.reading).count() == 0
