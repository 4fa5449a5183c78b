"""What follows from Slack's word about the desk, which events tell of a deleted card, how a look back is bounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bots.slack.api import Me
from bots.slack.checkup import of_departments
from bots.slack.desk import words
from bots.slack.desk.accidents import accident, deleted_card
from bots.slack.desk.lookback import LONGEST, MESSAGES, LookBack
from bots.slack.shapes import Body
from core.errors import ChannelGone, Closed, Rejected, RetryLater, ThreadGone
from core.messages import Thread
from tests.desk_workspace import NOW, Workspace, open_workspace

ME = Me(user_id="U0APP", bot_id="B0APP", team_id="T0TEAM")
CARD = Thread(channel="C0SUPPORT", id="1772366400.000100")
OURS = {"ts": CARD.id, "bot_id": "B0APP", "text": "T-1001"}
TOMBSTONE = {"subtype": "tombstone", "user": "USLACKBOT", "ts": CARD.id}


@pytest.mark.parametrize(
    ("code", "kind", "everywhere"),
    [
        ("message_not_found", ThreadGone, None),
        ("thread_not_found", ThreadGone, None),
        ("cant_update_message", ThreadGone, None),
        ("is_archived", ChannelGone, None),
        ("not_in_channel", Closed, False),
        ("channel_not_found", Closed, False),
        ("token_revoked", Closed, True),
        ("account_inactive", Closed, True),
        ("invalid_blocks", Rejected, None),
    ],
)
def test_what_follows_from_slacks_word(code: str, kind: type[Exception], everywhere: bool | None) -> None:
    found = accident(code, "do this")
    assert type(found) is kind
    assert str(found) == "do this"
    assert getattr(found, "everywhere", None) is everywhere


def event(subtype: str, **parts: Any) -> Body:
    return {"event": {"type": "message", "subtype": subtype, "channel": CARD.channel, **parts}}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (event("message_deleted", previous_message=OURS), CARD),
        (event("message_deleted", previous_message={**OURS, "thread_ts": CARD.id}), CARD),
        (event("message_changed", message=TOMBSTONE, previous_message=OURS), CARD),
        (event("message_changed", message=OURS, previous_message=OURS), None),
        (event("message_deleted", previous_message={**OURS, "thread_ts": "1.000000"}), None),
        (event("message_deleted", previous_message={**OURS, "bot_id": "B0OTHER"}), None),
        (event("message_deleted", previous_message={"ts": CARD.id, "user": "U0MEI"}), None),
        (event("message_deleted", previous_message="odd"), None),
        (event(""), None),
        ({"event": "odd"}, None),
        ({}, None),
    ],
)
def test_only_our_own_message_at_the_head_of_a_thread_is_a_deleted_card(
    body: Body, found: Thread | None
) -> None:
    assert deleted_card(body, ME) == found


def test_a_shared_email_is_no_agents_word() -> None:
    mail = {
        "id": "F1",
        "mode": "email",
        "filetype": "email",
        "name": "Re: order",
        "url_private": "https://x.example",
    }
    said = {"type": "message", "user": "U0MEI", "ts": "1772366500.000100", "thread_ts": CARD.id, "text": ""}
    read = words.read({"team_id": "T0TEAM", "event": {**said, "files": [mail]}}, CARD, ME)
    assert read is not None
    assert read.is_empty, "its sender hears that nothing was sent"
    by_the_app = {**said, "user": "USLACKBOT", "text": "From: a customer", "files": [mail]}
    assert words.read({"team_id": "T0TEAM", "event": by_the_app}, CARD, ME) is None


@dataclass
class Missed:
    """What a look back brings."""

    taken: list[Any] = field(default_factory=list)
    gone: list[Thread] = field(default_factory=list)
    have: frozenset[str] = frozenset()

    async def threads(self, most: int) -> Sequence[Thread]:
        return [CARD, Thread(channel=CARD.channel, id="1772366401.000100")]

    async def known(self, posts: Collection[str]) -> frozenset[str]:
        return self.have & frozenset(posts)

    async def take(self, body: Body) -> None:
        self.taken.append(body["event"])

    async def lost(self, thread: Thread) -> None:
        self.gone.append(thread)


def post(workspace: Workspace, seconds: float, **parts: Any) -> str:
    ts = f"{(NOW + timedelta(seconds=seconds)).timestamp():.6f}"
    workspace.messages[ts] = {"ts": ts, "user": "U0MEI", "text": "x", "thread_ts": CARD.id, **parts}
    return ts


async def test_a_look_back_takes_what_is_new_and_what_was_edited_meanwhile() -> None:
    async with open_workspace() as (workspace, api):
        missed = Missed()
        workspace.messages[CARD.id] = {"ts": CARD.id, **OURS}
        at = f"{(NOW + timedelta(seconds=300)).timestamp():.6f}"
        known = post(workspace, 10)
        edited = post(workspace, 20, edited={"user": "U0MEI", "ts": at})
        new = post(workspace, 30, edited={"user": "U0MEI", "ts": at})
        missed.have = frozenset({known, edited})
        look = LookBack(
            api=api, since=NOW, threads=missed.threads, known=missed.known, take=missed.take, gone=missed.lost,
            clock=lambda: NOW + timedelta(hours=1),
        )  # fmt: skip
        workspace.fail["conversations.replies"] = [429]
        with pytest.raises(RetryLater):
            await look.look()
        await look.look()
        told = [(one.get("subtype", ""), one.get("message", one)["ts"]) for one in missed.taken]
        assert told == [("message_changed", edited), ("", new)]
        assert {one["channel"] for one in missed.taken} == {CARD.channel}
        assert missed.gone == [Thread(channel=CARD.channel, id="1772366401.000100")]
        asked = workspace.called("conversations.replies")
        assert [one["limit"] for one in asked] == [str(MESSAGES)] * 3


async def test_a_look_back_goes_no_further_than_a_few_days() -> None:
    async with open_workspace() as (workspace, api):
        missed = Missed()
        workspace.messages[CARD.id] = {"ts": CARD.id, **TOMBSTONE}
        old, new = post(workspace, 10), post(workspace, LONGEST.total_seconds())
        look = LookBack(
            api=api, since=NOW, threads=missed.threads, known=missed.known, take=missed.take, gone=missed.lost,
            clock=lambda: NOW + LONGEST + timedelta(hours=1),
        )  # fmt: skip
        await look.look()
        assert [one["ts"] for one in missed.taken] == [new]
        assert old not in {one["ts"] for one in missed.taken}
        assert CARD in missed.gone, "its card was deleted meanwhile"


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        ({"channel": {"is_archived": True}}, "routing.yaml"),
        ({"channel": {"is_member": False}}, "/invite"),
        ({"ok": False, "error": "channel_not_found"}, "routing.yaml"),
        ({"channel": {"is_member": True}}, ""),
    ],
)
async def test_the_doctor_looks_at_departments_channels(answer: dict[str, Any], step: str) -> None:
    async with open_workspace() as (workspace, api):
        workspace.fail["conversations.info"] = [answer]
        found = await of_departments(api, ["C0BILLING"])
        assert [finding.ok for finding in found] == ([False] if step else [])
        assert all(step in finding.next_step and "C0BILLING" in finding.what for finding in found)
