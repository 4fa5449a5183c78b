"""A small Slack to test against: its Web API, file host and Socket Mode on loopback, and doors that only listen."""

import asyncio
import hmac
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bots.slack.api import SlackApi
from bots.slack.settings import SlackSettings
from core.errors import DatabaseAway
from core.messages import Inbound, Receipt

SECRET = "the-signing-secret"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

Answer = Mapping[str, Any] | web.StreamResponse | str
"""JSON, a whole response, "hang up" (the answer is lost) or "silence" (it never comes)."""


@dataclass
class FakeSlack:
    """``script`` gives a method's next answers; then it answers as a healthy Slack would."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    script: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    paths: dict[str, Callable[[web.Request], web.StreamResponse]] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    """Paths outside the Web API, with the Authorization they came with."""
    uploads: list[bytes] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    acks: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    base: str = ""

    def of(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket", self._socket)
        app.router.add_route("*", "/{path:.*}", self._file)
        return app

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append((method, await _arguments(request)))
        answer: Answer = self.script[method].pop(0) if self.script[method] else self._healthy(method)
        if answer == "hang up":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if answer == "silence":
            await asyncio.Event().wait()
        if isinstance(answer, web.StreamResponse):
            return answer
        assert isinstance(answer, Mapping)
        return web.json_response(
            {"ok": "error" not in answer, **answer}, headers={"X-OAuth-Scopes": "chat:write,im:write"}
        )

    def _healthy(self, method: str) -> Mapping[str, Any]:
        answers: Mapping[str, Mapping[str, Any]] = {
            "auth.test": {
                "user_id": "UBOT",
                "bot_id": "BBOT",
                "team_id": "T1",
                "url": "https://shop.slack.com/",
            },
            "chat.postMessage": {"ts": f"1700000000.{len(self.calls):06}", "channel": "D1"},
            "files.getUploadURLExternal": {"upload_url": f"{self.base}/upload/F9", "file_id": "F9"},
            "files.completeUploadExternal": {"files": [{"id": "F9"}]},
            "users.info": {"user": {"id": "U1", "locale": "zh-CN", "profile": {"display_name": "Lin"}}},
            "apps.connections.open": {"url": self.base.replace("http", "ws") + "/socket"},
            "conversations.open": {"channel": {"id": "D7"}},
            "conversations.info": {"channel": {"id": "C0SUPPORT", "is_member": True}},
        }
        return answers.get(method, {})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.path, request.headers.get("Authorization", "")))
        if request.path in self.paths:
            return self.paths[request.path](request)
        self.uploads.append(await request.read())
        return web.Response(text="OK")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acks.put_nowait(json.loads(message.data)["envelope_id"])
        return socket


async def _arguments(request: web.Request) -> dict[str, Any]:
    raw = await request.text()
    if request.content_type == "application/json":
        return dict(json.loads(raw))
    return dict(request.query) | dict(parse_qsl(raw))


@asynccontextmanager
async def slack_at_work(
    *, secret: str = SECRET, app_token: str = "", patience: float = 5
) -> AsyncIterator[tuple[FakeSlack, SlackApi, SlackSettings]]:
    """``patience``: seconds that the API's session waits for an answer."""
    fake = FakeSlack()
    timeout = aiohttp.ClientTimeout(total=patience)
    async with TestServer(fake.app()) as server, aiohttp.ClientSession(timeout=timeout) as http:
        fake.base = str(server.make_url("")).rstrip("/")
        settings = SlackSettings(
            bot_token=SecretStr("xoxb-secret"),
            signing_secret=SecretStr(secret),
            app_token=SecretStr(app_token),
            api_base=fake.base,
            support_channel="C0SUPPORT",
        )
        yield fake, SlackApi(settings, http), settings


class Users:
    """A UserDoor: ``away`` plays a lost database, ``gate`` (when set up) holds a turn until it is opened."""

    def __init__(self) -> None:
        self.events: list[Inbound] = []
        self.kept: list[tuple[bytes, str]] = []
        self.away = False
        self.gate: asyncio.Event | None = None
        self.began = asyncio.Event()

    async def said(self, event: Inbound) -> Receipt:
        self.began.set()
        if self.gate:
            await self.gate.wait()
        if self.away:
            raise DatabaseAway
        self.events.append(event)
        return Receipt()

    async def replied(self, receipt: Receipt) -> None:
        raise AssertionError("Slack has no passive replies")

    async def late_reply(self, receipt: Receipt, wait: timedelta) -> Receipt:
        raise AssertionError("Slack has no passive replies")

    async def quarantine(self, platform: str, account: str, payload: bytes, reason: str) -> None:
        if self.away:
            raise DatabaseAway
        assert (platform, account) == ("slack", "slack")
        self.kept.append((payload, reason))


class Desk:
    """The desk's side: takes what its ``channel`` says, and ``breaks`` on what it is told to."""

    def __init__(self, channel: str = "C0SUPPORT") -> None:
        self.channel = channel
        self.taken: list[Mapping[str, Any]] = []
        self.breaks: Exception | None = None

    async def take(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if self.breaks:
            raise self.breaks
        event = body.get("event")
        if isinstance(event, Mapping) and event.get("channel") == self.channel:
            self.taken.append(body)
            return {}
        return None

    async def close(self) -> None:
        """Nothing is in hand."""


def message(text: str = "怎么退货", **more: Any) -> dict[str, Any]:
    """An event as Slack posts it: somebody wrote to the app directly."""
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": text}
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event": {**event, "ts": "1772443800.000100", **more},
    }


def signed(body: bytes, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    """Slack's headers, computed from its documentation and not with the code under test."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, "sha256").hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
