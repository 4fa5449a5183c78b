"""A small server that plays Telegram's Bot API, and a door that remembers: for the tests of the Telegram adapter."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bots.telegram.channel import TelegramChannel
from bots.telegram.settings import TelegramAccount
from core.errors import DatabaseAway
from core.messages import Inbound, Receipt

TOKEN = "100001:test-token-of-nobody"
SECRET = "test-secret_1"
WEBHOOK_ERROR = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
Json = dict[str, Any]


def payloads(name: str) -> dict[str, Json]:
    file = Path(__file__).parent / "payloads" / f"telegram_{name}.json"
    updates: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    assert len(updates) > 10
    return updates


def account(api_base: str, **given: Any) -> TelegramAccount:
    known = {"account": "shop", "token": SecretStr(TOKEN), "secret": SecretStr(SECRET), "api_base": api_base}
    return TelegramAccount(**{**known, **given})


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call: form fields as they came (JSON where Telegram takes JSON), and the files."""

    method: str
    fields: dict[str, str]
    files: dict[str, Upload]


@dataclass(frozen=True, slots=True)
class Fault:
    """How the next call fails; status 0 hangs up, after doing it or (``done`` False) before."""

    status: int
    description: str = ""
    parameters: Json = field(default_factory=dict)
    body: str = ""
    done: bool = False


@dataclass
class BotApi:
    """What the server was told, and what it shall answer. ``changed`` wakes whoever waits for a condition."""

    calls: list[Call] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    updates: list[Json] = field(default_factory=list)
    webhook: Json = field(default_factory=lambda: {"url": ""})
    pending: int = 0
    username: str = "Shop_Bot"
    files: dict[str, bytes] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    hanging: int = 0
    empty_answers: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    url: str = ""

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults[method].extend(faults)

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    @property
    def methods(self) -> list[str]:
        return [call.method for call in self.calls]

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(condition)

    async def tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def push(self, *updates: Json) -> None:
        self.updates.extend(updates)
        await self.tell()

    async def called(self, request: web.Request) -> web.StreamResponse:
        call = await _read(request)
        self.calls.append(call)
        await self.tell()
        if request.match_info["token"] != TOKEN:
            return _failed(Fault(401, "Unauthorized"))
        fault = self.faults[call.method].pop(0) if self.faults[call.method] else None
        if fault and not fault.done:
            return _failed(fault, request)
        result = await self._done(call)
        return _failed(fault, request) if fault else web.json_response({"ok": True, "result": result})

    async def _done(self, call: Call) -> Any:
        own = getattr(self, f"_{call.method}", None)
        if own:
            return await own(call)
        return _message(call) if call.method.startswith("send") and call.method != "sendChatAction" else True

    async def _getMe(self, _: Call) -> Json:
        return {"id": 100001, "is_bot": True, "first_name": "Shop", "username": self.username}

    async def _getWebhookInfo(self, _: Call) -> Json:
        return {"has_custom_certificate": False, "pending_update_count": self.pending, **self.webhook}

    async def _setWebhook(self, call: Call) -> bool:
        self.webhook = {
            "url": call.fields["url"],
            "allowed_updates": json.loads(call.fields["allowed_updates"]),
        }
        return True

    async def _deleteWebhook(self, _: Call) -> bool:
        self.webhook = {"url": ""}
        return True

    async def _getUpdates(self, call: Call) -> list[Json]:
        offset = int(call.fields.get("offset", 0))
        self.updates = [update for update in self.updates if update.get("update_id", 0) >= offset]
        if not self.updates:
            await self._hang()
        return self.updates[: int(call.fields.get("limit", 100))]

    async def _hang(self) -> None:
        self.hanging += 1
        await self.tell()
        try:
            async with self.changed:
                await self.changed.wait_for(lambda: self.updates or self.empty_answers)
                self.empty_answers = max(0, self.empty_answers - 1)
        finally:
            self.hanging -= 1

    async def _sendMediaGroup(self, call: Call) -> list[Json]:
        return [_message(call, 800 + at) for at, _ in enumerate(json.loads(call.fields["media"]))]

    async def _getFile(self, call: Call) -> Json:
        path = call.fields["file_id"]
        return {"file_id": path, "file_unique_id": "u", "file_path": path}

    async def _getMyCommands(self, call: Call) -> list[Json]:
        return self.commands.get(call.fields.get("language_code", ""), [])

    async def _setMyCommands(self, call: Call) -> bool:
        self.commands[call.fields.get("language_code", "")] = json.loads(call.fields["commands"])
        return True

    async def served(self, request: web.Request) -> web.Response:
        self.calls.append(Call("file", {}, {}))
        if self.faults["file"]:
            return _failed(self.faults["file"].pop(0))
        data = self.files.get(request.match_info["path"])
        return web.Response(body=data) if data is not None else _failed(Fault(404, "Not Found"))


async def _read(request: web.Request) -> Call:
    fields, files = dict[str, str](), dict[str, Upload]()
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            fields[name] = str(value)
    return Call(request.match_info["method"], fields, files)


def _failed(fault: Fault, request: web.Request | None = None) -> web.Response:
    if request and not fault.status:
        assert request.transport
        request.transport.close()
    if fault.body:
        return web.Response(status=fault.status, text=fault.body)
    answer: Json = {"ok": False, "error_code": fault.status, "description": fault.description}
    return web.json_response(
        answer | ({"parameters": fault.parameters} if fault.parameters else {}), status=fault.status or 200
    )


def _message(call: Call, number: int = 700) -> Json:
    chat = {"id": int(call.fields["chat_id"]), "type": "private", "first_name": "Li"}
    return {"message_id": number, "date": 1718000000, "chat": chat, "text": call.fields.get("text", "")}


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    api = BotApi()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes(
        [
            web.post("/bot{token:[^/]+}/{method}", api.called),
            web.get("/file/bot{token:[^/]+}/{path:.+}", api.served),
        ]
    )
    async with TestServer(app, handler_cancellation=True) as server:
        api.url = str(server.make_url("")).rstrip("/")
        yield api


@asynccontextmanager
async def channel_to(api_base: str, public_url: str = "", **given: Any) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(account(api_base, **given), public_url)
    try:
        yield channel
    finally:
        await channel.close()


@dataclass
class Door:
    """A door for people's events; ``away`` counts how often the database is still away for an event's id.

    ``asked`` holds what came in, ``taken`` what was committed; between the two stands the ``gate``, if there is one.
    """

    asked: list[Inbound] = field(default_factory=list)
    taken: list[Inbound] = field(default_factory=list)
    quarantined: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    away: dict[str, int] = field(default_factory=dict)
    working: bool = False
    gate: asyncio.Event | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def said(self, event: Inbound) -> Receipt:
        if self.away.get(event.id, 0):
            self.away[event.id] -= 1
            raise DatabaseAway("gone")
        self.asked.append(event)
        await self._tell()
        if self.gate:
            await self.gate.wait()
        self.taken.append(event)
        await self._tell()
        return Receipt(event=event.id, working=self.working)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(condition)

    async def replied(self, receipt: Receipt) -> None:
        raise AssertionError("Telegram has no passive reply")

    async def late_reply(self, receipt: Receipt, wait: timedelta) -> Receipt:
        raise AssertionError("Telegram has no passive reply")

    async def quarantine(self, platform: str, account: str, payload: bytes, reason: str) -> None:
        if self.away.get("quarantine", 0):
            self.away["quarantine"] -= 1
            raise DatabaseAway("gone")
        self.quarantined.append((platform, account, payload, reason))
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()
