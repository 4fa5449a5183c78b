"""Slack over signed HTTP: what is let in, what is refused, and that nothing is acknowledged before it is durable."""

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.app import SlackPlatform
from bots.slack.webhook import Unreadable, read_body
from bots.web import BODY_LIMIT, Readiness, make_web
from core.metrics import Metrics
from tests.slack_web import NOW, Desk, FakeSlack, Users, message, signed, slack_at_work

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass
class World:
    """The platform behind the real web application, with doors that only listen."""

    client: Any
    users: Users
    desk: Desk
    slack: FakeSlack

    async def post(
        self, body: Any, kind: str = JSON, headers: dict[str, str] | None = None, retry: int = 0
    ) -> ClientResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        all_headers = (signed(raw) if headers is None else headers) | {"Content-Type": kind}
        if retry:
            all_headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        answer: ClientResponse = await self.client.post(
            "/slack/events", data=io.BytesIO(raw), headers=all_headers
        )
        return answer


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    async with slack_at_work() as (slack, api, settings):
        users, desk = Users(), Desk()
        platform = SlackPlatform(settings, api, users, desk, lambda: NOW)
        await platform.open()
        app = make_web(platform.routes(), Readiness(), Metrics())
        async with TestClient(TestServer(app)) as client:
            yield World(client=client, users=users, desk=desk, slack=slack)
        await platform.close()


async def test_a_message_is_taken_in(world: World) -> None:
    answer = await world.post(message("怎么退货"))
    assert answer.status == 200
    (event,) = world.users.events
    assert (event.kind, event.text, event.name, event.language) == ("said", "怎么退货", "Lin", "zh-CN")
    assert event.sender.chat == "D1"


async def test_the_address_is_verified(world: World) -> None:
    challenge = {"type": "url_verification", "challenge": "3eZbrw1aB", "token": "unused"}
    answer = await world.post(challenge)
    assert (answer.status, await answer.json()) == (200, {"challenge": "3eZbrw1aB"})
    assert (await world.post(challenge, headers={})).status == 401


async def test_the_desk_comes_first(world: World) -> None:
    body = message("<@UBOT> on it", channel="C0SUPPORT", channel_type="channel")
    assert (await world.post(body)).status == 200
    assert world.desk.taken == [body]
    assert world.users.events == []


async def test_a_repeat_is_taken_in_like_the_first(world: World) -> None:
    assert (await world.post(message(), retry=1)).status == 200
    assert len(world.users.events) == 1


async def test_buttons_and_commands_come_as_forms(world: World) -> None:
    press = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "container": {"channel_id": "D1", "message_ts": "1772443700.000100"},
        "actions": [{"action_id": "choose:1", "value": "faq:a", "action_ts": "1772443800.000100"}],
    }
    assert (await world.post(urlencode({"payload": json.dumps(press)}).encode(), FORM)).status == 200
    command = {
        "command": "/support",
        "text": "payload of my parcel",
        "user_id": "U1",
        "team_id": "T1",
        "trigger_id": "1.2",
    }
    answer = await world.post(urlencode(command).encode(), FORM)
    assert (answer.status, await answer.text()) == (200, "")
    assert [(event.kind, event.choice, event.text) for event in world.users.events] == [
        ("chose", "faq:a", ""),
        ("said", "", "payload of my parcel"),
    ]


async def test_a_name_that_slack_does_not_tell_costs_nothing(world: World) -> None:
    world.slack.script["users.info"] = [{"error": "user_not_found"}]
    assert (await world.post(message())).status == 200
    assert [event.name for event in world.users.events] == [""]


FORGED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "none": lambda _: {},
    "another secret": lambda body: signed(body, secret="guessed"),
    "another body": lambda body: signed(body + b" "),
    "no timestamp": lambda body: {"X-Slack-Signature": signed(body)["X-Slack-Signature"]},
    "no signature": lambda body: {"X-Slack-Request-Timestamp": signed(body)["X-Slack-Request-Timestamp"]},
    "too old": lambda body: signed(body, NOW - timedelta(seconds=301)),
    "from the future": lambda body: signed(body, NOW + timedelta(seconds=301)),
    "timestamp in words": lambda body: signed(body) | {"X-Slack-Request-Timestamp": "now"},
    "timestamp in other digits": lambda body: (
        signed(body) | {"X-Slack-Request-Timestamp": "１７７２４４３８００"}
    ),
    "endless timestamp": lambda body: signed(body) | {"X-Slack-Request-Timestamp": "1" * 5000},
    "signature in no ASCII": lambda body: signed(body) | {"X-Slack-Signature": "v0=é"},
}


@pytest.mark.parametrize("how", sorted(FORGED))
async def test_forged(world: World, how: str) -> None:
    raw = json.dumps(message()).encode()
    assert (await world.post(raw, headers=FORGED[how](raw))).status == 401
    assert world.users.events == []
    assert world.users.kept == []


@pytest.mark.parametrize("seconds", [-300, 300])
async def test_clocks_may_differ(world: World, seconds: int) -> None:
    raw = json.dumps(message()).encode()
    answer = await world.post(raw, headers=signed(raw, NOW + timedelta(seconds=seconds)))
    assert answer.status == 200


UNREADABLE = [
    (b"", JSON),
    (b"hello", JSON),
    (b'{"type": ', JSON),
    (b"[" * 100_000, JSON),
    (b"\xff\xfe", JSON),
    (b"<xml/>", "text/xml"),
    (b"payload=%7B", FORM),
    (b"hello", FORM),
    (b"", FORM),
    (b"&".join(b"a=b" for _ in range(200)), FORM),
]


@pytest.mark.parametrize(("raw", "kind"), UNREADABLE)
async def test_unreadable(world: World, raw: bytes, kind: str) -> None:
    assert (await world.post(raw, kind)).status == 400
    assert world.users.kept == []


NOT_UNDERSTOOD: list[Any] = [
    {},
    [],
    7,
    "hello",
    None,
    {"type": "something_new"},
    {"type": "event_callback"},
    {"type": "event_callback", "event": "message"},
    {"type": "event_callback", "event": {"type": "message", "channel": "D1"}},
    {"type": "event_callback", "event": [], "authorizations": [7]},
    {"type": "event_callback", "event": {"type": "message"}, "authorizations": 7, "enterprise": 9, "team": 3},
    {"type": "event_callback", "team": 5, "user": 6, "channel": 7, "response_urls": 8},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": [None]},
    {"type": ["event_callback"]},
    {"command": "/x", "user_id": "<script>"},
]


@pytest.mark.parametrize("body", NOT_UNDERSTOOD, ids=lambda body: json.dumps(body)[:50])
async def test_signed_but_not_understood_is_kept(world: World, body: Any) -> None:
    assert (await world.post(body)).status == 200
    ((payload, reason),) = world.users.kept
    assert json.loads(payload) == body
    assert reason
    assert world.users.events == []


async def test_an_event_that_slack_adds_one_day_is_noise(world: World) -> None:
    body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "brand_new"}}
    assert (await world.post(body)).status == 200
    assert world.users.kept == []


async def test_a_failure_of_ours_keeps_the_payload(world: World) -> None:
    world.desk.breaks = KeyError("user")
    assert (await world.post(message())).status == 200
    assert [reason for _, reason in world.users.kept] == ["KeyError"]


@pytest.mark.parametrize("body", [message(), {"type": "event_callback"}, []])
async def test_without_a_database_slack_comes_again(world: World, body: Any) -> None:
    world.users.away = True
    answer = await world.post(body)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    world.users.away = False
    assert (await world.post(body)).status == 200
    assert len(world.users.events) + len(world.users.kept) == 1


async def test_too_large(world: World) -> None:
    assert (await world.post(b" " * (BODY_LIMIT + 1))).status == 413


async def test_nothing_unsigned_is_answered(world: World) -> None:
    assert (await world.post(b"ssl_check=1&token=x", FORM, headers={})).status == 401
    assert (await world.post(b"ssl_check=1&token=x", FORM)).status == 200
    assert world.users.kept == []


async def test_without_a_signing_secret_there_is_no_webhook() -> None:
    async with slack_at_work(secret="", app_token="xapp-1") as (_, api, settings):
        assert SlackPlatform(settings, api, Users(), Desk(), lambda: NOW).routes() == []


@given(
    st.text() | st.binary().map(lambda raw: raw.decode("latin-1")),
    st.sampled_from([JSON, FORM, "text/plain"]),
)
def test_reading_ends_in_a_body_or_a_refusal(text: str, kind: str) -> None:
    try:
        body = read_body(text, kind)
    except Unreadable:
        return
    assert json.dumps(body) or body is None
