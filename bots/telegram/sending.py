"""What leaves for a Telegram chat: which of the API's methods it takes, and the second way if refused."""

import asyncio
import html
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from core.errors import Rejected
from core.messages import Attachment, Choice, Outbound

Way = Literal["photo", "video", "voice", "document"]
Result = TypeVar("Result")

BETWEEN_IDS = ","
"""An album is as many messages; their ids stand side by side."""

WAYS: dict[str, Way] = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "video/mp4": "video",
    "audio/ogg": "voice",
    "audio/opus": "voice",
    "audio/mpeg": "voice",
    "audio/mp3": "voice",
    "audio/mp4": "voice",
    "audio/m4a": "voice",
    "audio/x-m4a": "voice",
}
"""What Telegram shows as what it is; anything else travels as a document. https://core.telegram.org/bots/api#sendvoice"""

_TAKES_NO_SUCH = ("photo_", "image_process_failed", "voice_messages_forbidden", "video_")
"""Refusals of a photo (too long and thin, say), video or voice message that a document doesn't meet."""


async def send_text(bot: Bot, message: Outbound) -> str:
    """Send text with its choices."""
    keys = keyboard(message.choices)

    async def send(text: str, mode: str | None) -> Message:
        return await bot.send_message(message.to.chat, text, parse_mode=mode, reply_markup=keys)

    return str((await written(message.text, send)).message_id)


async def written(text: str, write: Callable[[str, str | None], Awaitable[Result]]) -> Result:
    """Write a text, in the parse mode given with it; our texts are plain, so that all of it is escaped."""
    try:
        return await write(html.escape(text, quote=False), ParseMode.HTML)
    except BadRequest as refusal:
        if "can't parse entities" not in str(refusal).lower():
            raise
        return await write(text, None)


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """One button a row: questions are too long for two."""
    rows = [[InlineKeyboardButton(choice.label, callback_data=choice.id)] for choice in choices]
    return InlineKeyboardMarkup(rows) if rows else None


async def send_files(bot: Bot, message: Outbound) -> str:
    """Send one file, or several as one album; the ids of the messages."""
    files = message.attachments
    ways = [way_of(file) for file in files]
    if len(files) > 1 and not set(ways) <= {"photo", "video"}:
        ways = ["document"] * len(files)  # documents go only with documents
    data = [await _read(file) for file in files]
    try:
        return await _send_as(bot, message.to.chat, ways, files, data)
    except BadRequest as refusal:
        if set(ways) == {"document"} or not any(sign in str(refusal).lower() for sign in _TAKES_NO_SUCH):
            raise
        return await _send_as(bot, message.to.chat, ["document"] * len(files), files, data)


async def _send_as(
    bot: Bot, chat: str, ways: Sequence[Way], files: Sequence[Attachment], data: Sequence[bytes]
) -> str:
    if len(files) == 1:
        return await _send_file(bot, chat, ways[0], data[0], _name(files[0]))
    media = [_medium(way, one, _name(file)) for way, file, one in zip(ways, files, data, strict=True)]
    sent = await bot.send_media_group(chat, media)
    return BETWEEN_IDS.join(str(message.message_id) for message in sent)


async def _send_file(bot: Bot, chat: str, way: Way, data: bytes, name: str) -> str:
    match way:
        case "photo":
            sent = await bot.send_photo(chat, data, filename=name)
        case "video":
            sent = await bot.send_video(chat, data, filename=name)
        case "voice":
            sent = await bot.send_voice(chat, data, filename=name)
        case "document":
            sent = await bot.send_document(chat, data, filename=name)
    return str(sent.message_id)


def _medium(way: Way, data: bytes, name: str) -> InputMediaPhoto | InputMediaVideo | InputMediaDocument:
    if way == "photo":
        return InputMediaPhoto(data, filename=name)
    if way == "video":
        return InputMediaVideo(data, filename=name)
    return InputMediaDocument(data, filename=name)


def way_of(file: Attachment) -> Way:
    """Sounds are voice messages only where they are meant as such; a song or a recorded call stays a file."""
    way = WAYS.get(_mime(file), "document")
    if file.kind == "file" or (way == "voice") != (file.kind == "voice"):
        return "document"
    return way


def _mime(file: Attachment) -> str:
    return file.mime.partition(";")[0].strip().lower() or mimetypes.guess_type(file.name)[0] or ""


def _name(file: Attachment) -> str:
    return file.name or f"{file.kind}{mimetypes.guess_extension(_mime(file)) or ''}"


async def _read(file: Attachment) -> bytes:
    try:
        return await asyncio.to_thread(Path(file.path).read_bytes)
    except OSError as error:
        raise Rejected(f"the file can't be read from the file store ({error.strerror})") from None
