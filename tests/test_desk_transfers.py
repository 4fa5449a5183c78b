"""A transfer: a new thread with the whole story, the old one closed with a link, the person told once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.messages import Attachment, Thread
from core.storage import views
from tests.desk_core import BOTH, EVA, TOM, Desk, desk_on, heard


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


@BOTH
async def test_a_ticket_moves_with_its_story(desk: Desk) -> None:
    await desk.asks("My invoice is wrong")
    await desk.says("note: looks like billing")
    await desk.says("Let me ask")
    await desk.settles(10)
    old = desk.thread
    assert await desk.says("!transfer Billing wrong invoice") is None
    await desk.settles()
    ticket = await desk.now()
    assert (ticket.channel, ticket.thread, ticket.department, ticket.state) == (
        "C2",
        "thread-1001",
        "billing",
        "open",
    )
    assert desk.noticed("thread.moved_here_because", "wrong invoice")
    assert desk.noticed("thread.moved_away", "Billing", thread=old.id)
    assert desk.post("thread.moved_away").see == Thread(channel="C2", id="thread-1001")
    assert desk.world.desk.done.count("open 1001") == 1
    card = await views.card(desk.world.storage, 1001)
    assert [line.text for line in card.story] == ["My invoice is wrong", "looks like billing", "Let me ask"]
    assert [text[:13] for text in desk.world.channel.texts[1:]] == ["Ticket T-1001"], "told once"


@BOTH
async def test_nothing_that_is_written_in_the_old_thread_reaches_the_person(desk: Desk) -> None:
    old = desk.thread
    await desk.does("transfer", to="billing")
    await desk.settles()
    desk.ticket.channel, desk.ticket.thread = old.channel, old.id
    before = len(desk.world.channel.texts)
    assert heard(await desk.says("too late")) == "desk.moved"
    assert await desk.agents.ticket_in(old) == 1001
    await desk.settles(10)
    assert len(desk.world.channel.texts) == before
    assert "too late" not in str(await desk.timeline())
    await desk.now()
    await desk.says("Hello from billing", TOM)
    await desk.settles(10)
    assert desk.world.channel.texts[-1] == "Tom: Hello from billing"


@BOTH
async def test_what_was_on_its_way_into_the_old_thread_still_arrives_there(desk: Desk) -> None:
    await desk.asks("first")
    await desk.does("transfer", to="billing")
    await desk.asks("second")
    await desk.settles()
    posts = [line for line in desk.world.desk.done if "first" in line or "second" in line]
    assert posts == ["post th first", "post thread-1001 second"]


async def test_an_edit_in_the_old_thread_still_follows_what_was_sent(desk: Desk) -> None:
    await desk.says("Helo")
    await desk.settles(10)
    old, post = desk.thread, desk.wrote
    await desk.does("transfer", to="billing")
    await desk.settles()
    desk.ticket.channel, desk.ticket.thread = old.channel, old.id
    assert await desk.edits(post, "Hello") is None
    await desk.settles(10)
    assert desk.world.channel.changed == ["edit id-1 Mei: Hello"]


async def test_files_and_a_long_story_come_along(desk: Desk) -> None:
    picture = Attachment(kind="image", ref="f1", name="a.png", mime="image/png", size=3)
    await desk.asks("look", [picture])
    for number in range(35):
        await desk.says(f"!n {number}")
        desk.world.clock.forward(1)
    await desk.does("transfer", to="billing")
    keys = [row.key for row in await desk.rows(lane="t1001.1")]
    assert [key.split(":")[0] for key in keys] == [
        "open",
        "moved",
        "moved_away",
        "moved_here",
        "story",
        "file",
    ]


async def test_a_ticket_can_come_back_to_where_it_was(desk: Desk) -> None:
    await desk.does("transfer", to="billing")
    await desk.settles()
    assert heard(await desk.does("transfer", to="billing")) == "desk.already_there"
    await desk.does("transfer", to="support")
    assert heard(await desk.does("transfer", to="billing")) == "desk.not_posted_yet"
    await desk.settles()
    ticket = await desk.now()
    assert (ticket.channel, ticket.moves) == ("C1", 2)
    assert len([text for text in desk.world.channel.texts if "T-1001" in text]) == 1, "told once"


async def test_nobody_moves_what_a_colleague_holds_but_a_supervisor(desk: Desk) -> None:
    await desk.does("claim", TOM)
    assert heard(await desk.does("transfer", to="billing")) == "desk.not_holder"
    assert (await desk.now()).channel == "C1"
    await desk.does("transfer", EVA, to="billing")
    ticket = await desk.now()
    assert (ticket.channel, ticket.assignee, ticket.state) == ("C2", "", "open")


async def test_the_old_card_is_closed_with_a_link(desk: Desk) -> None:
    await desk.does("transfer", to="billing")
    await desk.settles()
    assert "card 1001 open gone to thread-1001" in desk.world.desk.done
