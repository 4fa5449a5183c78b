"""WeChat's API over the shared aiohttp session, and the access token that all replicas share.

wechatpy's own client blocks, has no time-outs and recurses on a lasting 40001, so calls are made here.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol

import aiohttp
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots.wechat.answers import Answer, Json, check, object_in, read_answer, said_in
from bots.wechat.outcomes import DEAD_TOKEN, SOON, Refusal
from bots.wechat.settings import WeChatAccount
from core.errors import Rejected, RetryLater, Unconfirmed
from core.ports import Fetched

log = structlog.get_logger()

CALL = aiohttp.ClientTimeout(total=10, sock_connect=4)
TRANSFER = aiohttp.ClientTimeout(total=60, sock_connect=4)
EARLY = 300
"""Seconds: WeChat makes the next token this long before the current one ends, and takes both meanwhile."""

NOTHING: Mapping[str, str] = MappingProxyType({})

Writer = Callable[[], bytes | aiohttp.FormData]
"""Makes a request's body, anew for each try: a form can be sent only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and how long it may be kept."""

    value: str
    lasts: timedelta


AskToken = Callable[[], Awaitable[Token]]


class Tokens(Protocol):
    """Keeps the access token of each account; refreshing happens once, whoever needs it."""

    async def token(self, app_id: str, ask: AskToken, dead: str = "") -> str:
        """A token other than ``dead`` (which WeChat has just refused), asked for with ``ask`` if none is kept."""


class MemoryTokens:
    """For one process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def token(self, app_id: str, ask: AskToken, dead: str = "") -> str:
        now = asyncio.get_running_loop().time
        async with self._locks[app_id]:
            value, until = self._kept.get(app_id, ("", 0.0))
            if value and value != dead and now() < until:
                return value
            token = await ask()
            self._kept[app_id] = (token.value, now() + token.lasts.total_seconds())
            return token.value


class RedisTokens:
    """For all replicas: kept in Redis, where it expires by itself, and refreshed under a lock there.

    Without Redis each process asks for itself, which is safe: stable_token gives everybody the same one.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._alone = MemoryTokens()

    async def token(self, app_id: str, ask: AskToken, dead: str = "") -> str:
        key = f"onethread:wechat:token:{app_id}"
        try:
            return await self._kept(key, dead) or await self._refreshed(key, ask, dead)
        except RedisError as error:
            log.warning("wechat_token_without_redis", app_id=app_id, error=repr(error))
            return await self._alone.token(app_id, ask, dead)

    async def _kept(self, key: str, dead: str) -> str:
        value = await self._redis.get(key)
        kept = value.decode() if isinstance(value, bytes) else value or ""
        return "" if kept == dead else kept

    async def _refreshed(self, key: str, ask: AskToken, dead: str) -> str:
        async with self._redis.lock(f"{key}:lock", timeout=20, sleep=0.05, blocking_timeout=15):
            if kept := await self._kept(key, dead):
                return kept
            token = await ask()
            await self._redis.set(key, token.value, px=token.lasts)
            return token.value


class WeChatApi:
    """One account's calls. All raise Refusal, RetryLater or Rejected; only ``send`` raises Unconfirmed."""

    def __init__(self, account: WeChatAccount, http: aiohttp.ClientSession, tokens: Tokens) -> None:
        self._account = account
        self._http = http
        self._tokens = tokens

    async def send(self, user: str, kind: str, content: Json) -> None:
        """A customer-service message."""
        body = {"touser": user, "msgtype": kind, kind: content}
        said_in(await self._call("POST", "message/custom/send", body=_writer(body)))

    async def typing(self, user: str) -> None:
        """Show for 15 s that somebody writes; WeChat takes it within 30 s of what the person did."""
        await self.change("message/custom/typing", {"touser": user, "command": "Typing"})

    async def upload(self, kind: str, name: str, mime: str, data: bytes) -> str:
        """Keep a file at WeChat for three days; returns its media_id."""

        def form() -> aiohttp.FormData:
            fields = aiohttp.FormData()
            fields.add_field("media", data, filename=name, content_type=mime)
            return fields

        with _repeatable():
            said = said_in(await self._call("POST", "media/upload", {"type": kind}, form, TRANSFER))
            if not isinstance(media_id := said.get("media_id"), str):
                raise Unconfirmed("the upload gave no media_id")
            return media_id

    async def download(self, media_id: str) -> Fetched:
        """A file that a person sent. Of a video WeChat tells the address, which takes no token."""
        with _repeatable():
            answer = await self._call("GET", "media/get", {"media_id": media_id}, within=TRANSFER)
            if url := object_in(answer).get("video_url"):
                answer = await self._exchange("GET", str(url), {}, None, TRANSFER)
                check(answer)
        if not answer.body or answer.mime.startswith("text/"):
            raise Rejected("WeChat gave no file")
        name = "" if media_id in answer.name else answer.name  # which would tell nobody anything
        return Fetched(data=answer.body, mime=answer.mime, name=name)

    async def ask(self, path: str) -> Json:
        """A setting of the account."""
        with _repeatable():
            return said_in(await self._call("GET", path))

    async def change(self, path: str, body: Json) -> None:
        """Set something of the account; doing it twice is as good as once."""
        with _repeatable():
            said_in(await self._call("POST", path, body=_writer(body)))

    async def ask_token(self) -> Token:
        """The account's token. In stable_token's normal mode asking changes nothing, so every process may."""
        wanted = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret.get_secret_value(),
        }
        with _repeatable():
            answer = await self._exchange("POST", self._url("stable_token"), {}, _writer(wanted), CALL)
            check(answer)
            said = said_in(answer)
            value, lasts = said.get("access_token"), said.get("expires_in")
            if not isinstance(value, str) or not isinstance(lasts, int):
                raise Unconfirmed("stable_token gave no token")
            return Token(value=value, lasts=timedelta(seconds=max(lasts - EARLY, 10)))

    async def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] = NOTHING,
        body: Writer | None = None,
        within: aiohttp.ClientTimeout = CALL,
    ) -> Answer:
        """With the token, and once more with a new one if WeChat calls it dead."""
        dead = ""
        while True:
            token = await self._tokens.token(self._account.app_id, self.ask_token, dead)
            full = {**params, "access_token": token}
            answer = await self._exchange(method, self._url(path), full, body, within)
            try:
                check(answer)
            except Refusal as refusal:
                if dead or refusal.code not in DEAD_TOKEN:
                    raise
                dead = token
            else:
                return answer

    async def _exchange(
        self,
        method: str,
        url: str,
        params: Mapping[str, str],
        body: Writer | None,
        within: aiohttp.ClientTimeout,
    ) -> Answer:
        """One request. Raises RetryLater if it never left, Unconfirmed if its answer was lost."""
        data = body() if body else None
        try:
            async with self._http.request(
                method, url, params=params, data=data, timeout=within, allow_redirects=method == "GET"
            ) as response:
                return await read_answer(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise RetryLater(SOON, f"no connection ({type(error).__name__})") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unconfirmed(f"the answer was lost ({type(error).__name__})") from None

    def _url(self, path: str) -> str:
        return f"{self._account.api_base}/cgi-bin/{path}"


@contextmanager
def _repeatable() -> Iterator[None]:
    """What may happen twice needs no certainty."""
    try:
        yield
    except Unconfirmed as lost:
        raise RetryLater(SOON, str(lost)) from None


def _writer(body: Json) -> Writer:
    """JSON as WeChat wants it: what is escaped (``\\u4f60``) people see escaped."""
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return lambda: data
