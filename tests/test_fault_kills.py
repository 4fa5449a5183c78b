"""SIGKILL at random moments under load: nothing acknowledged is lost, nothing is doubled, nothing out of order.

What is in hand when a process dies stays with it until its lease of 30 s has run out, so this takes its time.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest

from tests.crowd import Crowd
from tests.killing import Process, Stage, stage

pytestmark = [pytest.mark.slow_faults, pytest.mark.timeout(200)]

CALM_WITHIN = 100
"""Seconds: a lease, and then a post a second to Slack, on a machine that does other things beside."""


@pytest.fixture
def seed() -> int:
    """A failure shows it; FAULT_SEED=… plays it again."""
    seed = int(os.environ.get("FAULT_SEED", random.randrange(10**6)))
    sys.stdout.write(f"FAULT_SEED={seed}\n")
    return seed


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    made = [tmp_path / name for name in ("sqlite", "postgres")]
    for folder in made:
        folder.mkdir()
    return made


async def kill_each_in_turn(here: Stage, processes: list[Process], chance: random.Random) -> None:
    """What it calls in its last moments is done, but it never hears of it."""
    for process in processes:
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        here.line.quick.clear()
        await asyncio.sleep(chance.uniform(0, 0.3))
        await process.kill()
        here.line.quick.set()
        await process.start()


async def prove(here: Stage, processes: list[Process], chance: random.Random) -> None:
    crowd = Crowd(stage=here, chance=chance)
    await crowd.gather(troubled=4, curious=4)
    crowd.begin(messages=5, replies=2)
    await kill_each_in_turn(here, processes, chance)
    await crowd.finish()
    await crowd.until_calm(CALM_WITHIN)
    await crowd.check()


async def test_nothing_is_lost_when_processes_are_killed(
    folders: list[Path], postgres_url: str, redis_url: str, seed: int
) -> None:
    """Both at once, since most of it is waiting."""
    on_sqlite, on_postgres = folders
    looks = asyncio.Lock()
    grown = {"database_url": postgres_url, "redis_url": redis_url}
    async with (
        stage(on_sqlite, looks) as small,
        stage(on_postgres, looks, **grown) as large,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(one_process(small, random.Random(seed)))
        group.create_task(replicas(large, random.Random(seed)))


async def one_process(here: Stage, chance: random.Random) -> None:
    (process,) = await here.start("run")
    await prove(here, [process, process, process], chance)


async def replicas(here: Stage, chance: random.Random) -> None:
    processes = await here.start("web", "worker", "worker")
    await prove(here, chance.sample(processes, 3), chance)
