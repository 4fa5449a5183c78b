"""The way to the Bot API: one library bot with its connections, and what each of its errors means for us.

The library's error tree misleads (a bad request is a kind of network error there, a time-out before the call left
looks like one after it), so answers and causes are told apart here, as close to the wire as it lets us.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import structlog
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bots.telegram import codec
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable

log = structlog.get_logger()

SOON = timedelta(seconds=0.5)
"""Where Telegram names no time: those who try again wait longer each time of their own accord."""
LONG_POLL = 25
"""Seconds that Telegram may hold a getUpdates open while nothing happens."""

_GET_UPDATES = "get_Updates"
"""Spelled so that the library calls getUpdates and hands on its JSON: its own method fails a batch for one update."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NOBODY_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "bot was kicked",
)


class Flooded(TelegramError):
    """Telegram asks for fewer calls."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"Telegram asks for fewer calls, the next in {after.total_seconds():g} s")
        self.after = after


class Away(TelegramError):
    """Telegram's servers have trouble of their own."""


class BotRequest(HTTPXRequest):
    """The library's transport, with the answers told apart that it mixes: 429 and 5xx."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **kwargs)
        if status == 429:
            raise Flooded(_retry_after(body))
        if status >= 500:
            raise Away(f"Telegram answers with HTTP {status}")
        return status, body


class BotApi:
    """One bot's connections. ``seconds`` is how long an answer may take; a send's lease lasts longer."""

    def __init__(self, token: str, api_base: str, seconds: float = 15) -> None:
        self._request = BotRequest(
            connection_pool_size=64, connect_timeout=5, pool_timeout=5, write_timeout=10, read_timeout=seconds
        )
        self.bot = Bot(
            token,
            base_url=f"{api_base}/bot",
            base_file_url=f"{api_base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def updates(self, offset: int) -> list[codec.Polled]:
        """What came since ``offset``, waiting a while if there is nothing. Raises TelegramError, NotUnderstood."""
        asked = {
            "offset": offset,
            "limit": 100,
            "timeout": LONG_POLL,
            "allowed_updates": list(codec.ALLOWED_UPDATES),
        }
        answer = await self.bot.do_api_request(_GET_UPDATES, api_kwargs=asked, read_timeout=LONG_POLL + 10)
        return codec.polled(answer)

    async def close(self) -> None:
        await self._request.shutdown()


def _retry_after(body: bytes) -> timedelta:
    try:
        seconds = json.loads(body)["parameters"]["retry_after"]
        return timedelta(seconds=min(max(float(seconds), 1), 3600))
    except (ValueError, KeyError, TypeError):
        return timedelta(seconds=5)


@contextmanager
def calling() -> Iterator[None]:
    """Calls inside raise our errors instead of the library's: RetryLater, Unreachable, Rejected, Unconfirmed."""
    try:
        yield
    except TelegramError as error:
        raise outcome(error) from None
    except (LookupError, TypeError, AttributeError) as error:
        # The call succeeded, but the library stumbles over an answer of another shape.
        log.exception("answer_not_understood", platform=codec.PLATFORM)
        raise Unconfirmed(f"an answer of another shape: {type(error).__name__}") from None


@contextmanager
def asking() -> Iterator[None]:
    """Calls inside may be repeated without harm: they raise RetryLater or Rejected."""
    try:
        with calling():
            yield
    except Unconfirmed as lost:
        raise RetryLater(SOON, str(lost)) from None
    except Unreachable as gone:
        raise Rejected(str(gone)) from None


@contextmanager
def hinting() -> Iterator[None]:
    """Calls inside tell people something that may be lost: they raise nothing."""
    with suppress(RetryLater, Unreachable, Rejected, Unconfirmed), calling():
        yield


def outcome(error: TelegramError) -> Exception:
    """What to do about an error of the library."""
    match error:
        case Flooded():
            return RetryLater(error.after, str(error))
        case Away() | Conflict():
            return RetryLater(SOON, str(error))
        case Forbidden() | ChatMigrated():
            return Unreachable(str(error))
        case InvalidToken() | BadRequest():
            return _refused(error)
        case NetworkError():
            return _broken_off(error)
        case _:
            return Unconfirmed(f"an answer that can't be read: {error}")


def _refused(error: TelegramError) -> Exception:
    if isinstance(error, InvalidToken):
        return Rejected(f"Telegram refuses the bot's token ({error}): copy it anew from @BotFather")
    nobody = any(words in str(error).lower() for words in _NOBODY_THERE)
    return Unreachable(str(error)) if nobody else Rejected(str(error))


def _broken_off(error: NetworkError) -> Exception:
    """No answer: the cause says whether the call had left. Without a cause of the wire it never will."""
    cause = error.__cause__
    why = type(cause).__name__
    if isinstance(cause, _NOT_SENT):
        return RetryLater(SOON, f"Telegram can't be reached ({why})")
    if isinstance(cause, httpx.TransportError):
        return Unconfirmed(f"Telegram's answer was lost ({why})")
    return Rejected(f"it can't be sent as it is: {error}")
