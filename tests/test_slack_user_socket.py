"""Socket Mode against a local websocket: an envelope is acknowledged once its turn is durable, and not before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bots.slack.app import SlackPlatform
from core.errors import Rejected, RetryLater
from tests.slack_web import NOW, Desk, FakeSlack, Users, message, slack_at_work


@dataclass
class Line:
    """An open Socket Mode connection, seen from Slack's end."""

    slack: FakeSlack
    users: Users
    desk: Desk
    platform: SlackPlatform

    async def send(self, id: str, payload: Any, kind: str = "events_api") -> None:
        envelope = {"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": False}
        await self.slack.sockets[-1].send_json(envelope)

    async def ack(self) -> str:
        return await asyncio.wait_for(self.slack.acks.get(), 5)


@asynccontextmanager
async def a_line() -> AsyncIterator[Line]:
    async with slack_at_work(secret="", app_token="xapp-1") as (slack, api, settings):
        users, desk = Users(), Desk()
        platform = SlackPlatform(settings, api, users, desk, lambda: NOW)
        await platform.open()
        await asyncio.wait_for(slack.connected.wait(), 5)
        try:
            yield Line(slack=slack, users=users, desk=desk, platform=platform)
        finally:
            await platform.close()


async def test_an_acknowledgement_waits_for_the_commit() -> None:
    async with a_line() as line:
        line.users.gate = asyncio.Event()
        await line.send("e1", message("held"))
        await asyncio.wait_for(line.users.began.wait(), 5)
        await line.send("e2", message("to the desk", channel="C0SUPPORT"))
        assert await line.ack() == "e2"
        assert line.slack.acks.empty()
        line.users.gate.set()
        assert await line.ack() == "e1"
        assert [event.text for event in line.users.events] == ["held"]


async def test_what_was_not_committed_is_not_acknowledged() -> None:
    async with a_line() as line:
        line.users.away = True
        await line.send("lost", message())
        await asyncio.wait_for(line.users.began.wait(), 5)
        line.users.away = False
        await line.send("again", message())
        assert await line.ack() == "again"
        assert line.slack.acks.empty()


async def test_buttons_and_commands_come_the_same_way() -> None:
    async with a_line() as line:
        command = {"command": "/support", "text": "hi", "user_id": "U1", "team_id": "T1", "trigger_id": "1.2"}
        await line.send("e1", command, "slash_commands")
        assert await line.ack() == "e1"
        assert [event.text for event in line.users.events] == ["hi"]


@pytest.mark.parametrize("payload", [{}, {"type": "event_callback", "authorizations": 7}])
async def test_what_is_not_understood_is_kept_and_acknowledged(payload: Any) -> None:
    async with a_line() as line:
        await line.send("odd", payload)
        assert await line.ack() == "odd"
        assert len(line.users.kept) == 1


async def test_closing_finishes_what_is_in_hand() -> None:
    async with a_line() as line:
        line.users.gate = asyncio.Event()
        await line.send("e1", message("held"))
        await asyncio.wait_for(line.users.began.wait(), 5)
        closing = asyncio.ensure_future(line.platform.close())
        await asyncio.sleep(0)
        line.users.gate.set()
        assert await line.ack() == "e1"
        await closing
        assert len(line.users.events) == 1


async def test_a_wrong_app_token_is_told_at_once() -> None:
    async with slack_at_work(secret="", app_token="xapp-wrong") as (slack, api, settings):
        slack.script["apps.connections.open"] = [{"error": "invalid_auth"}]
        with pytest.raises(Rejected, match="invalid_auth"):
            await SlackPlatform(settings, api, Users(), Desk(), lambda: NOW).open()


async def test_slack_is_away_at_the_start() -> None:
    async with slack_at_work(secret="", app_token="xapp-1") as (slack, api, settings):
        slack.script["auth.test"] = ["hang up", "hang up"]
        with pytest.raises(RetryLater):
            await SlackPlatform(settings, api, Users(), Desk(), lambda: NOW).open()
