"""Presses, modals, shortcuts and the home tab at the desk's edge: what is shown where, also when Slack loses it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bots.sandbox.slack.blocks import message_mistakes
from bots.slack.api import SlackApi
from bots.slack.desk.events import DeskEvents
from bots.slack.desk.where import Where
from bots.slack.kit import View
from bots.slack.windows import Windows
from core.desk import Button, Line, Whisper
from core.escalation.routing import Agents
from core.messages import Say
from core.publishing import ONE_DEPARTMENT
from core.storage.desk_answers import Answered, Picture
from core.storage.desk_views import Held, LastQuestion
from tests.desk_bench import PUBLISHED, Record, bench
from tests.desk_workspace import NOW, SUPPORT, Workspace, open_workspace
from tests.test_desk_events import PRESSES, SUPPORTS, TICKET, Door, replaced, take, whispers
from tests.waiting import until

HERE = Where(ticket=1042, channel=SUPPORT, thread=TICKET.id)


@pytest.fixture
async def slack() -> AsyncIterator[tuple[Workspace, SlackApi]]:
    async with open_workspace() as opened:
        yield opened


@pytest.fixture
def workspace(slack: tuple[Workspace, SlackApi]) -> Workspace:
    return slack[0]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def events(slack: tuple[Workspace, SlackApi], door: Door, record: Record) -> DeskEvents:
    return DeskEvents(bench(slack[1], door, record))


def press(verb: str, *, value: str = "1042", user: str = "U0MEI", ephemeral: str = "") -> dict[str, Any]:
    body = replaced(PRESSES["claim"], verb, "actions", "0", "action_id")
    body["actions"][0]["value"] = value
    body["user"]["id"] = user
    if ephemeral:
        body["container"] |= {"is_ephemeral": True, "thread_ts": TICKET.id}
        body["response_url"] = ephemeral
    return body


def sent(page: str, at: Where = HERE, user: str = "U0MEI", **values: dict[str, Any]) -> dict[str, Any]:
    filled = {block: {"in": element} for block, element in values.items()}
    view = {
        "id": "V1", "type": "modal", "callback_id": page, "private_metadata": str(at),
        "state": {"values": filled},
    }  # fmt: skip
    return {"type": "view_submission", "user": {"id": user}, "team": {"id": "T0TEAM"}, "view": view}


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def titles(workspace: Workspace, method: str = "views.open") -> list[str]:
    return [one["view"]["title"]["text"] for one in workspace.called(method)]


# --- modals open, also when something is slow or lost -------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "title"),
    [("assign", "Assign"), ("snooze", "Snooze"), ("history", "History"), ("further", "T-1042: more")],
)
async def test_a_press_that_needs_more_opens_a_modal(
    events: DeskEvents, door: Door, workspace: Workspace, verb: str, title: str
) -> None:
    assert await take(events, press(verb))
    assert titles(workspace) == [title]
    assert door.acts == []
    assert json.loads(workspace.called("views.open")[0]["view"]["private_metadata"])["ticket"] == 1042


async def test_what_is_chosen_in_the_cards_menu_is_the_verb(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    chosen = replaced(press("more"), {"value": "take_over"}, "actions", "0", "selected_option")
    assert await take(events, chosen)
    assert [act.verb for act in door.acts] == ["take_over"]
    chosen = replaced(press("more"), {"value": "snooze"}, "actions", "0", "selected_option")
    assert await take(events, chosen)
    assert titles(workspace) == ["Snooze"]


async def test_a_modal_that_comes_too_late_is_told_and_the_press_can_be_repeated(
    events: DeskEvents, workspace: Workspace
) -> None:
    workspace.fail["views.open"] = [{"ok": False, "error": "expired_trigger_id"}]
    assert await take(events, press("assign"))
    assert whispers(workspace) == [("U0MEI", "", "The window didn't open in time. Press again.")]


async def test_a_page_that_takes_long_comes_into_a_modal_that_is_open_already(
    slack: tuple[Workspace, SlackApi],
) -> None:
    workspace, api = slack
    waiting: View = {"type": "modal", "callback_id": "desk.wait", "blocks": []}
    seen = asyncio.Event()

    async def slow() -> View:
        await seen.wait()
        return {"type": "modal", "callback_id": "desk.page", "blocks": []}

    opening = asyncio.create_task(Windows(api).open_soon("trigger", slow(), waiting))
    await until(lambda: workspace.called("views.open"))
    seen.set()
    assert await opening == "V0OPEN"
    assert workspace.called("views.open")[0]["view"]["callback_id"] == "desk.wait"
    assert workspace.called("views.update")[0]["view"]["callback_id"] == "desk.page"


async def test_the_historys_pictures_come_after_it_so_that_a_lost_file_costs_only_itself(
    events: DeskEvents, workspace: Workspace, record: Record
) -> None:
    record.lines = [Line(by="person", text="look", at=NOW, id=7, files=("a.png",))]
    record.pictures = {7: [Picture(ref="F0PIC", name="a.png")]}
    assert await take(events, press("history"))
    kinds = {
        method: [block["type"] for block in workspace.called(method)[0]["view"]["blocks"]]
        for method in ("views.open", "views.update")
    }
    assert "image" not in kinds["views.open"]
    assert "image" in kinds["views.update"]


# --- what only the presser sees is exchanged ----------------------------------------------------------------


async def test_an_ephemeral_that_was_pressed_is_exchanged_or_taken_away(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    address = f"{workspace.url}/answer"
    undo = Button(verb="undo", label="button.undo", about="#7")
    door.reply = Whisper(say=Say(name="desk.done"), buttons=(undo,), ticket=1042)
    assert await take(events, press("send", value='{"about": "#7", "values": {}}', ephemeral=address))
    door.reply = None
    assert await take(events, press("send", value="{}", ephemeral=address))
    exchanged, gone = workspace.answers
    assert (exchanged["replace_original"], exchanged["text"]) == (True, "Done.")
    assert gone == {"response_type": "ephemeral", "delete_original": True}
    assert whispers(workspace) == []
    assert [act.about for act in door.acts] == ["#7", ""]


async def test_where_the_ephemeral_cannot_be_exchanged_the_agent_is_told_anew(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    door.reply = Whisper(say=Say(name="desk.done"))
    assert await take(events, press("send", ephemeral=f"{workspace.url}/nowhere"))
    assert whispers(workspace) == [("U0MEI", TICKET.id, "Done.")]


# --- modals that are sent -----------------------------------------------------------------------------------


async def test_a_sent_modal_acts_once_and_closes(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    door.reply = Whisper(say=Say(name="desk.done"))
    body = sent("desk.tag", add=text("vip"))
    for _ in range(2):
        assert await events.take(body) == {"response_action": "clear"}
    assert [(act.verb, act.values) for act in door.acts] == [("tag", {"tag": "vip"})] * 2
    assert len({act.id for act in door.acts}) == 1, "the core knows the second for a repeat"
    assert whispers(workspace)[0] == ("U0MEI", TICKET.id, "Done.")


async def test_what_is_wrong_is_told_at_its_field(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    answer = await events.take(sent("desk.snooze", until=text("one fine day")))
    assert answer
    assert list(answer["errors"]) == ["until"]
    stranger = sent("desk.assign", to={"type": "users_select", "selected_user": "U0TOM"})
    answer = await events.take(stranger)
    assert answer == {
        "response_action": "errors",
        "errors": {"to": "Not assigned, because Tom may not answer tickets here."},
    }
    assert door.acts == []


async def test_a_stranger_who_sends_a_modal_is_told_in_it(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    answer = await events.take(sent("desk.tag", user="U0TOM", add=text("vip")))
    assert answer
    assert answer["response_action"] == "update"
    assert "Nothing was done" in answer["view"]["blocks"][0]["text"]["text"]
    gone = await events.take(sent("desk.tag", replace(HERE, ticket=7), add=text("vip")))
    assert gone
    assert "There is no ticket T-7" in gone["view"]["blocks"][0]["text"]["text"]
    assert door.acts == []


async def test_an_answer_is_proposed_for_the_faq(
    events: DeskEvents, workspace: Workspace, record: Record
) -> None:
    record.answer = Answered(question="agent\nWhere is it?", answer="On its way.", language="zh-CN")
    shortcut = {
        "type": "message_action", "callback_id": "desk.faq", "trigger_id": "t", "action_ts": "1772366500.000100",
        "user": {"id": "U0MEI"}, "team": {"id": "T0TEAM"}, "channel": {"id": SUPPORT},
        "message": {"ts": "1772366460.000200", "thread_ts": TICKET.id},
    }  # fmt: skip
    assert await take(events, shortcut)
    fields = {
        one["block_id"]: one["element"].get("initial_value")
        for one in workspace.called("views.open")[0]["view"]["blocks"]
        if one["type"] == "input"
    }
    assert (fields["question"], fields["answer"]) == ("Where is it?", "On its way.")
    language = {"type": "static_select", "selected_option": {"value": "zh-CN"}}
    body = sent("desk.propose", question=text("Where is it?"), answer=text("On its way."), language=language)
    assert await events.take(body) == {"response_action": "clear"}
    assert [one.answer for one in record.proposed] == ["On its way."]
    assert "It is with the admins now" in whispers(workspace)[0][2]


async def test_suggestions_are_for_the_question_without_the_wish_for_a_person(
    events: DeskEvents, workspace: Workspace, record: Record
) -> None:
    record.question = LastQuestion(text="你好\n转人工\n怎么退货", language="zh-CN")
    assert await take(events, press("suggest"))
    assert "怎么退货" in whispers(workspace)[0][2]
    assert "转人工" not in whispers(workspace)[0][2]


# --- the home tab and the command ---------------------------------------------------------------------------


async def test_the_home_tab_is_published_for_who_looks_and_only_agents_see_tickets(
    events: DeskEvents, workspace: Workspace, record: Record
) -> None:
    for user in ("U0MEI", "U0TOM"):
        event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D1"}
        assert await take(events, {"type": "event_callback", "event": event})
    assert record.homes == [("U0MEI", [SUPPORTS.id], [])]
    shown = [json.dumps(one["view"]) for one in workspace.called("views.publish")]
    assert "3 replies, 2 resolved, 1 claimed" in shown[0]
    assert "Messages tab" in shown[1]
    other = {"type": "app_home_opened", "user": "U0MEI", "tab": "messages", "channel": "D1"}
    assert not await take(events, {"type": "event_callback", "event": other})


async def test_leaving_and_coming_back(events: DeskEvents, workspace: Workspace, record: Record) -> None:
    def command(words: str, user: str = "U0MEI") -> dict[str, str]:
        return {
            "command": "/onethread", "text": words, "user_id": user, "team_id": "T0TEAM", "api_app_id": "A0APP",
        }  # fmt: skip

    answer = await events.take(command("away"))
    assert answer
    assert answer["text"].startswith("🌙 You are away now")
    answer = await events.take(command("回来"))
    assert answer
    assert answer["text"].startswith("☀️ Welcome back")
    answer = await events.take(command("home"))
    assert answer
    assert "<slack://app?team=T0TEAM&id=A0APP&tab=home|" in answer["text"]
    answer = await events.take(command("away", "U0TOM"))
    assert answer
    assert "not an agent of any department" in answer["text"]
    assert [one.id for one in record.left] == [one.id for one in record.back] == ["U0MEI"]
    assert await events.take(command("how do I return it?")) is None


async def test_a_supervisor_is_shown_what_who_leaves_holds(
    slack: tuple[Workspace, SlackApi], door: Door, record: Record
) -> None:
    workspace, api = slack
    workspace.groups["S0LEADS"] = ["U0TOM", "U0MEI"]
    led = replace(SUPPORTS, agents=Agents(named=("U0MEI",), supervisors=("S0LEADS",)))
    routing = replace(ONE_DEPARTMENT, departments=(led,), fallback=led.id)
    record.held = [
        Held(
            number=1001 + n, state="claimed", person="<&>" * 40, about="<!here> & " * 20,
            department=led.id, priority="normal", channel=SUPPORT,
            thread="1.000100", assignee="U0MEI", assignee_name="Mei", opened_at=NOW, waiting_since=NOW,
            snoozed_until=None,
        )
        for n in range(30)
    ]  # fmt: skip
    events = DeskEvents(bench(api, door, record, replace(PUBLISHED, routing=routing)))
    away = {
        "command": "/onethread",
        "text": "away",
        "user_id": "U0MEI",
        "team_id": "T0TEAM",
        "api_app_id": "A0APP",
    }
    assert await events.take(away)
    [told] = workspace.called("chat.postMessage")
    assert told["channel"] == "U0TOM"
    blocks = told["blocks"]
    assert message_mistakes(blocks) == []
    assert "holds 30 tickets" in blocks[0]["text"]["text"]
    assert "10 more" in blocks[-1]["text"]["text"]


async def test_a_modal_that_slack_lets_nobody_judge_is_not_closed_in_silence(
    events: DeskEvents, workspace: Workspace, door: Door
) -> None:
    workspace.fail["conversations.members"] = [{"ok": False, "error": "missing_scope"}] * 2
    assert await take(events, sent("desk.snooze", until=text("2h")))
    assert door.acts == []
    [(*_, said)] = whispers(workspace)
    assert said.startswith("Not sent: this couldn't be read")
