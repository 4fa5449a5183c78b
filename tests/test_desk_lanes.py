"""Two lanes in one thread: replies that can be undone, replies that wait for a Send, notes that become replies."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.escalation.hours import Hours, Span
from core.escalation.routing import Routing
from core.messages import Agent, Attachment
from tests.desk_core import BOTH, CAREFUL, EVA, MEI, NEW, TOM, UNDO, Desk, button, desk_on, heard


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


@BOTH
async def test_a_reply_leaves_once_the_undo_window_is_over(desk: Desk) -> None:
    whisper = await desk.says("Hello")
    assert (heard(whisper), whisper and whisper.say.params["seconds"]) == ("desk.sending", 5)
    assert (await desk.now()).waiting_since is None
    await desk.settles()
    assert desk.world.channel.texts == []
    await desk.settles(UNDO.total_seconds())
    assert desk.world.channel.texts == ["Mei: Hello"]
    assert "mark p1 None->sent" in desk.world.desk.done


@BOTH
async def test_an_undone_reply_never_leaves_and_the_person_waits_again(desk: Desk) -> None:
    since = (await desk.now()).waiting_since
    whisper = await desk.says("Oops")
    assert heard(await desk.presses(button(whisper, "undo"))) == "desk.undone"
    await desk.settles(60)
    assert desk.world.channel.texts == []
    assert (await desk.now()).waiting_since == (since or desk.ticket.opened_at)
    assert "mark p1 None->private" in desk.world.desk.done
    await desk.says("Better")
    assert await desk.told() == ["Mei: Better"], "the name goes before the first words that arrive"


async def test_an_undo_that_comes_too_late_says_so(desk: Desk) -> None:
    whisper = await desk.says("Hello")
    await desk.settles(10)
    assert heard(await desk.presses(button(whisper, "undo"))) == "desk.undo_too_late"
    assert heard(await desk.does("undo", TOM)) == "desk.nothing_to_undo"


async def test_nobody_undoes_a_colleagues_words_but_a_supervisor(desk: Desk) -> None:
    whisper = await desk.says("Hello")
    assert heard(await desk.presses(button(whisper, "undo"), TOM)) == "desk.not_yours"
    assert heard(await desk.presses(button(whisper, "undo"), EVA)) == "desk.undone"


async def test_the_newest_is_undone_by_a_command(desk: Desk) -> None:
    await desk.says("one")
    await desk.says("two")
    assert heard(await desk.says("！撤回")) == "desk.undone"
    assert await desk.told() == ["Mei: one"]


@BOTH
@pytest.mark.parametrize(
    ("text", "by", "department", "why"),
    [
        ("Hello", MEI, "careful", "desk.held_confirm"),
        ("Hello", NEW, "support", "desk.held_trial"),
        ("We guarantee it", MEI, "support", "desk.held_costly"),
    ],
)
async def test_what_must_be_confirmed_waits_for_its_send(
    desk: Desk, text: str, by: Agent, department: str, why: str
) -> None:
    await desk.world.change(desk.ticket, department=department)
    whisper = await desk.says(text, by)
    assert heard(whisper) == why
    await desk.settles(100)
    assert desk.world.channel.texts == []
    assert (await desk.now()).waiting_since is not None, "nobody has answered yet"
    assert "mark p1 None->held" in desk.world.desk.done
    assert await desk.presses(button(whisper, "send"), by) is None
    await desk.settles()
    assert desk.world.channel.texts == [f"{by.name}: {text}"]
    assert "mark p1 held->sent" in desk.world.desk.done
    assert (await desk.now()).waiting_since is None
    assert heard(await desk.presses(button(whisper, "send"), by)) == "desk.nothing_unsent"


async def test_a_command_sends_the_newest_unsent_and_a_button_discards(desk: Desk) -> None:
    await desk.world.change(desk.ticket, department="careful")
    first = await desk.says("one")
    await desk.says("two")
    assert await desk.says("!send") is None
    assert heard(await desk.presses(button(first, "undo"))) == "desk.undone"
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: two"]
    assert heard(await desk.says("!send")) == "desk.nothing_unsent"
    assert await desk.timers() == []


async def test_an_unsent_reply_is_reminded_of_until_it_is_sent(desk: Desk) -> None:
    await desk.world.change(desk.ticket, department="careful")
    whisper = await desk.says("Hello")
    desk.world.clock.forward(601)
    assert await desk.rings() == ["held:1"]
    await desk.settles()
    post = desk.post("thread.unsent")
    assert post.calls == ("UMEI",)
    assert post.text == "thread.unsent:Hello"
    assert [one.verb for one in post.buttons] == ["send", "undo"]
    assert await desk.timers() == ["held:1"]
    await desk.presses(button(whisper, "send"))
    desk.world.clock.forward(86400)
    assert await desk.rings() == []


async def test_it_is_reminded_of_a_few_times_and_then_left_alone(url: str, tmp_path: Path) -> None:
    """Soon, an hour later, and when the department opens the next day: it doesn't fill the thread for days."""
    hours = Hours(zone=ZoneInfo("UTC"), week=((Span(since=time(9), until=time(18)),),) * 7)
    routing = Routing(departments=(replace(CAREFUL, hours=hours),), fallback="careful")
    async with desk_on(url, tmp_path, routing) as desk:
        await desk.world.change(desk.ticket, department="careful")
        await desk.says("Hello")
        start, rang = desk.world.clock(), []
        for _ in range(3 * 24 * 6):
            desk.world.clock.forward(600)
            rang += [desk.world.clock() - start for _ in await desk.rings()]
        assert rang == [timedelta(minutes=10), timedelta(minutes=70), timedelta(hours=21)]
        await desk.settles()
        assert len([post for post in desk.world.desk.posts if post.text.startswith("thread.unsent")]) == 3
        assert await desk.timers() == []
        await desk.presses(desk.post("thread.unsent").buttons[0])
        await desk.settles()
        assert desk.world.channel.texts == ["Mei: Hello"], "it can still be sent"


async def test_it_leaves_for_where_the_person_is_by_then(desk: Desk) -> None:
    await desk.world.change(desk.ticket, department="careful")
    whisper = await desk.says("Hello")
    later = desk.world.clock() + timedelta(hours=1)
    await desk.world.identity(person=desk.identity.person_id, platform="other", last_at=later)
    await desk.presses(button(whisper, "send"))
    await desk.settles()
    assert desk.world.other.texts == ["Mei: Hello"]


@BOTH
async def test_a_mention_makes_a_note_that_its_author_can_send(desk: Desk) -> None:
    whisper = await desk.says("@Tom is it refunded?", mentions=True)
    assert heard(whisper) == "desk.noted_mention"
    await desk.settles(60)
    assert desk.world.channel.texts == []
    assert "mark p1 None->private" in desk.world.desk.done
    assert heard(await desk.presses(button(whisper, "send"), TOM)) == "desk.not_yours"
    assert await desk.presses(button(whisper, "send")) is None
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: @Tom is it refunded?"]
    assert "mark p1 private->sent" in desk.world.desk.done
    assert [line[0] for line in await desk.timeline()] == ["note", "agent"], "both stand there honestly"
    assert heard(await desk.presses(button(whisper, "send"))) == "desk.nothing_unsent", "not twice"


async def test_the_files_of_a_note_go_with_it(desk: Desk) -> None:
    picture = Attachment(kind="image", ref="f1", name="a.png", mime="image/png", size=3)
    whisper = await desk.says("@Tom look", mentions=True, attachments=(picture,))
    await desk.presses(button(whisper, "send"))
    assert [row.kind for row in await desk.rows(desk=False)] == ["say", "file"]


async def test_whoever_does_not_hold_it_writes_notes(desk: Desk) -> None:
    await desk.does("claim", TOM)
    whisper = await desk.says("I know this one")
    assert heard(whisper) == "desk.noted_not_holder"
    taken = await desk.presses(button(whisper, "take_over"))
    assert heard(taken) == "desk.take_over_asked", "nobody is robbed of a ticket that just came in"
    await desk.presses(button(whisper, "send"))
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: I know this one"]
    assert (await desk.now()).assignee == "UTOM"


async def test_taking_over_offers_to_send_what_was_a_note(desk: Desk) -> None:
    await desk.does("claim", TOM)
    whisper = await desk.says("I know this one", EVA)
    taken = await desk.presses(button(whisper, "take_over"), EVA)
    assert heard(taken) == "desk.yours_now"
    await desk.presses(button(taken, "send"), EVA)
    await desk.settles()
    assert desk.world.channel.texts == ["Eva: I know this one"]
    assert (await desk.now()).assignee == "UEVA"


async def test_a_notes_costly_words_are_asked_about_once_more(desk: Desk) -> None:
    whisper = await desk.says("@Tom we guarantee it", mentions=True)
    asked = await desk.presses(button(whisper, "send"))
    assert heard(asked) == "desk.held_costly"
    await desk.settles(60)
    assert desk.world.channel.texts == []
    await desk.presses(button(asked, "send"))
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: @Tom we guarantee it"]


@pytest.mark.parametrize("prefix", ["note:", "!n ", ";;", "🔒", "//"])
async def test_what_began_as_a_note_is_never_sent(desk: Desk, prefix: str) -> None:
    assert await desk.says(f"{prefix} secret") is None
    assert heard(await desk.does("send", about=desk.wrote)) == "desk.stays_private"
    assert heard(await desk.does("send", about="#1")) == "desk.stays_private"
    assert heard(await desk.does("send")) == "desk.nothing_unsent"
    assert await desk.told() == []


async def test_a_note_that_was_edited_into_a_prefix_stays_private(desk: Desk) -> None:
    whisper = await desk.says("@Tom secret", mentions=True)
    await desk.edits(desk.wrote, "note: @Tom secret")
    assert heard(await desk.presses(button(whisper, "send"))) == "desk.stays_private"
    assert await desk.told() == []


async def test_commands_are_never_said_to_the_person(desk: Desk) -> None:
    assert heard(await desk.says("!priorty urgent")) == "desk.command_near"
    assert heard(await desk.says("!frobnicate")) == "desk.command_unknown"
    assert heard(await desk.says("!help")) == "desk.help"
    find = await desk.says("!find refund")
    assert button(find, "find").values == {"argument": "refund"}
    assert await desk.timeline() == []
    assert await desk.told() == []


async def test_a_canned_reply_goes_by_its_name_and_shows_in_the_thread(desk: Desk) -> None:
    which = await desk.says("!r fund")
    assert heard(which) == "desk.canned_which"
    assert heard(await desk.presses(button(which, "reply"))) == "desk.sending"
    assert heard(await desk.says("!r Refund")) == "desk.sending"
    await desk.settles(10)
    assert desk.world.channel.texts[0].endswith(f", T-{desk.ticket.id} is refunded.")
    assert desk.noticed("thread.spoken", "Dear ")


async def test_words_from_a_modal_stand_in_the_thread_with_their_mark(desk: Desk) -> None:
    await desk.does("reply", text="From the modal", entry="faq-1", how="used")
    await desk.settles(10)
    await desk.settles(5)
    assert desk.world.channel.texts == ["Mei: From the modal"]
    assert desk.noticed("thread.spoken", "From the modal")
    assert "mark post-echo:1 None->sent" in desk.world.desk.done
    assert "suggestion.used" in await desk.events()
    assert await desk.does("note", text="for us") is None
    assert heard(await desk.does("reply", text=" ")) == "desk.nothing_to_send"
    assert heard(await desk.does("reply", text="!send")) == "desk.no_commands_here"
    await desk.does("dismiss", entries="faq-1,faq-2")
    assert (await desk.events())[-1] == "suggestion.ignored"
    await desk.settles(10)
    assert desk.world.channel.texts == ["Mei: From the modal"]


async def test_a_reply_claims_where_a_holder_is_wanted(desk: Desk) -> None:
    await desk.world.change(desk.ticket, department="owned")
    await desk.says("Hello")
    ticket = await desk.now()
    assert (ticket.state, ticket.assignee) == ("claimed", "UMEI")
    assert heard(await desk.says("Me too", TOM)) == "desk.noted_not_holder"
