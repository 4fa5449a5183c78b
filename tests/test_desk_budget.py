"""Slack's budget of about one post a second a Slack channel: who goes first, and what a refusal holds back."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from core.delivery.accidents import MEANWHILE
from core.delivery.pacing import MemoryPacing
from core.errors import ChannelGone, Closed, RetryLater, ThreadGone
from core.storage import models
from core.storage.desk_queue import queues
from tests.outbox_world import World, world_on

MANY = 50


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(sqlite_url, tmp_path) as made:
        made.desk.rate_per_channel = 1.0
        made.pacing = MemoryPacing(made.clock)
        yield made


async def tickets(world: World, count: int, channel: str = "C1") -> list[models.Ticket]:
    ann = await world.identity()
    return [await world.ticket(ann, channel=channel, thread=f"th{number}") for number in range(count)]


async def second_by_second(world: World, calls: int) -> None:
    """Time passes until the desk was called so often."""
    async with world.running():
        for number in range(len(world.desk.done) + 1, calls + 1):
            await tried(world, number)
            world.clock.forward(1.001)


async def tried(world: World, calls: int) -> None:
    """Wait until so many calls came to an end."""

    async def ended() -> bool:
        return len(world.desk.done) == calls and not await in_hand(world)

    await world.until(ended)


async def in_hand(world: World) -> bool:
    return await models.Delivery.filter(lease_until__isnull=False).using_db(world.storage.reading).exists()


async def until_called(world: World, calls: int) -> None:
    """Time passes until the desk was called so often; not while something is in hand, whose lease would end."""

    async def called() -> bool:
        if await in_hand(world):
            return False
        if len(world.desk.done) < calls:
            world.clock.forward(1)
        return len(world.desk.done) >= calls

    await world.until(called)


def kinds(done: Sequence[str]) -> list[str]:
    return [line.partition(" ")[0] for line in done]


async def test_of_fifty_live_tickets_new_ones_go_first_then_words_then_cards(world: World) -> None:
    live = await tickets(world, MANY)
    for ticket in live:
        await world.arm(ticket, "card", ticket.id)
        for number in range(3):
            await world.post(ticket, f"line {number}")
    fresh = await world.ticket(await world.identity(), thread="")
    await world.deliver(
        kind="open", desk=True, lane=f"t{fresh.id}", priority=1, ticket_id=fresh.id, person_id=fresh.person_id
    )
    await second_by_second(world, 1 + 2 * MANY)
    assert kinds(world.desk.done) == ["open", *["post"] * MANY, *["card"] * MANY]
    assert all(line.endswith("line 0\nline 1\nline 2") for line in world.desk.done[1 : MANY + 1])


async def test_a_card_that_is_refused_holds_no_post_back(world: World) -> None:
    one, other = await tickets(world, 2)
    await world.arm(one, "card", one.id)
    world.desk.script = deque([RetryLater(timedelta(seconds=30), "rate limit")])
    await second_by_second(world, 1)
    await world.post(other, "words")
    await second_by_second(world, 2)
    assert kinds(world.desk.done) == ["card", "post"]
    world.clock.forward(40)
    await second_by_second(world, 3)
    assert kinds(world.desk.done) == ["card", "post", "card"]


async def test_a_post_that_is_refused_holds_its_channel_and_its_cards(world: World) -> None:
    [one], [other] = await tickets(world, 1), await tickets(world, 1, "C2")
    await world.post(one, "words")
    world.desk.script = deque([RetryLater(timedelta(seconds=30), "rate limit")])
    await second_by_second(world, 1)
    await world.arm(one, "card", one.id)
    await world.post(other, "elsewhere")
    async with world.running():
        await world.until(lambda: len(world.desk.done) == 2)
    assert world.desk.done[1] == "post th0 elsewhere"
    assert [queue.channel for queue in await queues(world.storage, world.clock())] == ["C1"]


async def test_cards_and_marks_have_limits_of_their_own(world: World) -> None:
    world.desk.rate_per_channel, world.desk.edits_per_minute, world.desk.marks_per_minute = 0.0, 3, 2
    ann = await world.identity()
    live = await tickets(world, 5)
    for ticket in live:
        await world.arm(ticket, "card", ticket.id)
        message = await world.message(
            ann.person_id, ticket_id=ticket.id, external_id=f"p{ticket.id}", by="note"
        )
        await world.arm(ticket, "mark", message.id, message_id=message.id)
        await world.post(ticket, "words")
    async with world.running():
        await world.until(lambda: len(world.desk.done) == 10)
        await world.looked()
        found = kinds(world.desk.done)
        assert (found.count("post"), found.count("card"), found.count("mark")) == (5, 3, 2)
        began = world.clock()
        await until_called(world, 15)
        assert world.clock() - began > timedelta(minutes=1), (
            "two marks a minute: the last of five waits for the second"
        )


async def test_while_it_is_closed_to_us_one_row_tries_and_nothing_grows_old(world: World) -> None:
    live = await tickets(world, 3)
    rows = [await world.post(ticket, "words") for ticket in live]
    shut = Closed(timedelta(seconds=5), "token_revoked", everywhere=True)
    world.desk.script = deque([shut] * 20)
    async with world.running():
        for tries in range(1, 21):
            await tried(world, tries)
            await world.looked_for_people()
            assert len(world.desk.done) == tries, "one try for all that waits"
            world.clock.forward(3 * 3600)
        for calls in (21, 22, 23):
            await tried(world, calls)
            world.clock.forward(1.001)
    assert [(one.state, one.attempts) for one in [await world.row(row) for row in rows]] == [("sent", 0)] * 3
    waited = [line for line in world.desk.done if line.startswith("post")]
    assert len(waited) == 23


@pytest.mark.parametrize(("gone", "timer"), [(ThreadGone("x"), "lost"), (ChannelGone("x"), "archived")])
async def test_a_lost_place_is_seen_to_once_and_its_rows_wait(
    world: World, gone: ThreadGone, timer: str
) -> None:
    [one] = await tickets(world, 1)
    row = await world.post(one, "words")
    world.desk.script = deque([gone, gone])
    async with world.running():
        began = world.clock()
        await until_called(world, 3)
        assert world.clock() - began >= 2 * MEANWHILE
        assert (await world.became(row, "sent")).attempts == 0
    names = [row.name for row in await models.Timer.all().using_db(world.storage.reading)]
    assert names == [f"{timer}:{one.id}"]


async def test_the_queues_age_is_told_by_slack_channel(world: World) -> None:
    for channel, count in (("C1", 2), ("C2", 1)):
        for ticket in await tickets(world, count, channel):
            await world.post(ticket, "words")
            await world.arm(ticket, "card", ticket.id)
    world.clock.forward(12)
    [ticket] = await tickets(world, 1, "C3")
    await world.post(ticket, "words")
    found = {
        queue.channel: (queue.waiting, queue.age.total_seconds(), queue.is_late)
        for queue in await queues(world.storage, world.clock())
    }
    assert found == {"C1": (2, 12, True), "C2": (1, 12, True), "C3": (1, 0, False)}
