"""WeChat's side of the webhook: requests signed and encrypted by wechatpy, and a door that remembers them."""

import asyncio
import base64
import hashlib
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from wechatpy.crypto import WeChatCrypto
from yarl import URL

from bots.web import Readiness, make_web
from bots.wechat.api import MemoryTokens
from bots.wechat.channel import WeChatChannel
from bots.wechat.flat_xml import read
from bots.wechat.settings import WeChatAccount
from bots.wechat.webhook import routes
from core.errors import DatabaseAway
from core.messages import Address, Inbound, Receipt
from core.metrics import Metrics

TOKEN, APP_ID = "AAAAA", "wx0123456789abcdef"
KEY, OLD_KEY, FOREIGN_KEY = (base64.b64encode(bytes([n]) * 32).decode()[:43] for n in (1, 2, 3))
ACCOUNT = {"app_id": APP_ID, "app_secret": "s" * 32, "token": TOKEN}
KEYS = {"aes_key": KEY, "previous_aes_key": OLD_KEY}
ACCOUNTS = [
    WeChatAccount.model_validate({**ACCOUNT, **given})
    for given in (
        {"account": "plain", "mode": "plain"},
        {"account": "compatible", "mode": "compatible", **KEYS},
        {"account": "aes", "mode": "aes", **KEYS},
        {"account": "small", "mode": "aes", **KEYS, "customer_service": False},
    )
]
TEXT = (
    "<xml><ToUserName>gh_onethread</ToUserName><FromUserName>oPerson</FromUserName><CreateTime>1714037059"
    "</CreateTime><MsgType>text</MsgType><Content>怎么退货</Content><MsgId>77</MsgId></xml>"
)
NOTHING = Receipt()
REPLY = Receipt(text="七天内可以退货 ]]></Content> & 😄", rows=(4,), person=1, event="9")
WORKING = Receipt(person=1, event="9", working=True)


@dataclass
class FakeDoor:
    """Remembers what came, and gives the receipt that the test wants."""

    receipt: Receipt = NOTHING
    late: Receipt = NOTHING
    away: bool = False
    failing: bool = False
    came: list[Inbound] = field(default_factory=list)
    told: list[Receipt] = field(default_factory=list)
    waited: list[timedelta] = field(default_factory=list)
    kept: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    busy: Callable[[], Awaitable[None]] | None = None

    async def said(self, event: Inbound) -> Receipt:
        if self.away:
            raise DatabaseAway("gone")
        self.came.append(event)
        if self.busy:
            await self.busy()
        return self.receipt

    async def replied(self, receipt: Receipt) -> None:
        self.told.append(receipt)
        if self.failing:
            raise RuntimeError("nothing was noted")

    async def late_reply(self, receipt: Receipt, wait: timedelta) -> Receipt:
        self.waited.append(wait)
        return replace(self.late, rows=receipt.rows)

    async def quarantine(self, platform: str, account: str, payload: bytes, reason: str) -> None:
        if self.away:
            raise DatabaseAway("gone")
        self.kept.append((platform, account, payload, reason))


class TypingChannel(WeChatChannel):
    """Says instead of asking WeChat that somebody would be shown typing."""

    def __init__(self, account: WeChatAccount, http: aiohttp.ClientSession) -> None:
        super().__init__(account, http, MemoryTokens())
        self.shown: asyncio.Queue[Address] = asyncio.Queue()
        self.may_end = asyncio.Event()

    async def typing(self, to: Address) -> None:
        self.shown.put_nowait(to)
        await self.may_end.wait()


@dataclass
class Side:
    """WeChat's side of the webhook; ``ended`` gets the status of every request that the server is done with."""

    http: aiohttp.ClientSession
    address: URL
    door: FakeDoor
    channels: Mapping[str, TypingChannel]
    ended: asyncio.Queue[int]

    async def get(self, account: str, query: Mapping[str, str]) -> tuple[int, str]:
        async with self.http.get(self.address / account, params=query) as answer:
            return answer.status, await answer.text()

    async def post(
        self, account: str, body: str | bytes, query: Mapping[str, str], **headers: str
    ) -> tuple[int, bytes]:
        data = io.BytesIO(body.encode() if isinstance(body, str) else body)
        url = self.address / account
        async with self.http.post(url, params=query, data=data, headers=headers) as answer:
            return answer.status, await answer.read()

    async def sealed(self, account: str, xml: str = TEXT, key: str = KEY) -> tuple[int, bytes]:
        return await self.post(account, *sealed(xml, key))


@asynccontextmanager
async def playing(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> AsyncIterator[Side]:
    """The webhook in a server as it really runs, where a handler outlives its connection."""
    door, ended = FakeDoor(), asyncio.Queue[int]()

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as answer:
            ended.put_nowait(answer.status)
            raise
        ended.put_nowait(response.status)
        return response

    async with aiohttp.ClientSession() as http:
        channels = {account.account: TypingChannel(account, http) for account in ACCOUNTS}
        app = make_web(routes(list(channels.values()), door, clock), Readiness(), Metrics())
        app.middlewares.insert(0, count)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield Side(http, URL(f"http://127.0.0.1:{runner.addresses[0][1]}/wechat"), door, channels, ended)
        for channel in channels.values():
            channel.may_end.set()
        await http.close()
        await runner.cleanup()


def signed(token: str = TOKEN, at: float | None = None) -> dict[str, str]:
    """The query of a plaintext request."""
    stamp, nonce = str(int(at or time.time())), "486452656"
    digest = hashlib.sha1("".join(sorted((token, stamp, nonce))).encode()).hexdigest()
    return {"signature": digest, "timestamp": stamp, "nonce": nonce, "openid": "oPerson"}


def sealed(xml: str, key: str = KEY, token: str = TOKEN, app_id: str = APP_ID) -> tuple[str, dict[str, str]]:
    """Body and query of an encrypted request."""
    query = signed(token)
    body = WeChatCrypto(token, key, app_id).encrypt_message(xml, query["nonce"], query["timestamp"])
    return body, {**query, "encrypt_type": "aes", "msg_signature": read(body.encode())["MsgSignature"]}


def opened(answer: bytes, key: str) -> str:
    """What WeChat makes of an encrypted answer."""
    fields = read(answer)
    return str(
        WeChatCrypto(TOKEN, key, APP_ID).decrypt_message(
            answer, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
        )
    )
