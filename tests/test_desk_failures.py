"""What could not be delivered says so in words, with buttons that do something about it."""

from collections import deque
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Rejected, Unreachable
from tests.desk_core import BOTH, UNDO, Desk, desk_on, heard


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


async def fails(desk: Desk, why: Exception) -> None:
    desk.world.channel.script = deque([why])
    await desk.says("Hello")
    await desk.settles(UNDO.total_seconds())


async def elsewhere(desk: Desk) -> None:
    """Anna is on another platform too."""
    earlier = desk.world.clock() - timedelta(hours=1)
    await desk.world.identity(person=desk.identity.person_id, platform="other", last_at=earlier)


async def test_a_refused_reply_offers_retry_another_platform_and_waiting(desk: Desk) -> None:
    await elsewhere(desk)
    await fails(desk, Rejected("too rude"))
    post = desk.post("desk.failed")
    assert "too rude" in post.text
    assert [one.verb for one in post.buttons] == ["retry", "via", "wait"]
    assert post.buttons[1].params == {"platform": "other"}
    assert post.ticket == desk.ticket.id
    assert "mark p1 None->failed" in desk.world.desk.done


@BOTH
async def test_retry_sends_it_again_and_a_second_failure_is_told_anew(desk: Desk) -> None:
    await fails(desk, Rejected("no"))
    desk.world.channel.script = deque([Rejected("still no")])
    assert await desk.presses(desk.post("desk.failed").buttons[0]) is None
    await desk.settles()
    assert "still no" in desk.post("desk.failed").text
    await desk.presses(desk.post("desk.failed").buttons[0])
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: Hello"] * 3
    assert "mark p1 failed->sent" in desk.world.desk.done
    assert heard(await desk.does("retry", about="#1")) == "desk.nothing_failed"


async def test_it_goes_on_another_platform_instead(desk: Desk) -> None:
    await elsewhere(desk)
    await fails(desk, Rejected("no"))
    await desk.presses(desk.post("desk.failed").buttons[1])
    await desk.settles()
    assert desk.world.other.texts == ["Mei: Hello"]
    assert heard(await desk.does("via", about="#1", to="999")) == "desk.no_such_way"


@BOTH
async def test_it_waits_until_they_write(desk: Desk) -> None:
    await fails(desk, Rejected("no"))
    assert heard(await desk.presses(desk.post("desk.failed").buttons[-1])) == "desk.waits_for_them"
    await desk.settles(100)
    assert desk.world.channel.texts == ["Mei: Hello"]
    await desk.asks("anyone?")
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: Hello"] * 2


async def test_what_is_parked_offers_another_platform_once_there_is_one(desk: Desk) -> None:
    await fails(desk, Unreachable("blocked"))
    assert desk.post("desk.parked").buttons == ()
    assert await desk.says("!retry") is None
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: Hello"] * 2


async def test_nothing_failed_is_said(desk: Desk) -> None:
    for verb in ("retry", "wait"):
        assert heard(await desk.does(verb)) == "desk.nothing_failed"
