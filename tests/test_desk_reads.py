"""What agents look at: their home tab, a person's history, the card's truth."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.helpdesk import away
from core.storage import desk_answers, desk_queue, desk_views, models, views
from core.storage.turns import Turns
from tests.desk_core import EVA, MEI, TOM, Desk, button, desk_on
from tests.outbox_world import START, able


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(database_url, tmp_path) as found:
        yield found


async def another(desk: Desk, **columns: object) -> models.Ticket:
    ticket = await desk.world.ticket(await desk.world.identity())
    await desk.world.change(ticket, **{"department": "support", **columns})
    return ticket


def numbers(found: "list[desk_views.Held]") -> list[int]:
    return [one.number for one in found]


async def test_home_shows_mine_by_who_waits_longest_and_what_nobody_has(desk: Desk) -> None:
    mine = {"state": "claimed", "assignee": "UMEI", "assignee_name": "Mei"}
    await another(desk, **mine)  # answered
    late = await another(desk, **mine, waiting_since=START - timedelta(hours=1))
    soon = await another(desk, **mine, waiting_since=START)
    urgent = await another(desk, **mine, priority="urgent", waiting_since=START)
    elsewhere = await another(desk, department="billing")
    await another(desk, state="resolved", assignee="UMEI")
    asleep = await another(desk, state="snoozed", snoozed_until=START + timedelta(hours=1))
    home = await desk_views.home(desk.world.storage, "UMEI", ["support"], now=START, today=START)
    assert numbers([*home.mine])[:3] == [urgent.id, late.id, soon.id]
    assert len(home.mine) == 4
    assert numbers([*home.unclaimed]) == [desk.ticket.id]
    assert elsewhere.id not in numbers([*home.unclaimed])
    assert numbers([*home.snoozed]) == [asleep.id]
    assert (home.loads, home.silent, home.away) == ((), (), False)


async def test_the_most_urgent_is_shown_however_many_there_are_and_all_are_counted(desk: Desk) -> None:
    await desk.world.change(desk.ticket, priority="low")
    for number in range(desk_views.LISTED):
        await another(desk, priority="low", waiting_since=START + timedelta(minutes=number))
    urgent = await another(desk, priority="urgent", waiting_since=START + timedelta(hours=2))
    high = await another(desk, priority="high")
    sleepy = {"state": "snoozed", "assignee": "UMEI"}
    for number in range(desk_views.LISTED + 1):
        last = await another(desk, **sleepy, snoozed_until=START + timedelta(hours=100 - number))
    home = await desk_views.home(desk.world.storage, "UMEI", ["support"], now=START, today=START)
    assert numbers([*home.unclaimed])[:3] == [urgent.id, high.id, desk.ticket.id]
    assert len(home.unclaimed) == desk_views.LISTED
    assert home.snoozed[0].number == last.id
    assert home.counts == desk_views.Counts(unclaimed=desk_views.LISTED + 3, snoozed=desk_views.LISTED + 1)


async def test_how_long_posts_wait_is_told_by_the_clock(desk: Desk) -> None:
    await desk.asks("Where is it?")
    later = START + desk_queue.SHOWN_AFTER
    for now, late in ((START, []), (later, ["C1"])):
        home = await desk_views.home(desk.world.storage, "UMEI", ["support"], now=now, today=START)
        assert [one.channel for one in home.late] == late


async def test_todays_numbers_count_what_was_done(desk: Desk) -> None:
    await desk.does("claim")
    await desk.does("claim")
    await desk.says("Hello")
    await desk.does("resolve", reason="how-to")
    found = await desk_views.numbers(desk.world.storage, "UMEI", START)
    assert (found.claimed, found.replied, found.resolved) == (1, 1, 1)
    desk.world.clock.forward(86400)
    found = await desk_views.numbers(desk.world.storage, "UMEI", desk.world.clock())
    assert (found.claimed, found.replied, found.resolved) == (0, 0, 0)


async def test_supervisors_see_everybodys_load_and_who_is_away_with_tickets(desk: Desk) -> None:
    await desk.does("claim", TOM)
    await another(desk, state="claimed", assignee="UMEI", assignee_name="Mei")
    await away.leave(Turns(desk.world.storage, desk.world.clock), MEI)
    home = await desk_views.home(
        desk.world.storage, EVA.id, ["support"], now=START, today=START, supervises=["support"]
    )
    assert [(one.agent, one.open, one.waiting, one.away) for one in home.loads] == [
        ("UMEI", 1, 0, True),
        ("UTOM", 1, 1, False),
    ]
    assert numbers([*home.silent]) == [desk.ticket.id]
    assert (await desk_views.home(desk.world.storage, "UMEI", [], now=START, today=START)).away


async def test_history_is_the_whole_person_newest_first_paged_and_searchable(desk: Desk) -> None:
    for number in range(5):
        await desk.asks(f"question {number}")
    await desk.says("!n 备注：退款")
    await desk.says("Here you are")
    first = await desk_views.history(desk.world.storage, desk.ticket.id, limit=3)
    assert first
    assert [(line.by, line.text) for line in first.lines] == [
        ("agent", "Here you are"),
        ("note", "备注：退款"),
        ("person", "question 4"),
    ]
    second = await desk_views.history(desk.world.storage, desk.ticket.id, before=first.older, limit=3)
    assert second
    assert [line.text for line in second.lines] == ["question 3", "question 2", "question 1"]
    last = await desk_views.history(desk.world.storage, desk.ticket.id, before=second.older, limit=3)
    assert last
    assert (len(last.lines), last.older) == (1, 0)
    found = await desk_views.history(desk.world.storage, desk.ticket.id, search="退款")
    assert found
    assert [line.text for line in found.lines] == ["备注：退款"]
    assert await desk_views.history(desk.world.storage, 9) is None


async def test_the_last_question_is_what_nobody_answered(desk: Desk) -> None:
    await desk.asks("Where is it?")
    await desk.says("On its way")
    answered = await desk_views.last_question(desk.world.storage, desk.ticket.id)
    assert answered
    assert answered.text == "Where is it?"
    await desk.asks("And my refund?")
    await desk.presses(button(await desk.says("Tomorrow"), "undo"))
    await desk.asks("It was 49 euros")
    found = await desk_views.last_question(desk.world.storage, desk.ticket.id)
    assert found
    assert found.text == "And my refund?\nIt was 49 euros"
    assert await desk_views.last_question(desk.world.storage, 9) is None


async def test_only_what_the_person_was_given_is_an_answer_for_the_faq(desk: Desk) -> None:
    """Not what was undone, waits for its Send or was taken back; edits count once they left."""
    storage, number = desk.world.storage, desk.ticket.id
    await desk.asks("How do I return it?")
    undone = await desk.says("Send it to my home")
    posts = [desk.wrote]
    await desk.presses(button(undone, "undo"))
    await desk.says("We guarantee it")
    posts.append(desk.wrote)
    await desk.says("Ask my brother")
    posts.append(desk.wrote)
    await desk.settles(10)
    await desk.deletes(desk.wrote)
    await desk.settles(10)
    for post in (*posts, "", "p99"):
        assert await desk_answers.answered(storage, number, post) is None
    await desk.says("Within 30 days")
    found = await desk_answers.answered(storage, number, desk.wrote)
    assert found
    assert (found.question, found.answer) == ("How do I return it?", "Within 30 days")
    assert await desk_answers.answered(storage, number, "") == found, "the latest, if none is named"
    await desk.settles(10)
    desk.world.channel.capabilities = able()  # what can't be taken back stays, but never what became a note
    await desk.edits(desk.wrote, "note: the shop is closing down")
    found = await desk_answers.answered(storage, number, desk.wrote)
    assert found
    assert found.answer == "Within 30 days"


async def test_the_card_tells_how_things_stand(desk: Desk) -> None:
    await desk.asks("Where is my order?")
    await desk.does("resolve", reason="defect")
    await desk.asks("agent please")
    await desk.does("resolve", reason="defect")
    desk.world.clock.forward(80 * 3600)
    await desk.asks("agent")
    opened = (await desk.rows(kind="open"))[-1]
    desk.ticket.id = opened.ticket_id or 0
    now = desk.world.clock()
    await desk.world.change(desk.identity, sends_left=3, window_until=now + timedelta(hours=31))
    await desk.does("claim")
    await desk.does("tag", tag="refund")
    await desk.does("priority", priority="高")
    card = await views.card(desk.world.storage, desk.ticket.id)
    assert (card.department, card.priority, card.tags, card.assignee) == (
        "support",
        "high",
        ("refund",),
        "UMEI",
    )
    assert (card.sends_left, card.window_until, card.claimed_since) == (3, now + timedelta(hours=31), now)
    assert [(one.number, one.state) for one in card.earlier] == [(1001, "resolved")]
    assert (card.thread, card.standing, card.repeated) == ("", "", 1)


async def test_a_ticket_that_is_resolved_and_then_told_why_counts_once(desk: Desk) -> None:
    since = desk.world.clock()
    await desk.does("claim")
    await desk.does("resolve")
    await desk.does("resolve", reason="defect")
    found = await desk_views.numbers(desk.world.storage, "UMEI", since)
    assert (found.claimed, found.resolved) == (1, 1)
