"""A small Slack workspace on loopback: what the desk's tests need of the Web API, with a record of every call."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bots.slack.api import SlackApi
from bots.slack.settings import SlackSettings
from core.conversation.texts import LANGUAGES, Texts, read
from core.messages import Say

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUPPORT = "C0SUPPORT"
Answer = Mapping[str, Any]


@cache
def shipped_texts() -> Texts:
    folder = ROOT / "config" / "texts"
    return read({path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))})


def in_language(language: str) -> Callable[[Say], str]:
    texts = shipped_texts()
    assert language in LANGUAGES
    return lambda say: texts.render(say, language)


@dataclass
class Workspace:
    """``lose`` are methods whose next answer gets lost after the work was done; ``fail`` what they say instead."""

    url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: list[str] = field(default_factory=lambda: ["U0MEI", "U0APP"])
    groups: dict[str, list[str]] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    """What came to the addresses by which ephemerals are exchanged."""
    names: dict[str, str] = field(default_factory=lambda: {"U0MEI": "Mei", "U0TOM": "Tom"})
    files: dict[str, bytes] = field(default_factory=dict)
    shared: dict[str, dict[str, Any]] = field(default_factory=dict)
    reactions: set[tuple[str, str]] = field(default_factory=set)
    lose: list[str] = field(default_factory=list)
    fail: dict[str, list[Answer | int]] = field(default_factory=dict)
    page: int = 100
    unthread: bool = False

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def methods(self) -> list[str]:
        return [name for name, _ in self.calls]

    # --- what the methods do --------------------------------------------------------------------------------

    def answer(self, method: str, said: dict[str, Any]) -> Answer:
        work: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "auth.test": lambda _: {"user_id": "U0APP", "bot_id": "B0APP", "team_id": "T0TEAM"},
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": lambda _: {"message_ts": "1.000000"},
            "reactions.add": self._add,
            "reactions.remove": self._remove,
            "conversations.history": lambda said: self._list(said, None),
            "conversations.replies": lambda said: self._list(said, said["ts"]),
            "conversations.members": self._members,
            "users.info": self._user,
            "usergroups.users.list": self._group,
            "views.open": lambda said: {"view": {"id": "V0OPEN"}},
            "views.update": lambda said: {"view": {"id": said["view_id"]}},
            "views.publish": lambda said: {"view": {"id": "V0HOME"}},
            "files.getUploadURLExternal": self._place,
            "files.completeUploadExternal": self._share,
            "files.info": self._file,
        }
        return work[method](said)

    def _post(self, said: dict[str, Any]) -> Answer:
        ts = f"{1772366400 + len(self.messages)}.000100"
        message = {"ts": ts, **said}
        if self.unthread:
            message.pop("thread_ts")
        self.messages[ts] = message
        return {"channel": said["channel"], "ts": ts, "message": message}

    def _update(self, said: dict[str, Any]) -> Answer:
        if said["ts"] not in self.messages:
            return {"ok": False, "error": "message_not_found"}
        self.messages[said["ts"]] |= said
        return {"ts": said["ts"]}

    def _delete(self, said: dict[str, Any]) -> Answer:
        del self.messages[said["ts"]]
        return {}

    def _add(self, said: dict[str, Any]) -> Answer:
        mark = (said["timestamp"], said["name"])
        if mark in self.reactions:
            return {"ok": False, "error": "already_reacted"}
        self.reactions.add(mark)
        return {}

    def _remove(self, said: dict[str, Any]) -> Answer:
        mark = (said["timestamp"], said["name"])
        if mark not in self.reactions:
            return {"ok": False, "error": "no_reaction"}
        self.reactions.remove(mark)
        return {}

    def _list(self, said: dict[str, Any], thread: str | None) -> Answer:
        if thread and thread not in self.messages:
            return {"ok": False, "error": "thread_not_found"}
        inside = [m for m in self.messages.values() if m.get("thread_ts") == thread or m["ts"] == thread]
        shown = inside if said.get("include_all_metadata") else [m | {"metadata": None} for m in inside]
        at = int(said.get("cursor") or 0)
        following = str(at + self.page) if at + self.page < len(shown) else ""
        page = shown[at : at + self.page]
        return {"messages": page, "response_metadata": {"next_cursor": following}}

    def _members(self, said: dict[str, Any]) -> Answer:
        at = int(said.get("cursor") or 0)
        following = str(at + self.page) if at + self.page < len(self.members) else ""
        page = self.members[at : at + self.page]
        return {"members": page, "response_metadata": {"next_cursor": following}}

    def _user(self, said: dict[str, Any]) -> Answer:
        if said["user"] not in self.names:
            return {"ok": False, "error": "user_not_found"}
        profile = {"display_name": self.names[said["user"]], "email": self.emails.get(said["user"], "")}
        return {"user": {"id": said["user"], "profile": profile}}

    def _group(self, said: dict[str, Any]) -> Answer:
        if said["usergroup"] not in self.groups:
            return {"ok": False, "error": "no_such_subteam"}
        return {"users": self.groups[said["usergroup"]]}

    def _place(self, said: dict[str, Any]) -> Answer:
        id = f"F{len(self.files)}"
        self.files[id] = b""
        return {"file_id": id, "upload_url": f"{self.url}/put/{id}"}

    def _share(self, said: dict[str, Any]) -> Answer:
        self.shared[said["files"][0]["id"]] = said
        return {"files": said["files"]}

    def _file(self, said: dict[str, Any]) -> Answer:
        if said["file"] not in self.files:
            return {"ok": False, "error": "file_not_found"}
        channels = [self.shared[said["file"]]["channel_id"]] if said["file"] in self.shared else []
        return {
            "file": {
                "id": said["file"],
                "channels": channels,
                "url_private": f"{self.url}/get/{said['file']}",
            }
        }

    # --- HTTP -----------------------------------------------------------------------------------------------

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        said = await _arguments(request)
        self.calls.append((method, said))
        wrong = self.fail.get(method)
        answer: Answer | int = wrong.pop(0) if wrong else self.answer(method, said)
        if isinstance(answer, int):
            return web.Response(status=answer, headers={"Retry-After": "7"})
        if method in self.lose:
            self.lose.remove(method)
            assert request.transport
            request.transport.abort()
        return web.json_response({"ok": True, **answer})

    async def answered(self, request: web.Request) -> web.Response:
        self.answers.append(await request.json())
        return web.Response(text="ok")

    async def put(self, request: web.Request) -> web.Response:
        self.files[request.match_info["id"]] = await request.read()
        return web.Response(text="OK")

    async def get(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["id"]], content_type="image/png")


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        said: dict[str, Any] = await request.json()
        return said
    form = dict(await request.post()) | dict(request.query)
    return {key: json.loads(str(value)) if str(value)[:1] in "[{" else value for key, value in form.items()}


@asynccontextmanager
async def open_workspace() -> AsyncIterator[tuple[Workspace, SlackApi]]:
    """A running workspace and the real API client that talks to it."""
    workspace = Workspace()
    app = web.Application(client_max_size=2**24)
    app.add_routes(
        [
            web.post("/api/{method}", workspace.call),
            web.get("/api/{method}", workspace.call),
            web.post("/put/{id}", workspace.put),
            web.post("/answer", workspace.answered),
            web.get("/get/{id}", workspace.get),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    workspace.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = SlackSettings(
        bot_token=SecretStr("xoxb-test"),
        signing_secret=SecretStr("secret"),
        api_base=workspace.url,
        support_channel=SUPPORT,
    )
    async with aiohttp.ClientSession() as http:
        api = SlackApi(settings, http)
        await api.identify()
        workspace.calls.clear()
        yield workspace, api
    await runner.cleanup()
