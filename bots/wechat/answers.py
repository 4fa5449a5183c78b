"""What comes back from WeChat's API: a file, or JSON that tells success only inside."""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from bots.wechat.outcomes import MINUTE, SOON, Refusal
from core.errors import Rejected, RetryLater, Unconfirmed

LARGEST = 30 * 1024 * 1024
"""Bytes of an answer that we take; WeChat's own limit for people's media is lower."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, read to its end. ``mime`` and ``name`` are empty where it says nothing."""

    status: int
    body: bytes
    mime: str
    name: str


async def read_answer(response: aiohttp.ClientResponse) -> Answer:
    """Raises Rejected when it is too large."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > LARGEST:
            raise Rejected(f"larger than {LARGEST} bytes")
    named = response.content_disposition
    return Answer(
        status=response.status,
        body=bytes(body),
        mime=response.content_type if "Content-Type" in response.headers else "",
        name=(named.filename or "") if named else "",
    )


def check(answer: Answer) -> None:
    """Raises what the status (RetryLater, Rejected) or the error code (Refusal) says."""
    if answer.status >= 500:
        raise RetryLater(SOON, f"HTTP {answer.status}")
    if answer.status == 429:
        raise RetryLater(MINUTE, "HTTP 429")
    said = object_in(answer)
    if code := said.get("errcode"):
        raise Refusal(_number(code), str(said.get("errmsg", "")))
    if answer.status >= 300:
        raise Rejected(f"HTTP {answer.status}")


def said_in(answer: Answer) -> Json:
    """The JSON that must be there; without it nobody knows what was done. Raises Unconfirmed."""
    if not (said := object_in(answer)):
        raise Unconfirmed("what came back is not WeChat's JSON")
    return said


def object_in(answer: Answer) -> Json:
    """The JSON object, empty if it is none; WeChat's can hold raw control characters and broken UTF-8."""
    if not answer.body[:64].lstrip().startswith(b"{"):
        return {}
    try:
        said = json.loads(answer.body.decode("utf-8", "ignore"), strict=False)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _number(code: object) -> int:
    try:
        return int(str(code))
    except ValueError:
        return -1
