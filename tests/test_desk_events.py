"""The desk's edge: which of Slack's events are its matter, what it hands on, and whom it lets speak."""

import copy
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.api import Me, SlackApi
from bots.slack.desk import actions, words
from bots.slack.desk.events import AuthorUnknown, DeskEvents
from bots.slack.shapes import NotUnderstood
from core.desk import Whisper
from core.errors import DatabaseAway
from core.escalation.routing import Department
from core.messages import Agent, AgentAct, AgentWords, Attachment, Say, Thread
from tests.desk_bench import bench
from tests.desk_workspace import SUPPORT, Workspace, open_workspace

PAYLOADS = Path(__file__).resolve().parent / "payloads"
EVENTS: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "slack_desk_events.json").read_text("utf-8"))
PRESSES: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "slack_desk_presses.json").read_text("utf-8"))
TICKET = Thread(channel=SUPPORT, id="1772366400.000100")
MEI = Agent(id="U0MEI", name="Mei")
CALLS_TOM = {"mentions": True, "mentioned": (Agent(id="U0TOM", name="Tom", role="none"),)}
SUPPORTS = Department(id="support")
POST = "1772366460.000200"
ME = Me(user_id="U0APP", bot_id="B0APP", team_id="T0TEAM")


@dataclass
class Door:
    """Takes down what the desk hands on; ``reply`` is what the agent is told."""

    reply: Whisper | None = None
    away: bool = False
    words: list[AgentWords] = field(default_factory=list)
    acts: list[AgentAct] = field(default_factory=list)
    kept: list[tuple[bytes, str]] = field(default_factory=list)
    asked: list[Thread] = field(default_factory=list)

    async def ticket_in(self, thread: Thread) -> int | None:
        self.asked.append(thread)
        return 1042 if thread == TICKET else None

    async def department_of(self, ticket: int) -> Department | None:
        return SUPPORTS if ticket == 1042 else None

    async def department_in(self, thread: Thread) -> Department | None:
        return SUPPORTS if thread == TICKET else None

    async def card_deleted(self, thread: Thread) -> None:
        raise AssertionError("no card is deleted here")

    async def said(self, words: AgentWords) -> Whisper | None:
        if self.away:
            raise DatabaseAway
        self.words.append(words)
        return self.reply

    async def act(self, act: AgentAct) -> Whisper | None:
        if self.away:
            raise DatabaseAway
        self.acts.append(act)
        return self.reply

    async def quarantine(self, payload: bytes, reason: str) -> None:
        self.kept.append((payload, reason))

    @property
    def untouched(self) -> bool:
        return not (self.words or self.acts or self.kept)


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
def events(slack: tuple[Workspace, SlackApi], door: Door) -> DeskEvents:
    api = slack[1]
    return DeskEvents(bench(api, door))


async def take(events: DeskEvents, body: Mapping[str, Any]) -> bool:
    """Whether it was the desk's matter."""
    return await events.take(body) is not None


def whispers(workspace: Workspace) -> list[tuple[str, str, str]]:
    said = workspace.called("chat.postEphemeral")
    return [(one["user"], one.get("thread_ts", ""), one["text"]) for one in said]


def without(body: Mapping[str, Any], *path: str) -> dict[str, Any]:
    return replaced(body, None, *path)


def replaced(body: Mapping[str, Any], value: Any, *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(dict(body))
    part: Any = changed
    for key in path[:-1]:
        part = part[int(key) if key.isdigit() else key]
    part[path[-1]] = value
    return changed


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("reply", {"text": "Hi @Tom, see the form (https://example.com/r) 😄 1 < 2", **CALLS_TOM}),
        ("reply_in_private_channel", {"text": "hello"}),
        ("note", {"text": "!note ask @Tom first", **CALLS_TOM}),
        ("typo", {"text": "!nite is no note"}),
        ("thread_broadcast", {"text": "hello"}),
        ("me_message", {"text": "waves"}),
        ("file_elsewhere", {"text": "here\nReturns policy (https://docs.google.com/document/d/1abc)"}),
        (
            "file_share",
            {
                "attachments": (
                    Attachment(
                        kind="image",
                        ref="https://files.slack.com/files-pri/T0TEAM-F0PHOTO/label.png",
                        name="label.png",
                        mime="image/png",
                        size=48213,
                    ),
                )
            },
        ),
        ("file_by_id", {"attachments": (Attachment(kind="file", ref="F0CONNECT"),)}),
        (
            "edited",
            {
                "kind": "edited",
                "text": "hello again",
                "id": f"T0TEAM:C0SUPPORT:{POST}:1772366520.000000",
                "sent_at": datetime(2026, 3, 1, 12, 2, tzinfo=UTC),
            },
        ),
        (
            "deleted",
            {
                "kind": "deleted",
                "id": f"T0TEAM:C0SUPPORT:{POST}:deleted",
                "sent_at": datetime(2026, 3, 1, 12, 3, 0, 400, tzinfo=UTC),
            },
        ),
    ],
)
async def test_an_agents_words_are_handed_on(
    events: DeskEvents, door: Door, workspace: Workspace, name: str, expected: dict[str, Any]
) -> None:
    assert await take(events, EVENTS[name])
    defaults: dict[str, Any] = {
        "id": f"T0TEAM:C0SUPPORT:{POST}:",
        "kind": "said",
        "thread": TICKET,
        "post": POST,
        "agent": MEI,
        "sent_at": datetime(2026, 3, 1, 12, 1, 0, 200, tzinfo=UTC),
    }
    assert door.words == [AgentWords(**(defaults | expected))]
    assert door.kept == []
    assert whispers(workspace) == []


@pytest.mark.parametrize(
    "name",
    [
        "app_mention",
        "own_post",
        "own_customized_post",
        "own_post_edited",
        "the_card_itself",
        "other_bot",
        "slackbot",
        "joined",
        "unfurled",
        "edited_same_text",
        "file_taken_away",
    ],
)
async def test_noise_in_a_tickets_thread_is_nobody_elses_matter(
    events: DeskEvents, door: Door, workspace: Workspace, name: str
) -> None:
    assert await take(events, EVENTS[name])
    assert door.untouched
    assert workspace.calls == []


@pytest.mark.parametrize(
    "name",
    [
        "other_thread",
        "top_level",
        "direct_message",
        "thread_in_direct_message",
        "reaction",
    ],
)
async def test_what_is_not_the_desks_is_left_alone(
    events: DeskEvents, door: Door, workspace: Workspace, name: str
) -> None:
    assert not await take(events, EVENTS[name])
    assert door.untouched
    assert workspace.calls == []
    assert len(door.asked) == (name == "other_thread")


async def test_the_apps_own_posts_cost_no_question(events: DeskEvents, door: Door) -> None:
    assert await take(events, EVENTS["own_post"])
    assert door.asked == []


def test_a_mention_counts_once() -> None:
    """It comes as a message and as an ``app_mention``, which lacks the files."""
    assert words.read(EVENTS["app_mention"], TICKET, ME) is None


@pytest.mark.parametrize("name", ["forwarded", "invisible"])
async def test_a_message_with_nothing_to_pass_on(
    events: DeskEvents, door: Door, workspace: Workspace, name: str
) -> None:
    assert await take(events, EVENTS[name])
    assert door.untouched
    [(agent, thread, text)] = whispers(workspace)
    assert (agent, thread) == ("U0MEI", TICKET.id)
    assert "only text and files" in text


async def test_what_the_core_answers_is_whispered_into_the_thread(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    door.reply = Whisper(say=Say(name="desk.edited_too_late", params={"number": 1042}))
    assert await take(events, EVENTS["edited"])
    [(agent, thread, text)] = whispers(workspace)
    assert (agent, thread) == ("U0MEI", TICKET.id)
    assert text.startswith("The person has the first version already")


async def test_a_name_of_somebody_mentioned_is_no_condition(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    await events.take(EVENTS["file_share"])
    workspace.fail["users.info"] = [503]
    assert await take(events, EVENTS["reply"])
    assert door.words[1].text.startswith("Hi @U0TOM, see")


async def test_an_agent_whom_slack_does_not_know_keeps_the_id(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    workspace.names.clear()
    assert await take(events, EVENTS["note"])
    assert door.words[0].agent == Agent(id="U0MEI", name="U0MEI")


async def test_while_the_database_is_away_slack_must_come_again(events: DeskEvents, door: Door) -> None:
    door.away = True
    with pytest.raises(DatabaseAway):
        await events.take(EVENTS["reply"])
    with pytest.raises(DatabaseAway):
        await events.take(PRESSES["claim"])


async def test_while_slack_cannot_say_who_wrote_it_must_come_again(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    workspace.fail["conversations.members"] = [429]
    with pytest.raises(AuthorUnknown):
        await events.take(EVENTS["reply"])
    workspace.fail["users.info"] = [503]
    with pytest.raises(AuthorUnknown):
        await events.take(EVENTS["reply"])
    assert door.untouched
    assert await take(events, EVENTS["reply"])
    assert len(door.words) == 1


# --- who may speak ------------------------------------------------------------------------------------------


async def test_a_strangers_words_go_nowhere_and_the_stranger_is_told(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    assert await take(events, EVENTS["stranger"])
    assert door.untouched
    [(agent, thread, text)] = whispers(workspace)
    assert (agent, thread) == ("U0STRANGER", TICKET.id)
    assert "you're not in the support channel" in text


async def test_a_strangers_press_does_nothing(events: DeskEvents, door: Door, workspace: Workspace) -> None:
    assert await take(events, PRESSES["stranger"])
    assert door.untouched
    [(agent, thread, text)] = whispers(workspace)
    assert (agent, thread) == ("U0STRANGER", "")
    assert text.startswith("Nothing was done")


@pytest.mark.parametrize("body", [EVENTS["reply"], PRESSES["claim"]])
async def test_where_members_may_not_be_read_the_payload_is_kept(
    events: DeskEvents, door: Door, workspace: Workspace, body: dict[str, Any]
) -> None:
    workspace.fail["conversations.members"] = [{"ok": False, "error": "missing_scope"}]
    assert await take(events, body)
    [(payload, reason)] = door.kept
    assert json.loads(payload) == body
    assert "missing_scope" in reason
    assert "It is kept" in whispers(workspace)[0][2]


# --- buttons ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["claim", "release", "resolve", "reopen", "something-new"])
async def test_a_press_becomes_an_act(events: DeskEvents, door: Door, verb: str) -> None:
    assert await take(events, replaced(PRESSES["claim"], verb, "actions", "0", "action_id"))
    at = datetime(2026, 3, 1, 12, 1, 1, 123456, tzinfo=UTC)
    id = f"C0SUPPORT:{TICKET.id}:U0MEI:{verb}:1772366461.123456"
    assert door.acts == [AgentAct(id=id, verb=verb, ticket=1042, agent=MEI, at=at)]


async def test_what_the_core_answers_to_a_press_is_whispered_where_the_button_is(
    events: DeskEvents, door: Door, workspace: Workspace
) -> None:
    door.reply = Whisper(say=Say(name="desk.already_yours", params={"number": 1042}))
    await events.take(PRESSES["claim"])
    assert whispers(workspace) == [("U0MEI", "", "T-1042 is yours already.")]


@pytest.mark.parametrize("name", ["choice_of_an_end_user", "modal"])
async def test_other_presses_are_left_alone(events: DeskEvents, door: Door, name: str) -> None:
    assert not await take(events, PRESSES[name])
    assert door.untouched


# --- what can't be read -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        without(EVENTS["reply"], "event", "ts"),
        without(EVENTS["reply"], "event", "user"),
        replaced(EVENTS["reply"], "yesterday", "event", "ts"),
        replaced(EVENTS["reply"], ["U0MEI"], "event", "user"),
        replaced(EVENTS["file_share"], "photo", "event", "files"),
        replaced(EVENTS["edited"], "later", "event", "message", "edited", "ts"),
        without(EVENTS["deleted"], "event", "previous_message", "user"),
        without(PRESSES["claim"], "user"),
        without(PRESSES["claim"], "container"),
        without(PRESSES["claim"], "actions", "0", "action_ts"),
        without(PRESSES["claim"], "actions", "0", "action_id"),
        replaced(PRESSES["claim"], "ticket:", "actions", "0", "block_id"),
        replaced(PRESSES["claim"], "ticket:12345678901234567890", "actions", "0", "block_id"),
        replaced(PRESSES["claim"], "ticket:１", "actions", "0", "block_id"),
    ],
)
async def test_what_looks_like_the_desks_but_cannot_be_read_is_kept(
    events: DeskEvents, door: Door, body: dict[str, Any]
) -> None:
    assert await take(events, body)
    assert (door.words, door.acts) == ([], [])
    [(payload, reason)] = door.kept
    assert json.loads(payload) == body
    assert reason.startswith("slack: ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(["reply", "file_share", "edited", "deleted", "app_mention"]), data=st.data())
def test_no_shape_of_an_event_is_an_accident(name: str, data: st.DataObject) -> None:
    event = EVENTS[name]["event"]
    inner = next((part for part in ("message", "previous_message") if part in event), "")
    key = data.draw(st.sampled_from(sorted(event[inner] if inner else event)))
    path = ("event", inner, key) if inner else ("event", key)
    body = replaced(EVENTS[name], data.draw(json_values), *path)
    thread = words.thread_of(body)
    try:
        written = words.read(body, thread, ME) if thread else None
    except NotUnderstood:
        return
    assert written is None or written.as_words(MEI, {}).post


@given(key=st.sampled_from(sorted(PRESSES["claim"])), value=json_values)
def test_no_shape_of_a_press_is_an_accident(key: str, value: Any) -> None:
    body = replaced(PRESSES["claim"], value, key)
    try:
        presses = actions.presses(body) if actions.is_ours(body) else ()
    except NotUnderstood:
        return
    assert all(press.ticket == 1042 for press in presses)
