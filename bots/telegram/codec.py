"""Telegram's updates as our own events: pure, and the one place where the shape of an update is known.

The library parses (``Update.de_json``) but doesn't check types, so every value that leaves here is checked on its way.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bots.telegram.content import NotUnderstood, content, name_of, number, words
from core.messages import Address, Inbound

__all__ = [
    "ALLOWED_UPDATES",
    "PLATFORM",
    "NotJson",
    "NotUnderstood",
    "Polled",
    "event",
    "parse",
    "polled",
    "query",
    "reread",
]

PLATFORM = "telegram"

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for; anything else that comes is ignored."""

MENU: Mapping[str, str] = {
    "help": "menu:help",
    "faq": "menu:help",
    "status": "menu:tickets",
    "ticket": "menu:tickets",
    "agent": "menu:person",
    "person": "menu:person",
}

_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_CALLS = [MessageEntityType.MENTION, MessageEntityType.BOT_COMMAND]


class NotJson(NotUnderstood):
    """The payload is no JSON at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One update of a polled batch; those of one ``lane`` must be taken in one after the other."""

    id: int
    lane: str
    payload: bytes


def reread(payload: bytes, account: str, username: str) -> Inbound | None:
    """The event in an update's JSON; None if it is nothing that concerns us. Raises NotUnderstood."""
    return event(parse(payload), account, username)


def parse(payload: bytes) -> Update:
    """The update in its JSON. Raises NotJson or NotUnderstood."""
    try:
        raw = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"no JSON: {type(error).__name__}") from None
    if not isinstance(raw, dict):
        raise NotUnderstood(f"an update is an object, this is {type(raw).__name__}")
    try:
        update = Update.de_json(raw)
    except Exception as error:  # whatever the library meets in a shape that it doesn't expect
        raise NotUnderstood(f"{type(error).__name__}: {error}"[:300]) from error
    number(update.update_id, "update_id")
    return update


def event(update: Update, account: str, username: str) -> Inbound | None:
    """What somebody did; ``username`` (without @) is the bot's own. Raises NotUnderstood."""
    try:
        return _event(update, account, username)
    except NotUnderstood:
        raise
    except Exception as error:  # the library's own accessors on values of the wrong type
        raise NotUnderstood(f"{type(error).__name__}: {error}"[:300]) from error


def query(update: Update) -> str:
    """The id of the callback query that waits for an answer; "" if there is none."""
    return words(update.callback_query.id) if update.callback_query else ""


def polled(batch: object) -> list[Polled]:
    """The answer of ``getUpdates``, each update for itself: one that is broken spoils no other.

    Raises NotUnderstood when it is no list of things with an ``update_id``.
    """
    if not isinstance(batch, list):
        raise NotUnderstood("getUpdates answers with a list")
    return [_polled(raw) for raw in batch]


def _polled(raw: object) -> Polled:
    if not isinstance(raw, dict):
        raise NotUnderstood("an update is an object")
    lane = next((str(found) for found in _chats(raw)), "")
    return Polled(id=number(raw.get("update_id"), "update_id"), lane=lane, payload=json.dumps(raw).encode())


def _chats(raw: Mapping[str, Any]) -> Iterator[object]:
    """The chat that an update belongs to, else its sender."""
    parts = [part for part in raw.values() if isinstance(part, dict)]
    inner = [part["message"] for part in parts if isinstance(part.get("message"), dict)]
    for key in ("chat", "from"):
        yield from (part[key].get("id") for part in (*inner, *parts) if isinstance(part.get(key), dict))


def _event(update: Update, account: str, username: str) -> Inbound | None:
    key = str(update.update_id)
    if update.message:
        return _said(key, update.message, account, username)
    if update.edited_message:
        return _edited(key, update.edited_message, account)
    if update.callback_query:
        return _chose(key, update.callback_query, account)
    if update.my_chat_member:
        return _met(key, update.my_chat_member, account)
    return None


def _said(key: str, message: Message, account: str, username: str) -> Inbound | None:
    if _is_automatic(message):
        return None
    if message.chat.type != ChatType.PRIVATE:
        return _heard(key, message, account, username)
    found = content(message)
    if found is None:
        return None
    said = replace(
        _by(key, message, account),
        text=found.text,
        attachments=found.attachments,
        unknown_type=found.unknown_type,
        album=words(message.media_group_id),
        refers_to=_answered(message),
    )
    return _commanded(said, username)


def _by(key: str, message: Message, account: str) -> Inbound:
    """Who sent the message, where and when; what it says is still to be filled in."""
    said = _signed(key, message.from_user, message.chat, message.date, account)
    return replace(said, external_id=str(number(message.message_id, "message_id")))


def _signed(key: str, who: User | None, chat: Chat, at: object, account: str) -> Inbound:
    if who is None or not isinstance(at, datetime):
        raise NotUnderstood("nobody, or no time, is named")
    sender = Address(
        platform=PLATFORM,
        account=account,
        user=str(number(who.id, "from.id")),
        chat=str(number(chat.id, "chat.id")),
    )
    return Inbound(
        id=key,
        kind="said",
        sender=sender,
        sent_at=at,
        name=name_of(who.first_name, who.last_name),
        language=words(who.language_code),
    )


def _answered(message: Message) -> str:
    before = message.reply_to_message
    return str(number(before.message_id, "reply_to_message.message_id")) if before else ""


def _is_automatic(message: Message) -> bool:
    """Another bot's words, or a channel's post that Telegram copied into its discussion group: never answered.

    An anonymous admin also writes through a bot's account, but names the chat for which they speak.
    """
    by_bot = message.from_user is not None and message.from_user.is_bot and message.sender_chat is None
    return bool(by_bot or message.is_automatic_forward)


def _commanded(said: Inbound, username: str) -> Inbound:
    """A command that means something to us; with words behind it, it stays what was said."""
    match = _COMMAND.fullmatch(said.text.strip())
    if not match or said.attachments:
        return said
    command, whose, rest = match[1].lower(), match[2] or "", (match[3] or "").strip()
    if whose and username and whose.lower() != username.lower():
        return said
    if command == "start":
        return replace(said, kind="followed", text=rest)
    if command in MENU and not rest:
        return replace(said, kind="chose", choice=MENU[command], text="")
    return said


def _heard(key: str, message: Message, account: str, username: str) -> Inbound | None:
    """In a shared chat only a call of the bot is heard, and only that it was one."""
    if message.chat.type == ChatType.CHANNEL or not _calls(message, username):
        return None
    return replace(_by(key, message, account), kind="mentioned", text=words(message.text or message.caption))


def _calls(message: Message, username: str) -> bool:
    before = message.reply_to_message
    to_us = before.from_user.username if before and before.from_user else None
    names = {_called(text) for text in _marked(message)} | ({words(to_us).lower()} if to_us else set())
    return bool(username) and username.lower() in names


def _called(text: str) -> str:
    """The name in ``@name`` and in ``/command@name``."""
    return text.partition("@")[2].lower()


def _marked(message: Message) -> Iterator[str]:
    if message.text:
        yield from message.parse_entities(list(_CALLS)).values()
    if message.caption:
        yield from message.parse_caption_entities(list(_CALLS)).values()


def _edited(key: str, message: Message, account: str) -> Inbound | None:
    """An edit in a private chat. A live location moves by edits every few seconds: these are left out."""
    if message.chat.type != ChatType.PRIVATE or message.location or _is_automatic(message):
        return None
    found = content(message)
    if found is None:
        return None
    edit = _signed(key, message.from_user, message.chat, message.edit_date or message.date, account)
    name = str(number(message.message_id, "message_id"))
    return replace(
        edit,
        kind="edited",
        refers_to=name,
        external_id=name,
        text=found.text,
        attachments=found.attachments,
        unknown_type=found.unknown_type,
        album=words(message.media_group_id),
    )


def _chose(key: str, tapped: CallbackQuery, account: str) -> Inbound | None:
    """A tap on one of our buttons. It bears no time of its own: ``sent_at`` is that of the buttons' message."""
    message, choice = tapped.message, words(tapped.data)
    if message is None or not choice or message.chat.type != ChatType.PRIVATE:
        return None
    tap = _signed(key, tapped.from_user, message.chat, message.date, account)
    return replace(tap, kind="chose", choice=choice, refers_to=str(number(message.message_id, "message_id")))


def _met(key: str, changed: ChatMemberUpdated, account: str) -> Inbound | None:
    """Somebody blocked the bot, or let it in again."""
    if changed.chat.type != ChatType.PRIVATE:
        return None
    before, now = changed.old_chat_member.status, changed.new_chat_member.status
    gone = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
    if (before in gone) == (now in gone):
        return None
    seen = _signed(key, changed.from_user, changed.chat, changed.date, account)
    return replace(seen, kind="left" if now in gone else "followed")
