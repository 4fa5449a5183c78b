"""Steps that stories about people on Telegram share: what a phone shows, and how an agent gets to hear of it."""

import struct
import zlib
from collections.abc import Mapping
from typing import Any

from bots.sandbox.acting import Upload
from bots.sandbox.slack.stand import SlackStand
from bots.sandbox.slack.workspace import Message
from bots.sandbox.telegram.phone import TelegramPhone
from tests.world import World

MODES = ("webhook", "polling")


def bot(account: str = "shop", mode: str = "webhook", number: int = 100001) -> Mapping[str, str]:
    """A ``[[telegram]]`` section."""
    secret = {"secret": f"secret-of-{account}"} if mode == "webhook" else {}
    return {"account": account, "token": f"{number}:token-of-{account}", "mode": mode, **secret}


def slack(w: World) -> SlackStand:
    assert w.sandbox.slack
    return w.sandbox.slack


def said(phone: TelegramPhone) -> list[str]:
    """What people read of the bot's messages, oldest first."""
    return [str(message.get("plain", "")) for message in phone.messages if message["from"] == "bot"]


def buttons(message: Mapping[str, Any]) -> dict[str, str]:
    """What the buttons under a message say, and what each sends."""
    return {one["label"]: one["id"] for row in message.get("choices", ()) for one in row}


def taps(w: World) -> list[bool]:
    """For each tap on a button of the first bot, whether its waiting sign was ended."""
    return [bool(query.get("answered")) for query in w.sandbox.telegram.bot().queries.values()]


async def until_said(w: World, phone: TelegramPhone, words: str, times: int = 1) -> dict[str, Any]:
    """Wait until the bot has said ``words`` so often; the newest message that holds them."""

    def found() -> dict[str, Any] | None:
        them = [one for one in phone.messages if one["from"] == "bot" and words in str(one.get("plain", ""))]
        return them[-1] if len(them) >= times else None

    try:
        message: dict[str, Any] = await w.sandbox.hub.until(found)
    except TimeoutError:
        raise AssertionError(f"{words!r} was not said, but {said(phone)}") from None
    return message


async def started(
    w: World, language: str = "en", name: str = "Lena Berg", account: str = ""
) -> TelegramPhone:
    """Somebody new, who pressed START and was welcomed."""
    phone = await w.sandbox.telegram.newcomer(account, name, language)
    await phone.start()
    await w.sandbox.hub.until(lambda: said(phone))
    return phone


async def handed_off(w: World, phone: TelegramPhone, words: str = "agent") -> str:
    """The person asks for people; the ts of the ticket's card, whose thread is the ticket's."""
    before = len(cards(w))
    await phone.say(words)
    await w.sandbox.hub.until(lambda: len(cards(w)) > before)
    ts = cards(w)[-1].ts
    await w.sandbox.hub.until(lambda: any("T-1" in text for text in said(phone)))
    return ts


def cards(w: World) -> list[Message]:
    return [message for message in slack(w).support.messages if not message.thread]


def thread(w: World, ts: str) -> list[Message]:
    """All that stands in a ticket's thread below its card."""
    return slack(w).thread(ts)[1:]


async def until_in_thread(w: World, ts: str, words: str) -> Message:
    """Wait until somebody wrote ``words`` in the thread."""

    def found() -> Message | None:
        return next((message for message in thread(w, ts) if words in message.words), None)

    try:
        message: Message = await w.sandbox.hub.until(found)
    except TimeoutError:
        stands = [message.words for message in thread(w, ts)]
        raise AssertionError(f"{words!r} is not in the thread, but {stands}") from None
    return message


async def until_marked(w: World, ts: str, mark: str) -> None:
    """Wait until an agent's message bears a mark."""
    await w.sandbox.hub.until(lambda: mark in slack(w).workspace.find(ts).reactions)


def png(shade: int = 90) -> bytes:
    """A small picture; each shade is another one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes([shade]) * 8) * 8)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def picture(shade: int = 90) -> Upload:
    return Upload(data=png(shade), name=f"picture-{shade}.png", mime="image/png")
