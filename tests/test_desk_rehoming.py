"""A ticket whose thread or Slack channel was lost: its new thread, what waits, late words in the old one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ChannelGone, ThreadGone
from core.escalation.routing import Agents, Routing
from core.helpdesk.agents import ThreadUnknown
from core.messages import Thread
from core.storage import models
from tests.desk_core import BILLING, CAREFUL, MEI, SUPPORT, Desk, desk_on

LED = Routing(
    departments=(
        SUPPORT,
        replace(BILLING, agents=Agents(supervisors=("UEVA", "boss@shop.example"))),
        CAREFUL,
    ),
    fallback="support",
)


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(database_url, tmp_path, LED) as made:
        yield made


async def rehomed(desk: Desk) -> list[str]:
    """The loss is seen, seen to, and everything left; what was done at the desk since."""
    before = len(desk.world.desk.done)
    await desk.world.until(lambda: _has_timer(desk))
    await desk.rings()
    return desk.world.desk.done[before:]


async def _has_timer(desk: Desk) -> bool:
    return any(name.startswith(("lost:", "archived:")) for name in await desk.timers())


async def test_what_was_on_its_way_goes_into_the_new_thread_once(desk: Desk) -> None:
    old = desk.thread
    await desk.asks("one")
    await desk.settles()
    await desk.asks("two")
    desk.world.desk.script.append(ThreadGone("deleted"))
    async with desk.world.running():
        await rehomed(desk)
    await desk.settles(6)
    await desk.asks("three")
    await desk.settles()
    new = (await desk.now()).thread
    assert new
    assert new != old.id
    posts = [line for line in desk.world.desk.done if line.startswith(f"post {new}")]
    assert [line.rpartition(" ")[2] for line in posts if line.endswith(("one", "two", "three"))] == [
        "two",
        "three",
    ]
    assert desk.noticed("thread.card_again")
    shown = await models.Message.get(id=desk.ticket.opened_with, using_db=desk.world.storage.reading)
    assert shown.text == "one", "the card tells what stood in the lost thread"
    assert await desk.rows(state="dead") == []


async def test_late_words_in_the_lost_thread_still_count(desk: Desk) -> None:
    old = desk.thread
    await desk.agents.card_deleted(old)
    await desk.agents.card_deleted(old)
    await desk.settles()
    assert (await desk.now()).moves == 1
    await desk.says("late", thread=old)
    await desk.says("note: but this is private", thread=old)
    await desk.settles(10)
    assert await desk.told() == ["Mei: late"]
    marks = [line for line in desk.world.desk.done if line.startswith("mark")]
    assert marks


async def test_a_transfer_after_an_accident_is_told_as_the_first(desk: Desk) -> None:
    await desk.agents.card_deleted(desk.thread)
    await desk.settles()
    left = Thread(channel=(await desk.now()).channel, id=desk.ticket.thread)
    await desk.does("transfer", to="billing")
    await desk.settles()
    assert any("Billing" in text for text in await desk.told())
    await desk.says("too late", thread=left)
    await desk.settles(10)
    assert not any("too late" in text for text in await desk.told())


async def test_a_resolved_ticket_comes_back_when_it_is_needed(desk: Desk) -> None:
    await desk.does("resolve", MEI)
    await desk.settles()
    await desk.agents.card_deleted(desk.thread)
    await desk.settles()
    assert not (await desk.now()).moves
    await desk.does("reopen", MEI)
    await desk.asks("hello again")
    desk.world.desk.script.append(ThreadGone("deleted"))
    desk.world.desk.script.append(ThreadGone("deleted"))
    async with desk.world.running():
        await rehomed(desk)
    await desk.settles(6)
    await desk.rings()
    await desk.settles(6)
    assert (await desk.now()).moves == 1
    assert desk.noticed("hello again")


async def test_an_archived_channel_empties_into_the_support_channel(desk: Desk) -> None:
    await desk.does("transfer", to="billing")
    await desk.settles()
    other = await desk.world.ticket(await desk.world.identity(), channel="C2", thread="there")
    done = await desk.world.ticket(await desk.world.identity(), channel="C2", thread="long ago")
    await desk.world.change(done, state="resolved", resolved_at=desk.world.clock())
    await desk.asks("anybody?")
    desk.world.desk.script.append(ChannelGone("archived"))
    async with desk.world.running():
        await rehomed(desk)
        await desk.rings()
    await desk.settles(6)
    rows = {row.id: row for row in await models.Ticket.all().using_db(desk.world.storage.reading)}
    assert [rows[one.id].channel for one in (desk.ticket, other, done)] == ["C1", "C1", "C2"]
    assert rows[other.id].thread
    assert desk.noticed("anybody?", thread=rows[desk.ticket.id].thread)
    told = [post for post in desk.world.desk.posts if post.text.startswith("desk.channel_left")]
    assert [post.calls for post in told] == [("UEVA",)], "an e-mail address calls nobody"
    assert {"Billing", "C2"} <= set(told[0].text.split(":"))


async def test_losses_that_are_seen_at_the_same_moment_do_not_wait_for_each_other(desk: Desk) -> None:
    people = [(desk.identity, desk.ticket)]
    for number in range(7):
        identity = await desk.world.identity()
        people.append((identity, await desk.world.ticket(identity, thread=f"t{number}")))
    for _, ticket in people:
        await desk.world.change(ticket, channel="C2", department="billing")
    async with desk.world.storage.turn() as conn:
        for identity, ticket in people[1::2]:
            name = f"archived:{ticket.id}"
            await models.Timer.create(
                using_db=conn, person_id=identity.person_id, name=name, due_at=desk.world.clock()
            )
    await asyncio.gather(
        *(desk.agents.fired(identity.person_id, f"archived:{ticket.id}") for identity, ticket in people[1::2])
    )
    others = {f"archived:{ticket.id}" for _, ticket in people[::2]}
    assert others <= set(await desk.rings()), "each leaves by itself"
    rows = await models.Ticket.all().using_db(desk.world.storage.reading)
    assert {(row.channel, row.moves) for row in rows} == {("C1", 1)}
    await desk.rings()
    assert await desk.timers() == []


async def test_a_new_ticket_for_an_archived_channel_opens_in_the_support_channel(desk: Desk) -> None:
    ticket = await desk.world.ticket(await desk.world.identity(), channel="C2", thread="")
    await desk.world.deliver(
        key=f"open:{ticket.id}", kind="open", desk=True, lane=ticket.lane, priority=1, ticket_id=ticket.id,
        person_id=ticket.person_id,
    )  # fmt: skip
    desk.world.desk.script.append(ChannelGone("archived"))
    async with desk.world.running():
        await rehomed(desk)
    await desk.settles(6)
    row = await models.Ticket.get(id=ticket.id, using_db=desk.world.storage.reading)
    assert (row.channel, row.moves, bool(row.thread)) == ("C1", 0, True)


async def test_if_the_support_channel_itself_is_archived_all_waits(desk: Desk) -> None:
    row = await desk.world.post(desk.ticket, "words")
    desk.world.desk.script.append(ChannelGone("archived"))
    async with desk.world.running():
        await rehomed(desk)
    assert (await desk.now()).moves == 0
    await desk.settles(6)
    assert (await desk.world.row(row)).state == "sent"


async def test_a_card_that_is_deleted_before_we_have_its_name_is_posted_anew(desk: Desk) -> None:
    """Slack tells of the deletion while the answer to the post is still on its way to us."""
    ticket = await desk.world.ticket(await desk.world.identity(), thread="")
    await desk.world.deliver(
        key=f"open:{ticket.id}", kind="open", desk=True, lane=ticket.lane, priority=1, ticket_id=ticket.id,
        person_id=ticket.person_id,
    )  # fmt: skip
    posted = Thread(channel="C1", id=f"thread-{ticket.id}")
    desk.world.desk.gate.clear()
    async with desk.world.running():
        await desk.world.until(lambda: f"open {ticket.id}" in desk.world.desk.done)
        told = asyncio.create_task(desk.agents.card_deleted(posted))
        await desk.world.until(lambda: _has_lease(desk))
        desk.world.desk.gate.set()
        await told
        await desk.world.until(lambda: desk.world.desk.done.count(f"open {ticket.id}") == 2)
    await desk.settles(6)
    row = await models.Ticket.get(id=ticket.id, using_db=desk.world.storage.reading)
    assert (row.moves, row.thread != posted.id, bool(row.thread)) == (1, True, True)
    assert desk.noticed("thread.card_again", thread=row.thread)


async def test_while_it_is_not_known_whose_card_it_was_slack_must_come_again(desk: Desk) -> None:
    ticket = await desk.world.ticket(await desk.world.identity(), thread="")
    await desk.world.deliver(
        key=f"open:{ticket.id}", kind="open", desk=True, lane=ticket.lane, ticket_id=ticket.id,
        person_id=ticket.person_id, unconfirmed=True,
    )  # fmt: skip
    with pytest.raises(ThreadUnknown):
        await desk.agents.card_deleted(Thread(channel="C1", id="whose?"))


async def _has_lease(desk: Desk) -> bool:
    return any(row.lease_until for row in await desk.rows(kind="open"))
