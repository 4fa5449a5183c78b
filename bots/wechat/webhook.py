"""Where WeChat posts: verified, decoded, handed on, answered. Nothing is decided here."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from bots.wechat.channel import WeChatChannel
from bots.wechat.codec import PLATFORM, NotUnderstood, decode, own_id
from bots.wechat.crypto import Letter, Refused, Seal
from bots.wechat.flat_xml import NotXml, text_reply
from core.messages import Inbound, Receipt
from core.ports import Clock, UserDoor

log = structlog.get_logger()

XML_ONLY = "Not XML. At mp.weixin.qq.com choose XML as the data format of the message push.\n"


def routes(channels: Sequence[WeChatChannel], door: UserDoor, clock: Clock) -> list[web.RouteDef]:
    """``/wechat/<account>`` for all accounts."""
    webhook = _Webhook(channels, door, clock)
    return [web.get("/wechat/{account}", webhook.prove), web.post("/wechat/{account}", webhook.take)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    channel: WeChatChannel
    seal: Seal


class _Webhook:
    def __init__(self, channels: Sequence[WeChatChannel], door: UserDoor, clock: Clock) -> None:
        self._accounts = {
            channel.account: _Account(channel=channel, seal=Seal(channel.settings)) for channel in channels
        }
        self._door = door
        self._clock = clock
        self._background: set[asyncio.Task[None]] = set()

    async def prove(self, request: web.Request) -> web.Response:
        """WeChat asks once, when the address is entered, whether it is ours."""
        account = self._account(request)
        try:
            return web.Response(text=account.seal.echo(request.query, self._clock()))
        except Refused as refused:
            return _refuse(account, refused)

    async def take(self, request: web.Request) -> web.StreamResponse:
        arrived = asyncio.get_running_loop().time()
        account = self._account(request)
        try:
            letter = account.seal.open(request.query, await request.read(), self._clock())
        except Refused as refused:
            return _refuse(account, refused)
        except (NotXml, web.RequestPayloadError) as wrong:
            log.warning(
                "wechat_not_xml", account=account.channel.account, why=str(wrong), do=XML_ONLY.strip()
            )
            return web.Response(status=400, text=XML_ONLY)
        try:
            event = decode(letter.fields, account.channel.account)
            us = own_id(letter.fields)
        except NotUnderstood as reason:
            await self._door.quarantine(PLATFORM, account.channel.account, letter.payload, str(reason))
            return web.Response()
        return await self._answer(request, account, letter, event, us, arrived) if event else web.Response()

    def _account(self, request: web.Request) -> _Account:
        account = self._accounts.get(request.match_info["account"])
        if account is None:
            raise web.HTTPNotFound(text="No such account.\n")
        return account

    async def _answer(
        self,
        request: web.Request,
        account: _Account,
        letter: Letter,
        event: Inbound,
        us: str,
        arrived: float,
    ) -> web.StreamResponse:
        receipt = await self._receipt(account.channel, event, arrived)
        response, written = await _write(request, self._reply(account, letter, event, us, receipt.text))
        if receipt.working and account.channel.capabilities.typing:
            self._later(account.channel.typing(event.sender))
        if receipt.text and written:
            await self._tell(receipt)
        return response

    def _reply(self, account: _Account, letter: Letter, event: Inbound, us: str, text: str) -> bytes:
        """An empty answer says that all is well and that nothing is to be shown."""
        if not text:
            return b""
        now = self._clock()
        xml = text_reply(to=event.sender.user, sender=us, text=text, at=now)
        return (account.seal.close(xml, letter.key, now) if letter.key else xml).encode()

    async def _receipt(self, channel: WeChatChannel, event: Inbound, arrived: float) -> Receipt:
        receipt = await self._door.said(event)
        passive = channel.capabilities.passive
        if channel.capabilities.active or not receipt.working or not passive:
            return receipt
        gone = timedelta(seconds=asyncio.get_running_loop().time() - arrived)
        return await self._door.late_reply(receipt, max(passive.wait - gone, timedelta()))

    async def _tell(self, receipt: Receipt) -> None:
        try:
            await self._door.replied(receipt)
        except Exception:  # the answer has left, and nothing may be written after it
            log.exception("wechat_reply_not_noted")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _refuse(account: _Account, refused: Refused) -> web.Response:
    log.warning("wechat_refused", account=account.channel.account, why=str(refused))
    return web.Response(status=403, text="Refused.\n")


async def _write(request: web.Request, data: bytes) -> tuple[web.StreamResponse, bool]:
    """Write the answer here and now; False if nobody was there to read it."""
    response = web.StreamResponse(headers={"Content-Type": "text/xml; charset=utf-8"})
    response.content_length = len(data)
    try:
        await response.prepare(request)
        await response.write(data)
        await response.write_eof()
    except ConnectionError:
        log.info("wechat_hung_up", path=request.path)
        return response, False
    return response, request.transport is not None and not request.transport.is_closing()
