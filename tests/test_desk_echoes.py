"""Words from a modal: they stand in the thread as a post of ours, which bears their mark, and leave once."""

from collections import deque
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import RetryLater
from tests.desk_core import BOTH, TOM, Desk, button, desk_on, heard


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


@BOTH
@pytest.mark.parametrize("posted", [False, True])
async def test_a_note_from_a_modal_is_sent_once_and_shows_that_it_was(desk: Desk, posted: bool) -> None:
    """Whether its Send is pressed before or after it stands in the thread."""
    await desk.does("claim", TOM)
    whisper = await desk.does("reply", text="We ship today")
    assert heard(whisper) == "desk.noted_not_holder"
    if posted:
        await desk.settles(5)
    assert await desk.presses(button(whisper, "send")) is None
    assert heard(await desk.presses(button(whisper, "send"))) == "desk.nothing_unsent"
    await desk.settles()
    assert heard(await desk.presses(button(whisper, "send"))) == "desk.nothing_unsent"
    assert heard(await desk.does("send", about="post-echo:1")) == "desk.nothing_unsent"
    await desk.settles(30)
    assert desk.world.channel.texts == ["Mei: We ship today"]
    marks = [line for line in desk.world.desk.done if line.startswith("mark ")]
    assert marks[-1].startswith("mark post-echo:1 ")
    assert marks[-1].endswith("->sent")
    assert any(line.endswith("->private") for line in marks) == posted
    assert await desk.rows(kind="mark", state="due") == []


@BOTH
async def test_a_mark_waits_for_words_that_are_slow_to_be_posted(desk: Desk) -> None:
    """Without a try, however long that lasts."""
    desk.world.desk.script = deque([RetryLater(timedelta(minutes=30))])
    await desk.does("reply", text="From the modal")
    await desk.settles(30)
    assert [row.attempts for row in await desk.rows(kind="mark")] == [0]
    await desk.settles(3600)
    await desk.settles()
    assert desk.world.desk.done[-1] == "mark post-echo:1 None->sent"
