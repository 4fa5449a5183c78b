"""Order in a lane, one at a time; side by side across lanes; priorities, stopping, and two outboxes at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.storage.engine import Storage
from tests.outbox_world import World, world_on


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


async def test_a_lane_keeps_its_order_one_at_a_time(world: World) -> None:
    ann = await world.identity()
    rows = [await world.say(ann, str(number)) for number in range(6)]
    async with world.running():
        await world.became(rows[-1], "sent")
    assert world.channel.texts == list("012345")
    assert [(await world.row(row)).external_id for row in rows] == [f"id-{n}" for n in range(1, 7)]
    assert (
        world.metrics.registry.get_sample_value(
            "onethread_deliveries_total", {"platform": "chat", "outcome": "sent"}
        )
        == 6
    )


async def test_lanes_are_sent_side_by_side(world: World) -> None:
    world.channel.gate.clear()
    people = [await world.identity() for _ in range(5)]
    rows = [await world.say(person, "hi") for person in people for _ in range(2)]
    async with world.running():
        await world.until(lambda: len(world.channel.running) == 5)
        world.channel.gate.set()
        for row in rows:
            await world.became(row, "sent")
    assert world.channel.most_at_once == 5


async def test_a_row_waits_for_an_earlier_one_that_is_due_later(world: World) -> None:
    ann = await world.identity()
    undo = await world.say(ann, "first")
    await world.change(undo, due_at=world.clock.now.replace(second=5))
    second = await world.say(ann, "second")
    async with world.running():
        await world.looked()
        assert world.channel.texts == []
        world.clock.forward(6)
        await world.became(second, "sent")
    assert world.channel.texts == ["first", "second"]


@pytest.mark.parametrize("state", ["cancelled", "parked", "dead", "sent"])
async def test_a_row_does_not_wait_for_one_that_is_over(world: World, state: str) -> None:
    ann = await world.identity()
    await world.say(ann, "first", state=state)
    second = await world.say(ann, "second")
    async with world.running():
        await world.became(second, "sent")
    assert world.channel.texts == ["second"]


async def test_a_row_that_moves_into_a_lane_waits_for_the_one_in_hand(world: World) -> None:
    ann = await world.identity()
    moved = await world.say(ann, "moved", state="parked")
    first = await world.say(ann, "first")
    world.channel.gate.clear()
    async with world.running():
        await world.until(lambda: world.channel.texts == ["first"])
        await world.change(moved, state="due")
        await world.looked()
        assert world.channel.texts == ["first"]
        world.channel.gate.set()
        await world.became(moved, "sent")
        await world.became(first, "sent")
    assert world.channel.texts == ["first", "moved"]


async def test_new_tickets_go_first_then_posts_then_cards(world: World) -> None:
    world.desk.rate_per_channel = 1.0
    ann = await world.identity()
    old, new = await world.ticket(ann), await world.ticket(ann, thread="")
    await world.arm(old, "card", old.id)
    await world.post(old, "words")
    await world.deliver(
        kind="open", desk=True, lane=f"t{new.id}", priority=1, ticket_id=new.id, person_id=ann.person_id
    )
    async with world.running():
        for count in (1, 2, 3):
            await world.until(lambda count=count: len(world.desk.done) == count)
            await world.looked()
            assert len(world.desk.done) == count
            world.clock.forward(1)
    assert world.desk.done == [f"open {new.id}", "post th words", f"card {old.id} open"]


async def test_a_full_slack_channel_does_not_hold_up_another(world: World) -> None:
    world.desk.rate_per_channel = 1.0
    ann = await world.identity()
    busy, calm = await world.ticket(ann), await world.ticket(ann, channel="C2", thread="calm")
    for number in range(30):
        await world.post(busy, str(number))
    row = await world.post(calm, "here")
    async with world.running():
        await world.became(row, "sent")
    assert sum(line.startswith("post th ") for line in world.desk.done) == 1


async def test_stopping_finishes_what_is_in_hand_and_takes_nothing_more(world: World) -> None:
    ann = await world.identity()
    rows = [await world.say(ann, text) for text in ("one", "two")]
    world.channel.gate.clear()
    async with world.running() as stop:
        await world.until(lambda: bool(world.channel.running))
        stop.set()
        asyncio.get_running_loop().call_later(0.05, world.channel.gate.set)
    assert [(await world.row(row)).state for row in rows] == ["sent", "due"]
    assert (await world.row(rows[1])).attempts == 0


async def test_what_takes_too_long_when_stopping_is_taken_over_at_once(world: World) -> None:
    world.grace = 0.02
    ann = await world.identity()
    row = await world.say(ann, "slow")
    world.channel.gate.clear()
    async with world.running():
        await world.until(lambda: bool(world.channel.running))
    world.channel.gate.set()
    async with world.running():
        taken = await world.became(row, "sent")
    assert (world.channel.texts, taken.fence) == (["slow", "slow"], 2)


async def test_two_outboxes_never_send_twice(postgres_url: str, tmp_path: Path) -> None:
    async with world_on(postgres_url, tmp_path) as world:
        second = await Storage.open(postgres_url)
        people = [await world.identity() for _ in range(12)]
        rows = [await world.say(person, f"{person.id}/{n}") for n in range(4) for person in people]
        async with world.running(), world.running(second):
            for row in rows:
                await world.became(row, "sent")
        await second.close()
    assert sorted(world.channel.texts) == sorted({str(row.body["text"]) for row in rows})
    for person in people:
        own = [text for text in world.channel.texts if text.startswith(f"{person.id}/")]
        assert own == [f"{person.id}/{n}" for n in range(4)]
