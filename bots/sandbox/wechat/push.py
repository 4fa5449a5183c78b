"""How an account's events reach its webhook: signed, encrypted by mode, and again if there was no answer."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import aiohttp
from yarl import URL

from bots.sandbox.config import WeChatSide
from bots.sandbox.hub import Hub
from bots.sandbox.pace import Pace
from bots.sandbox.pushing import Pushed, post
from bots.sandbox.wechat import xml
from bots.sandbox.wechat.seal import Seal, sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One signed request."""

    query: Mapping[str, str]
    body: bytes


def sign_event(side: WeChatSide, original: str, openid: str, event: bytes, now: datetime) -> Envelope:
    """``event`` (XML) as the account's mode sends it: plain, encrypted, or both in one document."""
    stamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**10))
    query = {
        "signature": sign(side.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": openid,
    }
    if side.mode == "plain":
        return Envelope(query=query, body=event)
    sealed = Seal(aes_key=side.aes_key, app_id=side.app_id).close(event)
    query |= {"encrypt_type": "aes", "msg_signature": sign(side.token, stamp, nonce, sealed)}
    if side.mode == "aes":
        return Envelope(query=query, body=xml.write({"ToUserName": original, "Encrypt": sealed}))
    both = event.removesuffix(b"</xml>") + f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    return Envelope(query=query, body=both)


class Line:
    """The way from one phone to the webhook. Events leave in order, but none waits long for the one before."""

    def __init__(self, side: WeChatSide, hub: Hub, pace: Pace, original: str, openid: str) -> None:
        self._side = side
        self._hub = hub
        self._pace = pace
        self._original = original
        self._openid = openid
        self._turn = asyncio.Lock()
        self.last: Envelope | None = None

    async def push(self, http: aiohttp.ClientSession, event: bytes) -> Pushed:
        """The webhook's answer, after as many tries as WeChat makes; each try is signed anew."""
        async with self._turn:
            going = asyncio.create_task(self._insist(http, event))
            try:
                await asyncio.wait({going}, timeout=self._pace.wechat_lead)
            except asyncio.CancelledError:
                going.cancel()
                raise
        return await going

    async def once(self, http: aiohttp.ClientSession, envelope: Envelope) -> Pushed:
        """Exactly this request, one time."""
        self.last = envelope
        url = str(URL(self._side.webhook).update_query(envelope.query))
        headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
        return await post(http, url, envelope.body, headers, self._pace.wechat_patience)

    def sign(self, event: bytes) -> Envelope:
        return sign_event(self._side, self._original, self._openid, event, self._hub.now())

    async def _insist(self, http: aiohttp.ClientSession, event: bytes) -> Pushed:
        loop = asyncio.get_running_loop()
        for tries in range(1, self._pace.wechat_tries + 1):
            started = loop.time()
            answer = replace(await self.once(http, self.sign(event)), tries=tries)
            if answer.status == 200 or tries == self._pace.wechat_tries:
                break
            await asyncio.sleep(max(0.0, started + self._pace.wechat_patience - loop.time()))
        return answer
