"""What agents do with a ticket: the first claim wins, others ask; timers; labels; the end and what comes after it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from core.helpdesk import away
from core.messages import Agent, Attachment, Thread
from core.storage.turns import Turns
from tests.desk_core import BOTH, EVA, MEI, TOM, Desk, button, desk_on, heard

PICTURE = Attachment(kind="image", ref="r1", name="a.jpg", mime="image/jpeg", size=3)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


@BOTH
async def test_a_second_claim_hears_who_holds_it_and_can_ask(desk: Desk) -> None:
    assert await desk.does("claim") is None
    refused = await desk.does("claim", TOM)
    assert heard(refused) == "desk.already_claimed"
    assert button(refused, "take_over").values == {"seen": "UMEI"}
    assert heard(await desk.presses(button(refused, "take_over"), TOM)) == "desk.take_over_asked"
    await desk.settles()
    post = desk.post("thread.take_over_asked")
    assert (post.calls, post.buttons[0].verb) == (("UMEI",), "assign")
    await desk.presses(post.buttons[0])
    assert (await desk.now()).assignee == "UTOM"
    await desk.settles()
    assert desk.post("thread.assigned").calls == ("UTOM",)


async def test_who_lets_the_person_wait_is_taken_over_from(desk: Desk) -> None:
    await desk.does("claim")
    desk.world.clock.forward(301)
    assert await desk.does("take_over", TOM, seen="UMEI") is None
    assert (await desk.now()).assignee == "UTOM"
    await desk.settles()
    assert desk.post("thread.taken_over").calls == ("UMEI",)


@BOTH
async def test_a_silent_holders_ticket_is_offered_again(desk: Desk) -> None:
    await desk.does("claim")
    assert await desk.timers() == ["silent:1001"]
    desk.world.clock.forward(1801)
    assert await desk.rings() == ["silent:1001"]
    ticket = await desk.now()
    assert (ticket.state, ticket.assignee, ticket.offered_at) == ("open", "", desk.world.clock())
    await desk.settles()
    assert desk.post("thread.offered_again").calls == ("UMEI",)
    assert desk.post("thread.offered_again").buttons[0].verb == "claim"


async def test_a_holder_who_answers_keeps_it(desk: Desk) -> None:
    await desk.does("claim")
    await desk.says("Hello")
    assert await desk.timers() == []
    await desk.asks("And now?")
    assert await desk.timers() == ["silent:1001"]
    await desk.does("release")
    assert await desk.timers() == []


@BOTH
async def test_a_snooze_ends_by_itself_or_when_the_person_writes(desk: Desk) -> None:
    assert await desk.says("!snooze 2h") is None
    assert (await desk.now()).state == "snoozed"
    desk.world.clock.forward(7200)
    assert await desk.rings() == ["wake:1001"]
    assert (await desk.now()).state == "open"
    await desk.settles()
    assert desk.noticed("thread.woke")
    until = (desk.world.clock() + timedelta(hours=1)).isoformat()
    await desk.does("snooze", until=until)
    await desk.asks("still there?")
    assert ((await desk.now()).state, await desk.timers()) == ("open", [])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("!snooze sometime", "desk.snooze_when"),
        ("!priority extreme", "desk.priority_which"),
        ("!resolve because", "desk.resolution_which"),
        ("!assign Tom", "desk.assign_whom"),
        ("!transfer nowhere", "desk.transfer_where"),
        ("!ask nobody x", "desk.ask_whom"),
        ("!ask billing", "desk.ask_whom"),
    ],
)
async def test_what_is_missing_in_a_command_is_said(desk: Desk, typed: str, told: str) -> None:
    assert heard(await desk.says(typed)) == told
    assert await desk.timeline() == []


@pytest.mark.parametrize(
    ("verb", "values", "told"),
    [
        ("snooze", {"until": "soon"}, "desk.snooze_when"),
        ("snooze", {"until": "2026-03-02T10:00:00"}, "desk.snooze_when"),
        ("priority", {"priority": "x"}, "desk.priority_which"),
        ("resolve", {"reason": "x"}, "desk.resolution_which"),
        ("assign", {}, "desk.assign_whom"),
        ("fly", {}, "desk.unknown_verb"),
    ],
)
async def test_values_that_mean_nothing_change_nothing(
    desk: Desk, verb: str, values: dict[str, str], told: str
) -> None:
    before = (await desk.now()).state
    assert heard(await desk.does(verb, MEI, **values)) == told
    assert (await desk.now()).state == before


@BOTH
async def test_labels(desk: Desk) -> None:
    await desk.says("！优先级 紧急")
    await desk.says("!tag Refund")
    await desk.does("tag", tag="vip")
    await desk.does("untag", tag="refund")
    ticket = await desk.now()
    assert (ticket.priority, ticket.tags) == ("urgent", ["vip"])
    assert (await desk.events()) == ["ticket.priority", "ticket.tag", "ticket.tag", "ticket.untag"]


async def test_an_assignment_names_somebody_who_may_answer_and_is_here(desk: Desk) -> None:
    await desk.says("!assign @Tom", mentions=True, mentioned=(TOM,))
    assert (await desk.now()).assignee == "UTOM"
    nobody = Agent(id="UX", name="Xu", role="none")
    assert (
        heard(await desk.says("!assign @Xu", EVA, mentions=True, mentioned=(nobody,)))
        == "desk.assign_no_agent"
    )
    turns = Turns(desk.world.storage, desk.world.clock)
    assert [one.number for one in await away.leave(turns, TOM)] == [1001]
    await away.leave(turns, TOM)
    await desk.does("assign", EVA, to="UMEI", name="Mei")
    assert heard(await desk.does("assign", EVA, to="UTOM", name="Tom")) == "desk.is_away"
    await away.come_back(turns, TOM)
    assert await desk.does("assign", EVA, to="UTOM", name="Tom") is None
    assert (await desk.now()).assignee == "UTOM"


@BOTH
async def test_resolving_asks_for_the_reason_by_one_tap(desk: Desk) -> None:
    asked = await desk.does("resolve")
    assert heard(asked) == "desk.resolved_why"
    assert asked
    assert [one.values["reason"] for one in asked.buttons] == [
        "how-to",
        "defect",
        "policy",
        "account",
        "wish",
    ]
    assert await desk.presses(asked.buttons[1], TOM) is None
    ticket = await desk.now()
    assert (ticket.state, ticket.resolution) == ("resolved", "defect")
    await desk.settles()
    assert "".join(desk.world.channel.texts).count("marked as solved") == 1
    assert heard(await desk.presses(asked.buttons[1])) == "desk.already_resolved"


@BOTH
async def test_who_comes_back_within_a_week_is_counted(desk: Desk) -> None:
    await desk.says("!resolve 故障")
    desk.world.clock.forward(3600)
    await desk.asks("agent")
    ticket = await desk.now()
    assert (ticket.state, ticket.repeats) == ("open", 1)
    assert "ticket.repeat" in await desk.events()


async def test_words_to_a_resolved_ticket_bring_it_back_to_whoever_writes(desk: Desk) -> None:
    await desk.does("resolve", reason="how-to")
    await desk.says("One more thing", TOM)
    ticket = await desk.now()
    assert (ticket.state, ticket.assignee, ticket.resolution) == ("claimed", "UTOM", "")


async def test_the_same_act_twice_counts_once(desk: Desk) -> None:
    await desk.does("claim")
    for _ in range(2):
        desk.numbers = count(100)
        assert await desk.does("release") is None
    assert (await desk.events()).count("ticket.release") == 1


async def test_an_emergency_bypasses_the_bot_and_calls_who_is_on_duty(desk: Desk) -> None:
    other = await desk.world.identity()
    anna, desk.identity = desk.identity, other
    await desk.asks("My stolen account!")
    opened = (await desk.rows(kind="open"))[-1]
    desk.ticket.id = opened.ticket_id or 0
    ticket = await desk.now()
    assert (ticket.priority, ticket.reason, ticket.channel) == ("urgent", "emergency", "C1")
    await desk.settles()
    assert desk.post("thread.emergency").calls == ("SDUTY",)
    desk.identity, desk.ticket.id = anna, 1001
    await desk.asks("账号被盗了")
    assert (await desk.now()).priority == "urgent"
    await desk.asks("账号被盗了!")
    assert (await desk.events()).count("ticket.paged") == 2


async def test_nobody_but_its_department_decides_the_channel(desk: Desk) -> None:
    assert await desk.agents.department_of(9) is None
    found = await desk.agents.department_of(desk.ticket.id)
    assert found is not None
    assert (await desk.agents.department_in(desk.thread), found.id) == (found, "support")
    assert await desk.agents.department_in(Thread(channel="C1", id="x")) is None
    desk.ticket.id = 9
    assert heard(await desk.does("claim")) == "desk.no_such_ticket"


@BOTH
async def test_an_emergency_calls_again_after_an_agent_made_it_less_urgent(desk: Desk) -> None:
    for count_ in (1, 2):
        await desk.asks("stolen account")
        assert (await desk.now()).priority == "urgent"
        assert (await desk.events()).count("ticket.paged") == count_
        await desk.does("priority", priority="normal")
    await desk.settles()
    assert len([post for post in desk.world.desk.posts if post.text == "thread.emergency"]) == 2


async def test_an_opened_emergency_calls_again_too(desk: Desk) -> None:
    desk.identity = await desk.world.identity()
    await desk.asks("My stolen account!")
    desk.ticket.id = (await desk.rows(kind="open"))[-1].ticket_id or 0
    await desk.does("priority", priority="low")
    await desk.asks("my stolen account, still")
    assert ((await desk.now()).priority, (await desk.events()).count("ticket.paged")) == ("urgent", 2)
    await desk.does("resolve", reason="account")
    await desk.asks("my stolen account, again!")
    ticket = await desk.now()
    assert (ticket.state, ticket.priority, (await desk.events()).count("ticket.paged")) == (
        "open",
        "urgent",
        3,
    )


@BOTH
async def test_what_was_said_to_the_bot_comes_into_the_thread_when_an_agent_reopens(desk: Desk) -> None:
    await desk.does("resolve", reason="how-to")
    await desk.asks("how do I return it?", [PICTURE])
    assert (await desk.now()).state == "resolved"
    await desk.does("reopen")
    await desk.settles(61)
    assert desk.noticed("thread.reopened", "how do I return it?")
    assert desk.noticed("desk.file_missing", PICTURE.name)
    await desk.does("resolve", reason="how-to")
    await desk.does("reopen")
    assert len(await desk.rows(key__startswith="reopened:")) == 1, "nothing was said since"


async def test_words_to_a_resolved_ticket_bring_what_was_said_along(desk: Desk) -> None:
    await desk.does("resolve", reason="how-to")
    await desk.asks("how do I return it?")
    await desk.says("I can tell you")
    await desk.settles()
    assert desk.noticed("thread.reopened", "how do I return it?")
