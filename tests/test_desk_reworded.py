"""Edits of what stands nowhere, such as a refused command: new words, in the lane of new words, and only once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk_core import BOTH, MEI, Desk, desk_on, heard


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


@BOTH
async def test_a_refused_command_that_is_edited_into_words_is_new_words(desk: Desk) -> None:
    assert heard(await desk.says("!gracias por esperar")) == "desk.command_unknown"
    post = desk.wrote
    assert heard(await desk.edits(post, "!gracias")) == "desk.command_unknown"
    sending = await desk.edits(post, "thanks for waiting")
    assert heard(sending) == "desk.sending"
    assert await desk.edits(post, "Thanks for waiting") is None, "from now on an edit is one"
    await desk.settles(10)
    assert desk.world.channel.texts == ["Mei: Thanks for waiting"]
    await desk.settles(10)
    assert any(line.startswith(f"mark {post} ") and line.endswith("->sent") for line in desk.world.desk.done)
    assert [line[:2] for line in await desk.timeline()] == [("agent", "said"), ("agent", "edited")]


async def test_it_takes_the_lane_of_new_words(desk: Desk) -> None:
    await desk.says("!thanks")
    assert heard(await desk.edits(desk.wrote, "We guarantee it")) == "desk.held_costly"
    await desk.says("!thanks")
    assert await desk.edits(desk.wrote, "note: a regular") is None
    await desk.says("!thanks")
    assert heard(await desk.edits(desk.wrote, " ")) == "desk.nothing_to_send"
    assert [line[0] for line in await desk.timeline()] == ["agent", "note"]
    await desk.says("!thanks")
    refused = desk.wrote
    await desk.does("transfer", to="billing")
    await desk.settles()
    assert heard(await desk.edits(refused, "Thanks")) == "desk.moved", "the thread was left behind"


async def test_an_edit_never_follows_a_command(desk: Desk) -> None:
    await desk.says("!tag refund")
    followed = desk.wrote
    await desk.says("!untagg refund")
    for post in (followed, desk.wrote):
        assert heard(await desk.edits(post, "!tag late")) == "desk.command_edited"
    assert (await desk.now()).tags == ["refund"]
    assert heard(await desk.edits(followed, "I noted it")) == "desk.sending"
    await desk.settles(10)
    assert desk.world.channel.texts == ["Mei: I noted it"]
    assert (await desk.now()).tags == ["refund"]


async def test_an_edit_of_what_was_never_heard_stays_private_and_says_so(desk: Desk) -> None:
    """It may have been a note; the first words come later, or never."""
    assert heard(await desk.edits("p99", "Hello")) == "desk.stays_private"
    assert await desk.agents.take_words(desk._words("said", "p99", "Helo", MEI)) is None
    assert heard(await desk.does("send", about="p99")) == "desk.stays_private"
    await desk.settles(10)
    assert desk.world.channel.texts == []
    assert await desk.timeline() == [("note", "private", "Hello")]
