"""What scenario tests of WeChat and of the conversation share: looks at the phone, the card and its thread."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from bots.sandbox.acting import Upload
from bots.sandbox.slack.workspace import Message
from bots.sandbox.telegram.phone import TelegramPhone
from bots.sandbox.wechat.phone import WeChatPhone
from tests import waiting
from tests.world import World

SHOP: Mapping[str, Any] = {
    "account": "shop",
    "app_id": "wx00000000000000aa",
    "app_secret": "shop-app-secret",
    "token": "shoptoken",
    "aes_key": "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE",
    "mode": "aes",
}
"""An account as the configuration file has it."""
UNVERIFIED: Mapping[str, Any] = {**SHOP, "customer_service": False}

JPEG = Upload(data=b"\xff\xd8\xff\xe0" + bytes(60) + b"\xff\xd9", name="broken.jpg", mime="image/jpeg")
VOICE = Upload(data=b"#!AMR\n" + (b"\x3c" + bytes(31)) * 20, name="voice.amr", mime="audio/amr")
VIDEO = Upload(data=bytes(4) + b"ftypisom" + bytes(40), name="clip.mp4", mime="video/mp4")

UNANSWERABLE = ("宇宙的尽头在哪里", "恐龙为什么灭绝了")
"""Questions that no shop's FAQ comes near to."""

Phone = WeChatPhone | TelegramPhone


def said(phone: Phone) -> list[str]:
    """What the phone shows of the account's words, oldest first, choices' heads among them."""
    return [words(one) for one in phone.messages if one["from"] == "bot"]


def words(message: Mapping[str, Any]) -> str:
    """What one message of the account says."""
    return str(message.get("choice_head") or message.get("plain") or message["text"])


async def hears(w: World, phone: Phone, part: str, seconds: float = 10) -> dict[str, Any]:
    """Wait until the account says ``part`` on the phone, and give that message."""

    def heard() -> dict[str, Any] | None:
        found = [one for one in phone.messages if one["from"] == "bot" and part in words(one)]
        return found[-1] if found else None

    message: dict[str, Any] = await w.sandbox.hub.until(heard, seconds)
    return message


def choices(message: Mapping[str, Any]) -> dict[str, str]:
    """Label and id of each choice under a message."""
    return {one["label"]: one["id"] for row in message.get("choices", []) for one in row}


def slack(w: World) -> Any:
    """The workspace."""
    assert w.sandbox.slack is not None
    return w.sandbox.slack


def cards(w: World) -> list[Message]:
    """The tickets' cards, oldest first."""
    return [one for one in slack(w).support.messages if not one.thread and one.by_app]


async def card(w: World, number: int = 1001) -> Message:
    """Wait for the card of a ticket."""
    found: Message = await w.sandbox.hub.until(
        lambda: next((one for one in cards(w) if f"T-{number} " in one.words), None)
    )
    return found


async def shows(w: World, number: int, part: str) -> Message:
    """Wait until a ticket's card shows ``part``."""
    shown = await card(w, number)
    await w.sandbox.hub.until(lambda: part in shown.words)
    return shown


def thread(w: World, ts: str) -> list[str]:
    """What is read in a thread below its card; a file with its name."""
    return [_read(one) for one in slack(w).thread(ts)[1:]]


def _read(message: Message) -> str:
    files = (f"[{file.name}]" for file in message.files)
    return " ".join(filter(None, [message.username, message.words.strip(), *files]))


async def posted(w: World, ts: str, part: str, seconds: float = 10) -> Message:
    """Wait until ``part`` stands in a thread."""

    def found() -> Message | None:
        replies: list[Message] = slack(w).thread(ts)[1:]
        return next((one for one in replies if part in _read(one)), None)

    message: Message = await w.sandbox.hub.until(found, seconds)
    return message


async def handed(w: World, phone: Phone) -> Message:
    """The person asks for people at once; gives the new ticket's card, once the person knows its number.

    We know its thread by then: a leap in time in between would make words there a stranger's.
    """
    before = len(cards(w))
    await phone.say("人工")
    await w.sandbox.hub.until(lambda: len(cards(w)) > before)
    await hears(w, phone, f"T-{1000 + len(cards(w))}")
    card = cards(w)[-1]
    await waiting.until(lambda: w.rows("SELECT id FROM ticket WHERE thread = $1", card.ts))
    return card


@contextmanager
def later(**span: float) -> Iterator[None]:
    """Everybody's clock is ahead by ``span`` (``hours=49``) and goes on; waits take as long as ever."""
    with time_machine.travel(datetime.now(UTC) + timedelta(**span), tick=True):
        yield


def until(w: World, condition: Callable[[], Any], seconds: float = 10) -> Any:
    """Short for the hub's."""
    return w.sandbox.hub.until(condition, seconds)


async def count(w: World, table: str, where: str = "1 = 1") -> int:
    """How many rows stand in a table."""
    return int((await w.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}"))[0]["n"])


async def all_sent(w: World) -> None:
    """Wait until nothing for people is left: a passive reply counts once its bytes were written."""

    async def none_left() -> bool:
        return await count(w, "delivery", "state <> 'sent' AND NOT desk") == 0

    await waiting.until(none_left)
