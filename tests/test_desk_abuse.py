"""Warned, muted, blocked: all is recorded, nobody has to read it, and each can be undone. A flood is one ticket."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.helpdesk.thread_story import MOST_FILES, WHOLE
from core.messages import Attachment
from core.storage import models, views
from tests.desk_core import BOTH, EVA, Desk, desk_on, heard

PICTURE = Attachment(kind="image", ref="r1", name="a.jpg", mime="image/jpeg", size=3)
PLACE = Attachment(kind="place", name="1 Long Street")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


async def posts(desk: Desk) -> list[str]:
    return [str(row.body["text"]) for row in await desk.rows(kind="post", message_id__isnull=False)]


@BOTH
async def test_a_mute_is_told_recorded_and_ends_by_itself(desk: Desk) -> None:
    assert heard(await desk.says("!mute 1h")) == "desk.abuse_warn_first"
    assert heard(await desk.says("!warn")) == "desk.done"
    assert heard(await desk.says("!mute 1h")) == "desk.done"
    card = await views.card(desk.world.storage, 1001)
    assert (card.standing, card.muted_until is not None) == ("muted", True)
    await desk.asks("you thieves")
    await desk.asks("answer me")
    assert await posts(desk) == []
    assert [text for by, _, text in await desk.timeline() if by == "person"] == ["you thieves", "answer me"]
    told = len(await desk.told())
    desk.world.clock.forward(3600)
    assert await desk.rings() == ["unmute:1001"]
    await desk.settles()
    assert desk.noticed("thread.gathered", "answer me")
    await desk.asks("my order")
    assert await posts(desk) == ["my order"]
    assert len(await desk.told()) == told
    assert (await views.card(desk.world.storage, 1001)).standing == "warned"


async def test_only_a_supervisor_blocks_and_a_button_undoes_it(desk: Desk) -> None:
    await desk.asks("you thieves")
    assert heard(await desk.does("block")) == "desk.supervisors_only"
    await desk.does("block", EVA)
    await desk.asks("let me in")
    await desk.settles()
    assert (await views.card(desk.world.storage, 1001)).standing == "blocked"
    undo = desk.post("thread.abuse_block").buttons[0]
    assert heard(await desk.presses(undo)) == "desk.abuse_blocked"
    assert heard(await desk.presses(undo, EVA)) == "desk.done"
    await desk.settles()
    assert desk.noticed("thread.gathered", "let me in")
    assert heard(await desk.presses(undo, EVA)) == "desk.abuse_nothing"
    assert (await desk.events()).count("abuse.unblock") == 3


@BOTH
async def test_a_block_ends_the_open_ticket_without_a_goodbye(desk: Desk) -> None:
    await desk.does("claim")
    await desk.asks("you thieves")
    await desk.does("snooze", until=(desk.world.clock() + timedelta(hours=1)).isoformat())
    await desk.does("block", EVA)
    row = await desk.now()
    assert (row.state, row.resolution, row.assignee, row.snoozed_until) == ("resolved", "", "UMEI", None)
    assert "wake:1001" not in await desk.timers()
    assert "ticket.ended" in await desk.events()
    told = len(await desk.told())
    assert told == 1, "of the block alone"
    await desk.settles()
    notice = desk.post("thread.abuse_block_ended")
    assert [one.verb for one in notice.buttons] == ["unblock"]
    await desk.asks("let me in")
    await desk.presses(notice.buttons[0], EVA)
    assert (await desk.now()).state == "resolved", "undoing it reopens nothing"
    await desk.settles()
    assert desk.noticed("thread.gathered", "let me in")
    await desk.does("reopen")
    assert ((await desk.now()).state, row.assignee) == ("claimed", "UMEI")


async def test_blocked_from_an_old_card_their_open_ticket_ends_and_says_so(desk: Desk) -> None:
    await desk.does("resolve", reason="policy")
    old, newer = desk.ticket, await desk.world.ticket(desk.identity, thread="newer")
    await desk.does("block", EVA)
    await desk.settles()
    rows = {row.id: row for row in await models.Ticket.all().using_db(desk.world.storage.reading)}
    assert [(rows[one.id].state, rows[one.id].resolution) for one in (old, newer)] == [
        ("resolved", "policy"),
        ("resolved", ""),
    ]
    assert desk.noticed("thread.abuse_block_ended", "Eva", "newer")
    assert desk.noticed("thread.abuse_block", "Eva", "th")
    assert not desk.noticed("thread.abuse_block_ended", "Eva", "th")


async def test_who_is_blocked_opens_no_ticket(desk: Desk) -> None:
    await desk.does("resolve", reason="policy")
    await desk.does("block", EVA)
    await desk.asks("agent")
    await desk.asks("agent!")
    assert await models.Ticket.all().using_db(desk.world.storage.reading).count() == 1
    assert (await desk.now()).state == "resolved"


@BOTH
async def test_a_flood_becomes_one_post_in_one_ticket(desk: Desk) -> None:
    for number in range(30):
        await desk.asks(f"line {number}")
    assert len(await posts(desk)) == 12
    assert await desk.timers() == ["flood:1001"]
    assert len([1 for by, _, _ in await desk.timeline() if by == "person"]) == 30
    desk.world.clock.forward(61)
    await desk.rings()
    await desk.settles()
    gathered = desk.post("thread.gathered").text
    assert "line 12" in gathered
    assert "line 29" in gathered
    assert "line 11" not in gathered
    await desk.asks("calm again")
    assert (await posts(desk))[-1] == "calm again"


async def test_lines_that_wait_for_the_thread_become_one_post(desk: Desk) -> None:
    for number in range(5):
        await desk.asks(f"line {number}")
    await desk.settles()
    assert [line for line in desk.world.desk.done if "line" in line] == [
        "post th " + "\n".join(f"line {number}" for number in range(5))
    ]


async def test_undoing_a_warning_needs_one(desk: Desk) -> None:
    assert heard(await desk.does("unmute")) == "desk.abuse_nothing"
    await desk.does("warn")
    await desk.settles()
    assert heard(await desk.presses(desk.post("thread.abuse_warn").buttons[0])) == "desk.done"
    assert (await views.card(desk.world.storage, 1001)).standing == ""


async def test_all_of_a_flood_reaches_the_thread(desk: Desk) -> None:
    for number in range(60):
        await desk.asks(f"line {number}.")
    desk.world.clock.forward(61)
    await desk.rings()
    await desk.settles()
    told = "\n".join(post.text for post in desk.world.desk.posts)
    assert [number for number in range(60) if told.count(f"line {number}.") != 1] == []


async def test_of_what_is_too_much_it_is_said_how_much_stands_in_the_history(desk: Desk) -> None:
    await desk.asks("hi")
    await desk.does("mute", EVA)
    async with desk.world.storage.turn() as conn:
        for number in range(WHOLE + 2):
            row = await models.Message.create(
                using_db=conn, person_id=desk.identity.person_id, by="person", text=f"line {number}.",
                at=desk.world.clock(),
            )  # fmt: skip
            if number < MOST_FILES + 3:
                await models.Attachment.create(
                    using_db=conn, message_id=row.id, source="chat:shop", kind="image", due_at=row.at,
                    name=f"{number}.png",
                )  # fmt: skip
    await desk.does("unmute", EVA)
    gathered = str((await desk.rows(key__startswith="gathered:"))[0].body)
    assert [part in gathered for part in ("(3 earlier", "line 1.", "line 2.", f"line {WHOLE + 1}.")] == [
        True, False, True, True,
    ], "one word of the bot's and two lines are left out"  # fmt: skip
    assert len(await desk.rows(kind="file", desk=True)) == MOST_FILES
    await desk.settles(61)
    assert desk.noticed("thread.more_files", "3")


async def test_pictures_and_places_alone_are_told_as_well(desk: Desk) -> None:
    await desk.asks("hi")
    await desk.does("mute", EVA)
    await desk.asks("", [PICTURE])
    await desk.asks("", [PLACE])
    await desk.does("unmute", EVA)
    await desk.settles(61)
    assert desk.noticed("thread.gathered", PLACE.name)
    assert desk.noticed("desk.file_missing", PICTURE.name)


@BOTH
@pytest.mark.parametrize("ends", ["by itself", "undone"])
async def test_who_wrote_while_they_were_muted_waits_since_then(desk: Desk, ends: str) -> None:
    await desk.asks("hi")
    await desk.does("claim")
    await desk.says("hello")
    await desk.does("mute", EVA)
    desk.world.clock.forward(60)
    await desk.asks("where is my parcel")
    since = desk.world.clock()
    await desk.asks("hello?")
    assert (await desk.now()).waiting_since is None, "nobody is to read it yet"
    desk.world.clock.forward(3540 if ends == "by itself" else 60)
    if ends == "undone":
        await desk.does("unmute", EVA)
    else:
        assert await desk.rings() == ["unmute:1001"]
    assert ((await desk.now()).waiting_since, await desk.timers()) == (since, ["silent:1001"])


async def test_who_wrote_nothing_while_they_were_muted_does_not_wait(desk: Desk) -> None:
    await desk.asks("hi")
    await desk.says("hello")
    await desk.does("mute", EVA)
    await desk.does("unmute", EVA)
    assert (await desk.now()).waiting_since is None


async def test_a_floods_end_within_a_mute_tells_nothing_and_loses_nothing(desk: Desk) -> None:
    for number in range(14):
        await desk.asks(f"line {number}.")
    await desk.does("mute", EVA)
    await desk.asks("you thieves")
    desk.world.clock.forward(61)
    assert await desk.rings() == ["flood:1001"]
    assert await desk.rows(key__startswith="gathered:") == []
    await desk.asks("answer me")
    await desk.does("unmute", EVA)
    gathered = str((await desk.rows(key__startswith="gathered:"))[0].body)
    assert [part in gathered for part in ("line 11.", "line 13.", "you thieves", "answer me")] == [
        False, True, True, True,
    ]  # fmt: skip


async def test_what_they_say_while_muted_comes_once_however_the_ticket_is_reopened(desk: Desk) -> None:
    await desk.asks("hi")
    await desk.does("resolve", EVA, reason="how-to")
    await desk.asks("before it", [PICTURE])
    await desk.does("mute", EVA)
    await desk.asks("within it", [PICTURE])
    await desk.does("reopen", EVA)
    assert [row.key.partition(":")[0] for row in await desk.rows(desk=True, kind="file")] == ["file"]
    await desk.does("unmute", EVA)
    told = [str(row.body) for row in await desk.rows(kind="post")]
    assert [sum(part in one for one in told) for part in ("before it", "within it")] == [1, 1]
    assert len(await desk.rows(desk=True, kind="file")) == 2


async def test_after_a_mute_that_ended_on_a_resolved_ticket_a_reopening_tells_nothing_twice(
    desk: Desk,
) -> None:
    await desk.asks("hi")
    await desk.does("resolve", EVA, reason="how-to")
    await desk.asks("before it", [PICTURE])
    await desk.does("mute", EVA)
    await desk.asks("within it", [PICTURE])
    await desk.does("unmute", EVA)
    await desk.does("reopen", EVA)
    told = [str(row.body) for row in await desk.rows(kind="post")]
    assert [sum(part in one for one in told) for part in ("before it", "within it")] == [1, 1]
    assert len(await desk.rows(desk=True, kind="file")) == 2


async def test_who_was_blocked_comes_back_with_a_new_matter_and_not_with_a_solved_one(desk: Desk) -> None:
    await desk.asks("you thieves")
    await desk.does("block", EVA)
    await desk.does("unblock", EVA)
    desk.world.clock.forward(60)
    await desk.asks("agent")
    assert ((await desk.now()).state, desk.ticket.repeats) == ("open", 0)
    assert "ticket.repeat" not in await desk.events()
    await desk.does("resolve", reason="policy")
    await desk.asks("agent")
    assert (await desk.now()).repeats == 1
