"""Changing what was sent to a Telegram chat, and taking it back. Doing it once more does no harm."""

from telegram import Bot
from telegram.error import BadRequest

from bots.telegram.sending import BETWEEN_IDS, keyboard, written
from core.errors import Rejected
from core.messages import Outbound

_SAME = ("message is not modified",)
_A_FILES = ("there is no text in the message to edit",)
_GONE_TO_EDIT = ("message to edit not found", "message_id_invalid")
_GONE_TO_DELETE = ("message to delete not found", "message identifier is not specified")
_FIXED = ("message can't be edited",)
_STAYS = ("message can't be deleted",)
"""Telegram's words, by which alone these refusals can be told apart."""


async def edit(bot: Bot, message: Outbound, external_id: str) -> None:
    """New words for a text, or for what is written under a file. Raises TelegramError, Rejected."""
    try:
        await _edit_text(bot, message, _number(external_id))
    except BadRequest as refusal:
        if _says(refusal, _GONE_TO_EDIT):
            raise Rejected("the message is no longer in the chat: the person has deleted it") from None
        if _says(refusal, _FIXED):
            raise Rejected("Telegram lets nobody change this message any more") from None
        if not _says(refusal, _SAME):
            raise


async def _edit_text(bot: Bot, message: Outbound, number: int) -> None:
    chat, keys = message.to.chat, keyboard(message.choices)

    async def text(words: str, mode: str | None) -> object:
        return await bot.edit_message_text(words, chat, number, parse_mode=mode, reply_markup=keys)

    async def caption(words: str, mode: str | None) -> object:
        return await bot.edit_message_caption(chat, number, caption=words, parse_mode=mode, reply_markup=keys)

    try:
        await written(message.text, text)
    except BadRequest as refusal:
        if not _says(refusal, _A_FILES):
            raise
        await written(message.text, caption)


async def delete(bot: Bot, chat: str, external_id: str) -> None:
    """A message, or all of an album. Raises TelegramError, Rejected.

    A bot may take back what it sent less than 48 hours ago. https://core.telegram.org/bots/api#deletemessage
    """
    for one in external_id.split(BETWEEN_IDS):
        try:
            await bot.delete_message(chat, _number(one))
        except BadRequest as refusal:
            if _says(refusal, _STAYS):
                raise Rejected(
                    "Telegram lets a bot take back a message for 48 hours only; the person still sees it"
                ) from None
            if not _says(refusal, _GONE_TO_DELETE):
                raise


def _says(refusal: BadRequest, words: tuple[str, ...]) -> bool:
    return any(part in str(refusal).lower() for part in words)


def _number(external_id: str) -> int:
    """Raises Rejected for what can't be a message of Telegram's."""
    if not (external_id.isascii() and external_id.isdecimal()):
        raise Rejected("it isn't known which message it was")
    return int(external_id)
