"""Sending to the people of one Official Account: customer-service messages, media, typing."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import structlog

from bots.wechat.api import Tokens, WeChatApi
from bots.wechat.codec import PLATFORM
from bots.wechat.doctor import examine
from bots.wechat.media import LIMITS, fitting, upload_of
from bots.wechat.outcomes import MENU_TOO_LONG, MENUS_FORBIDDEN, Refusal, outcome
from bots.wechat.settings import WeChatAccount
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Address, Attachment, Capabilities, Outbound, PassiveReply, Window
from core.ports import Fetched, Finding, Keep

log = structlog.get_logger()

TEXT_LIMIT = 2048
"""UTF-8 bytes of one text, sent or passive."""

PASSIVE = PassiveReply(limit=TEXT_LIMIT, hold=timedelta(seconds=20), wait=timedelta(seconds=4.5))
"""WeChat drops the request after 5 s and gives up after three tries, about 15 s."""

WRITTEN = Window(sends=5, lasts=timedelta(hours=48))
TAPPED = Window(sends=3, lasts=timedelta(minutes=1))

ACTIVE = Capabilities(
    text_limit=TEXT_LIMIT,
    text_length="utf8",
    title="WeChat",
    choices=10,
    typing=True,
    reply_window={"said": WRITTEN, "chose": TAPPED, "followed": TAPPED, "linked": TAPPED},
    media=LIMITS,
    passive=PASSIVE,
)
"""Verified accounts. A tapped choice counts as a menu click, so it opens the short window only."""

ONLY_PASSIVE = Capabilities(
    text_limit=TEXT_LIMIT, text_length="utf8", title="WeChat", choices=0, active=False, passive=PASSIVE
)
"""Accounts without the customer-service API."""


class WeChatChannel:
    """One Official Account, as the core sees it."""

    def __init__(self, account: WeChatAccount, http: aiohttp.ClientSession, tokens: Tokens) -> None:
        self.platform = PLATFORM
        self.account = account.account
        self.home = account.account
        self.settings = account
        self.capabilities = ACTIVE if account.customer_service else ONLY_PASSIVE
        self.api = WeChatApi(account, http, tokens)
        self._menus_allowed = True

    async def send(self, message: Outbound, keep: Keep) -> str:
        """WeChat names no message that it took: the id is always empty, and nothing can be looked up."""
        if not self.capabilities.active:
            raise Unreachable("this account can only answer what people write (customer_service = false)")
        try:
            for attachment in message.attachments:
                await self._send_file(message.to.user, attachment)
            if message.text or message.choices:
                await self._send_words(message)
        except Refusal as refusal:
            raise outcome(refusal) from None
        return ""

    async def find(self, message: Outbound, trace: str, since: datetime) -> str | None:
        return None

    async def edit(self, message: Outbound, external_id: str) -> None:
        """Never asked for, since it is not among the capabilities."""
        raise Rejected("WeChat lets nobody change what was sent")

    async def delete(self, to: Address, external_id: str) -> None:
        raise Rejected("WeChat lets an account take nothing back")

    async def fetch(self, attachment: Attachment) -> Fetched:
        try:
            return await self.api.download(attachment.ref)
        except Refusal as refusal:
            raise outcome(refusal) from None

    async def typing(self, to: Address) -> None:
        try:
            await self.api.typing(to.user)
        except (Refusal, RetryLater, Rejected, Unconfirmed) as lost:
            log.debug("wechat_typing_lost", account=self.account, why=str(lost))

    async def check(self) -> Sequence[Finding]:
        return await examine(self.settings, self.api)

    async def _send_words(self, message: Outbound) -> None:
        if message.choices and self._menus_allowed and await self._sent_as_menu(message):
            return
        text = message.numbered or message.text if message.choices else message.text
        await self.api.send(message.to.user, "text", {"content": text})

    async def _sent_as_menu(self, message: Outbound) -> bool:
        """False where WeChat takes no such menu from this account, which is remembered, or not this one."""
        lines = [{"id": choice.id, "content": choice.label} for choice in message.choices]
        menu = {"head_content": message.text, "list": lines, "tail_content": ""}
        try:
            await self.api.send(message.to.user, "msgmenu", menu)
        except Refusal as refusal:
            if refusal.code not in (MENUS_FORBIDDEN, MENU_TOO_LONG):
                raise
            self._menus_allowed = refusal.code != MENUS_FORBIDDEN
            return False
        return True

    async def _send_file(self, user: str, attachment: Attachment) -> None:
        upload = upload_of(attachment)
        data = fitting(upload, await _stored(attachment))
        media_id = await self.api.upload(upload.kind, upload.name, upload.mime, data)
        content = {"media_id": media_id}
        if upload.kind == "video":
            content |= {"thumb_media_id": media_id, "title": attachment.name, "description": ""}
        await self.api.send(user, upload.kind, content)


async def _stored(attachment: Attachment) -> bytes:
    try:
        return await asyncio.to_thread(Path(attachment.path).read_bytes)
    except OSError as error:
        raise Rejected(f"the file is not in the file store ({error.strerror})") from None
