"""The desk's side: threads that wait for their card, posts looked up, cards and marks rendered from the truth."""

from collections import deque
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.delivery.to_desk import mark_for
from core.desk import Mark
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.storage import models
from tests.outbox_world import START, World, world_on


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(sqlite_url, tmp_path) as made:
        yield made


async def opened(world: World, ticket: models.Ticket) -> models.Delivery:
    """The row that makes the ticket's thread."""
    return await world.deliver(
        kind="open",
        desk=True,
        lane=f"t{ticket.id}",
        priority=1,
        ticket_id=ticket.id,
        person_id=ticket.person_id,
    )


async def thread_of(world: World, ticket: models.Ticket) -> tuple[str, str]:
    row = await models.Ticket.get(id=ticket.id, using_db=world.storage.reading)
    return row.channel, row.thread


# --- threads and posts --------------------------------------------------------------------------------------


async def test_what_belongs_into_a_thread_waits_for_it(world: World) -> None:
    ann = await world.identity()
    ticket = await world.ticket(ann, thread="")
    await world.arm(ticket, "card", ticket.id)
    opening = await opened(world, ticket)
    post = await world.post(ticket, "words")
    world.desk.script = deque([RetryLater(timedelta(seconds=5))])
    async with world.running():
        await world.tried(opening, 1)
        await world.looked()
        assert world.desk.done == [f"open {ticket.id}"]
        world.clock.forward(10)
        await world.became(post, "sent")
        await world.became(f"card:{ticket.id}", "sent")
    thread = f"thread-{ticket.id}"
    assert await thread_of(world, ticket) == ("C1", thread)
    assert world.desk.done[1] == f"open {ticket.id}"
    assert sorted(world.desk.done[2:]) == [f"card {ticket.id} open", f"post {thread} words"]
    assert (world.desk.posts[-1].author, world.desk.posts[-1].platform) == ("Ann", "chat")
    assert (await world.row(post)).external_id == f"post-{post.key}"


async def test_a_refused_card_is_tried_on_and_on(small: World) -> None:
    ticket = await small.ticket(await small.identity(), thread="")
    row = await opened(small, ticket)
    small.desk.script = deque([Rejected("not in the channel"), Rejected("not in the channel")])
    async with small.running():
        for attempts in (1, 2):
            await small.tried(row, attempts)
            small.clock.forward(24 * 3600)
        await small.became(row, "sent")
    assert await thread_of(small, ticket) == ("C1", f"thread-{ticket.id}")


async def test_a_thread_or_post_whose_answer_was_lost_is_found_again(world: World) -> None:
    ticket = await world.ticket(await world.identity(), thread="")
    opening, post = await opened(world, ticket), await world.post(ticket, "words")
    world.desk.keeps = "file-id"
    world.desk.script = deque([Unconfirmed("time-out"), Unconfirmed("time-out")])
    world.desk.findable = {opening.key: "found-thread", post.key: "found-post"}
    async with world.running():
        await world.tried(opening, 1)
        world.clock.forward(60)
        await world.tried(post, 1)
        world.clock.forward(60)
        assert (await world.became(post, "sent")).external_id == "found-post"
    assert await thread_of(world, ticket) == ("C1", "found-thread")
    assert world.desk.done == [f"open {ticket.id}", "post found-thread words"]
    assert world.desk.looked_up == [(opening.key, ""), (post.key, "file-id")]


async def test_a_refused_post_is_told_in_its_thread_and_holds_nothing_up(world: World) -> None:
    ticket = await world.ticket(await world.identity())
    row, behind = await world.post(ticket, "bad"), await world.post(ticket, "good")
    world.desk.script = deque([Rejected("no"), Rejected("no"), "ok", Rejected("no notice either")])
    async with world.running():
        await world.became(row, "dead")
        await world.became(behind, "sent")
        await world.became(f"failed:{row.key}", "dead")
        await world.looked()
    assert world.desk.done == [
        "post th bad\ngood",
        "post th bad",
        "post th good",
        "post th desk.failed:outbox.refused:no",
    ]


async def test_slack_asking_for_quiet_holds_its_channel_alone(world: World) -> None:
    ann = await world.identity()
    ticket, calm = await world.ticket(ann), await world.ticket(ann, channel="C2", thread="calm")
    row = await world.post(ticket, "one")
    world.desk.script = deque([RetryLater(timedelta(seconds=30))])
    async with world.running():
        await world.tried(row, 1)
        await world.arm(ticket, "card", ticket.id)
        await world.became(await world.post(calm, "there"), "sent")
        assert "card" not in str(world.desk.done)
        world.clock.forward(35)
        await world.became(row, "sent")
        await world.became(f"card:{ticket.id}", "sent")


async def test_notices_are_rendered_when_they_leave(small: World) -> None:
    ticket = await small.ticket(await small.identity())
    row = await small.post(ticket, "", body={"say": "thread.edited", "params": {"name": "Ann", "n": 2}})
    async with small.running():
        await small.became(row, "sent")
    assert small.desk.done == ["post th thread.edited:Ann:2"]


@pytest.mark.parametrize(
    ("state", "said"), [("stored", "cat.png"), ("failed", "desk.file_missing:cat.png"), ("pending", "")]
)
async def test_a_persons_file_goes_under_their_name(small: World, state: str, said: str) -> None:
    ann = await small.identity()
    ticket, message = await small.ticket(ann), await small.message(ann.person_id, by="person")
    file = await small.attachment(message, state=state)
    row = await small.post(ticket, "", kind="file", attachment_id=file.id, message_id=message.id)
    async with small.running():
        if state == "pending":
            await small.looked()
            assert small.desk.done == []
            small.clock.forward(61)
        await small.became(row, "sent")
    assert small.desk.done == [f"post th {said or 'desk.file_missing:cat.png'}"]
    assert small.desk.posts[-1].author == "Ann"


async def test_a_notice_without_a_text_does_not_block_its_thread(small: World) -> None:
    ticket = await small.ticket(await small.identity())
    broken = await small.post(ticket, "", body={"say": "unknown", "params": {}})
    behind = await small.post(ticket, "behind it")
    async with small.running():
        await small.became(broken, "dead")
        await small.became(behind, "sent")


async def test_what_nobody_foresaw_is_looked_up_and_tried_again(small: World) -> None:
    row = await small.post(await small.ticket(await small.identity()), "words")
    small.desk.script = deque([ValueError("odd")])
    async with small.running():
        assert (await small.tried(row, 1)).unconfirmed
        small.clock.forward(60)
        await small.became(row, "sent")
    assert small.desk.looked_up == [(row.key, "")]


# --- cards --------------------------------------------------------------------------------------------------


async def test_a_card_that_changes_while_it_is_in_hand_is_rendered_again(world: World) -> None:
    ticket = await world.ticket(await world.identity())
    await world.arm(ticket, "card", ticket.id)

    async def claimed_meanwhile() -> str:
        await world.change(ticket, state="claimed")
        await world.arm(ticket, "card", ticket.id)
        return ""

    world.desk.script = deque([claimed_meanwhile])
    async with world.running():
        await world.until(lambda: len(world.desk.done) == 2)
        await world.became(f"card:{ticket.id}", "sent")
        await world.looked()
    assert world.desk.done == [f"card {ticket.id} open", f"card {ticket.id} claimed"]


async def test_many_changes_are_one_edit(world: World) -> None:
    ticket = await world.ticket(await world.identity())
    for _ in range(5):
        await world.arm(ticket, "card", ticket.id)
    async with world.running():
        await world.became(f"card:{ticket.id}", "sent")
        await world.looked()
    assert world.desk.done == [f"card {ticket.id} open"]


async def test_a_dead_card_comes_back_with_the_next_change(small: World) -> None:
    ticket = await small.ticket(await small.identity())
    await small.arm(ticket, "card", ticket.id)
    small.desk.script = deque([Rejected("gone")])
    async with small.running():
        await small.became(f"card:{ticket.id}", "dead")
        small.clock.forward(48 * 3600)
        await small.arm(ticket, "card", ticket.id)
        await small.became(f"card:{ticket.id}", "sent")
    assert len(small.desk.done) == 2


@pytest.mark.parametrize(("first", "then", "due"), [(3, 0, 0), (0, 3, 0), (3, 5, 3)])
async def test_the_earliest_time_wins_while_it_waits(world: World, first: int, then: int, due: int) -> None:
    ticket = await world.ticket(await world.identity())
    await world.arm(ticket, "mark", 1, seconds=first)
    await world.arm(ticket, "mark", 1, seconds=then)
    assert (await world.row("mark:1")).due_at == START + timedelta(seconds=due)


# --- marks --------------------------------------------------------------------------------------------------


async def test_a_quick_delivery_is_marked_with_one_call(world: World) -> None:
    ann = await world.identity()
    message = await world.agents_message(ann, await world.ticket(ann))
    async with world.running():
        await world.became(f"mark:{message.id}", "sent")
        world.clock.forward(10)
        await world.looked()
    assert world.desk.done == ["mark post-hello None->sent"]


async def test_a_slow_one_shows_that_it_waits_and_then_that_it_went(world: World) -> None:
    ann = await world.identity()
    message = await world.agents_message(ann, await world.ticket(ann))
    await world.file(ann, message)
    world.channel.gate.clear()
    async with world.running():
        await world.until(lambda: bool(world.channel.running))
        world.clock.forward(4)
        await world.until(lambda: len(world.desk.done) == 1)
        await world.became(f"mark:{message.id}", "sent")
        world.channel.gate.set()
        await world.until(lambda: len(world.desk.done) == 2)
        await world.became(f"mark:{message.id}", "sent")
    assert world.desk.done == ["mark post-hello None->waiting", "mark post-hello waiting->sent"]


async def test_a_parked_message_is_marked_failed_and_later_sent(world: World) -> None:
    ann = await world.identity()
    message = await world.agents_message(ann, await world.ticket(ann))
    row = await world.row("k2")
    world.channel.script = deque([Unreachable("blocked")])
    async with world.running():
        await world.became(row, "parked")
        await world.until(lambda: len(world.desk.done) == 2)
        await world.became(f"mark:{message.id}", "sent")
        await world.change(row, state="due")
        await world.became(row, "sent")
        await world.until(lambda: len(world.desk.done) == 3)
        await world.became(f"mark:{message.id}", "sent")
    marks = [line for line in world.desk.done if line.startswith("mark")]
    assert marks == ["mark post-hello None->failed", "mark post-hello failed->sent"]


@pytest.mark.parametrize(
    ("states", "mark"),
    [
        ((), None),
        (("cancelled",), "private"),
        (("held",), "held"),
        (("sent", "held"), "held"),
        (("sent",), "sent"),
        (("sent", "cancelled"), "sent"),
        (("sent", "due"), "waiting"),
        (("due", "cancelled"), "waiting"),
        (("sent", "due", "dead"), "failed"),
        (("parked",), "failed"),
    ],
)
def test_what_a_mark_shows(states: tuple[str, ...], mark: Mark | None) -> None:
    assert mark_for("agent", states) == mark
