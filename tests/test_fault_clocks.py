"""Replicas whose clocks differ leave alone what another has in hand, and take over what a dead one had."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.delivery.claiming import LEASE
from core.delivery.pacing import MemoryPacing
from core.storage import models
from tests.outbox_world import Clock, World, world_on

OFF = 10.0
"""Seconds that a machine's clock may be wrong, either way."""


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


@dataclass(kw_only=True)
class WrongClock:
    """The true time and so many seconds; counts how often somebody looked at it."""

    true: Clock
    off: float
    looks: int = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return self.true() + timedelta(seconds=self.off)

    async def looked_at(self, world: World) -> None:
        """Wait until its replica has looked for work a few times from now on."""
        enough = self.looks + 10
        await world.until(lambda: self.looks >= enough)


@asynccontextmanager
async def replica(world: World, clock: WrongClock) -> AsyncIterator[WrongClock]:
    """An outbox that goes by this clock, at work."""
    stop = asyncio.Event()
    outbox = replace(world.outbox(), clock=clock, pacing=MemoryPacing(clock))
    work = asyncio.create_task(outbox.run(stop))
    try:
        yield clock
    finally:
        stop.set()
        await work


@pytest.mark.parametrize("off", [-OFF, OFF])
async def test_what_a_replica_has_in_hand_stays_there_however_clocks_differ(world: World, off: float) -> None:
    row = await world.say(await world.identity(), "slow")
    holder, other = (WrongClock(true=world.clock, off=sign * off) for sign in (1, -1))
    world.channel.gate.clear()

    async def is_renewed() -> bool:
        until = (await world.row(row)).lease_until
        return until is not None and until > holder.true() + timedelta(seconds=off) + LEASE - timedelta(
            seconds=1
        )

    await world.change(row, due_at=world.clock() - timedelta(seconds=OFF))
    async with replica(world, holder):
        await world.until(lambda: bool(world.channel.running))
        async with replica(world, other):
            for _ in range(12):
                world.clock.forward(5)
                await world.until(is_renewed)
                await other.looked_at(world)
            world.channel.gate.set()
            sent = await world.became(row, "sent")
    assert (sent.fence, world.channel.texts) == (1, ["slow"])


@pytest.mark.parametrize("off", [-OFF, OFF])
async def test_what_a_dead_replica_had_is_taken_over_however_its_clock_went(world: World, off: float) -> None:
    row = await world.say(await world.identity(), "hello")
    died_at = world.clock() + timedelta(seconds=off)
    await world.change(
        row, fence=1, lease_until=died_at + LEASE, due_at=world.clock() - timedelta(seconds=OFF)
    )
    async with replica(world, WrongClock(true=world.clock, off=-off)) as other:
        world.clock.forward(LEASE.total_seconds() - 2 * OFF - 1)
        await other.looked_at(world)
        assert world.channel.texts == []
        world.clock.forward(4 * OFF + 2)
        await world.became(row, "sent")
    assert world.channel.texts == ["hello"]


async def test_words_of_a_replica_that_is_ahead_leave_in_their_order(world: World) -> None:
    ann = await world.identity()
    ahead = world.clock() + timedelta(seconds=OFF)
    first = await world.say(ann, "first", due_at=ahead, created_at=ahead)
    second = await world.say(ann, "second")
    async with replica(world, WrongClock(true=world.clock, off=-OFF)) as behind:
        await behind.looked_at(world)
        assert world.channel.texts == []
        world.clock.forward(2 * OFF)
        await world.became(second, "sent")
    assert world.channel.texts == ["first", "second"]
    assert (await models.Delivery.get(id=first.id, using_db=world.storage.reading)).attempts == 0
