"""A small server that plays WeChat's API: it remembers its calls and answers as a test wants."""

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from bots.wechat.api import MemoryTokens
from bots.wechat.channel import WeChatChannel
from bots.wechat.settings import WeChatAccount
from core.messages import Address, Choice, Outbound

SEND, TYPE = "message/custom/send", "message/custom/typing"
PERSON = Address(platform="wechat", account="shop", user="oPerson", chat="oPerson")
CHOICES = (Choice(id="faq:return-goods", label="怎么退货"), Choice(id="none", label="都不是，找真人"))
SAY = Outbound(key="1", to=PERSON, text="您好 😄 \\u4f60")
ASK = Outbound(
    key="2", to=PERSON, text="您想问的是", choices=CHOICES, numbered="您想问的是\n1. 怎么退货\n2. 找真人"
)

Reply = Callable[[web.Request], web.StreamResponse]


def says(status: int = 200, **said: object) -> Reply:
    """JSON, as WeChat labels it."""
    return lambda _: web.Response(status=status, text=json.dumps(said), content_type="text/plain")


def error(code: int, words: str = "hint") -> Reply:
    return says(errcode=code, errmsg=words)


def lost(request: web.Request) -> web.StreamResponse:
    """It was taken in, but its answer never arrives."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@dataclass(frozen=True, kw_only=True)
class Call:
    path: str
    query: Mapping[str, str]
    body: bytes
    type: str

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class FakeWeChat:
    """Answers ok, or what ``next`` holds for a path. The token that works is ``token-<tokens>``."""

    http: aiohttp.ClientSession
    base: str = ""
    tokens: int = 1
    dead: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    next: defaultdict[str, deque[Reply]] = field(default_factory=lambda: defaultdict(deque))

    def channel(self, **changes: object) -> WeChatChannel:
        """An account at this server, with ``changes`` in its settings."""
        account = {
            "account": "shop",
            "app_id": "wx1",
            "app_secret": "a-secret",
            "token": "t",
            "mode": "plain",
        }
        settings = WeChatAccount.model_validate({**account, "api_base": self.base, **changes})
        return WeChatChannel(settings, self.http, MemoryTokens())

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, query = request.match_info["path"], dict(request.query)
        body = await request.read()
        self.calls.append(Call(path=path, query=query, body=body, type=request.content_type))
        if path != "stable_token" and query["access_token"] in self.dead:
            return error(40001)(request)
        if self.next[path]:
            return self.next[path].popleft()(request)
        if path == "stable_token":
            return says(access_token=f"token-{self.tokens}", expires_in=7200)(request)
        if path == "media/upload":
            return says(type=query["type"], media_id="media-1", created_at=1)(request)
        return says(errcode=0, errmsg="ok")(request)

    def will(self, path: str, *replies: Reply) -> None:
        self.next[path].extend(replies)

    def to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]


@asynccontextmanager
async def api() -> AsyncIterator[FakeWeChat]:
    """The server, with the session that an account's channel uses."""
    async with aiohttp.ClientSession() as http:
        wechat = FakeWeChat(http)
        app = web.Application()
        app.add_routes([web.route("*", "/cgi-bin/{path:.+}", wechat.answer)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wechat.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield wechat
        await http.close()
        await runner.cleanup()


async def keep(trace: str) -> None:
    raise AssertionError("nothing can be looked up at WeChat")
