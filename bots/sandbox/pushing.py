"""A push to a webhook, and what came of it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from bots.sandbox.hub import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a webhook made of one event. ``status`` None: there was no answer, or not in time (``why``)."""

    status: int | None
    body: bytes = b""
    why: str = ""
    tries: int = 1
    reply: Json | None = None
    """WeChat: what the phone shows of it, the passive reply or WeChat's own notice of an outage."""

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299

    @property
    def text(self) -> str:
        """The passive reply's text; "" if there was none."""
        return str(self.reply["text"]) if self.reply and self.reply.get("passive") else ""


async def post(
    http: aiohttp.ClientSession,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    patience: float,
) -> Pushed:
    """One try, that takes at most ``patience`` seconds. Never raises."""
    timeout = aiohttp.ClientTimeout(total=patience)
    try:
        async with http.post(
            url, data=io.BytesIO(body), headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            return Pushed(status=answer.status, body=await answer.read(), why=answer.reason or "")
    except TimeoutError:
        return Pushed(status=None, why="Read timeout expired")
    except (aiohttp.ClientError, ValueError, OSError) as error:
        return Pushed(status=None, why=str(error) or type(error).__name__)
