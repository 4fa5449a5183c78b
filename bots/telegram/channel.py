"""One Telegram bot as a channel: what it can do, and everything that leaves for its chats."""

import asyncio
import mimetypes
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType

import structlog
from telegram import WebhookInfo
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken

from bots.telegram import changes, codec, doctor, sending
from bots.telegram.api import BotApi, asking, calling, hinting
from bots.telegram.settings import TelegramAccount
from core.errors import Rejected
from core.messages import Address, Attachment, Capabilities, Media, MediaLimit, Outbound, Rate
from core.ports import Fetched, Finding, Keep

log = structlog.get_logger()

MB = 1024 * 1024
FETCH_LIMIT = 20 * MB

_UPLOADS: Mapping[Media, MediaLimit] = MappingProxyType(
    {
        "image": MediaLimit(
            bytes=10 * MB,
            types=frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"}),
            sides=10_000,
        ),
        "voice": MediaLimit(bytes=50 * MB, types=frozenset({"audio/ogg", "audio/mpeg", "audio/mp4"})),
        "video": MediaLimit(bytes=50 * MB, types=frozenset({"video/mp4"})),
        "file": MediaLimit(bytes=50 * MB),
        "sticker": MediaLimit(bytes=50 * MB),
    }
)

CAPABILITIES = Capabilities(
    text_limit=4096,
    text_length="utf16",
    title="Telegram",
    choices=100,
    choice_label_limit=64,
    typing=True,
    media=_UPLOADS,
    rates=(Rate(scope="account", count=30, seconds=1.0), Rate(scope="chat", count=1, seconds=1.0)),
    album=10,
    edits=True,
    deletes=True,
)
"""https://core.telegram.org/bots/faq (rates) and /bots/api#sending-files (sizes); types that Telegram wouldn't show as
what they are travel as plain files, so that none is refused."""


class TelegramChannel:
    """One ``[[telegram]]`` account. ``public_url`` empty: no webhook is set."""

    def __init__(self, account: TelegramAccount, public_url: str) -> None:
        self.platform = codec.PLATFORM
        self.account = account.account
        self.mode = account.mode
        self.capabilities = CAPABILITIES
        self.home = ""
        self.username = ""
        self.secret = account.secret.get_secret_value()
        self.webhook = f"{public_url.rstrip('/')}/telegram/{account.account}" if public_url else ""
        self.api = BotApi(account.token.get_secret_value(), account.api_base)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Learn the bot's name, and see to it that updates come the way they shall.

        May be called again after it failed. Raises RetryLater when Telegram is away, Rejected when it refuses.
        """
        with asking():
            me = await self.api.bot.get_me()
            self.username = me.username or ""
            self.home = f"https://t.me/{self.username}"
            if self.mode == "polling":
                await self.forget_webhook()
            elif self.webhook:
                await self._set_webhook()

    async def forget_webhook(self) -> None:
        """Updates that wait are kept for the polling. Raises TelegramError."""
        await self.api.bot.delete_webhook(drop_pending_updates=False)

    async def _set_webhook(self) -> None:
        if self._is_set(await self.api.bot.get_webhook_info()):
            return
        await self.api.bot.set_webhook(
            self.webhook, secret_token=self.secret, allowed_updates=list(codec.ALLOWED_UPDATES)
        )
        log.info("webhook_set", platform=self.platform, account=self.account)

    def _is_set(self, info: WebhookInfo) -> bool:
        """Telegram doesn't tell the secret: that it was changed is seen by our own 403."""
        forbidden = "403" in (info.last_error_message or "")
        allowed = set(info.allowed_updates or ())
        return info.url == self.webhook and allowed == set(codec.ALLOWED_UPDATES) and not forbidden

    async def close(self) -> None:
        """Ends what runs in the background, and the connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.api.close()

    def in_background(self, work: Coroutine[None, None, None]) -> None:
        """Let something run that may be lost; ``close`` ends it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def send(self, message: Outbound, keep: Keep) -> str:
        """Raises RetryLater, Unreachable, Rejected or Unconfirmed; nothing is kept, as nothing can be looked up."""
        with calling():
            if message.attachments:
                return await sending.send_files(self.api.bot, message)
            return await sending.send_text(self.api.bot, message)

    async def find(self, message: Outbound, trace: str, since: datetime) -> str | None:
        """Bots can't read a chat, so that nothing is ever found."""
        return None

    async def edit(self, message: Outbound, external_id: str) -> None:
        """The words of a message, or what is written under a file. Raises as ``send``."""
        with calling():
            await changes.edit(self.api.bot, message, external_id)

    async def delete(self, to: Address, external_id: str) -> None:
        """A message or a whole album; what is gone already is well. Raises as ``send``."""
        with calling():
            await changes.delete(self.api.bot, to.chat, external_id)

    async def fetch(self, attachment: Attachment) -> Fetched:
        """Raises RetryLater, or Rejected for what is too large for a bot or gone."""
        if attachment.size > FETCH_LIMIT:
            raise Rejected("larger than the 20 MB that Telegram lets a bot fetch")
        with asking():
            try:
                file = await self.api.bot.get_file(attachment.ref)
            except BadRequest as refusal:
                if "too big" in str(refusal).lower():
                    raise Rejected("larger than the 20 MB that Telegram lets a bot fetch") from None
                raise
            return await self._download(file.file_path or "", attachment)

    async def _download(self, address: str, attachment: Attachment) -> Fetched:
        if not address.startswith(("http://", "https://")):
            raise Rejected("Telegram gives no address to fetch the file from")
        try:
            data = await self.api.bot.request.retrieve(address)
        except InvalidToken:  # what the library makes of a 404
            raise Rejected("Telegram no longer has the file") from None
        name = PurePosixPath(address).name
        mime = attachment.mime or mimetypes.guess_type(name)[0] or ""
        return Fetched(data=data, mime=mime, name=attachment.name or name)

    async def typing(self, to: Address) -> None:
        """Shown for five seconds, or until the next message; it may be lost."""
        with hinting():
            await self.api.bot.send_chat_action(to.chat, ChatAction.TYPING)

    async def tapped(self, query: str) -> None:
        """End the waiting sign on a tapped button; being too late for it ("query is too old") does no harm."""
        with hinting():
            await self.api.bot.answer_callback_query(query)

    async def check(self) -> Sequence[Finding]:
        """The token, and the way by which updates come."""
        return await doctor.check(
            self.api, what=f"telegram {self.account}", mode=self.mode, webhook=self.webhook
        )
