"""Slack's requests over HTTP: signed, fresh and readable, or refused here.

Bolt reads a body before it looks at the signature and trips over a timestamp that is no number, so both are
looked at first.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bots.slack.shapes import Body
from core.ports import Clock

PATH = "/slack/events"
FORM = "application/x-www-form-urlencoded"
COME_AGAIN = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The HTTP status, and the JSON that Slack is answered ("" for nothing)."""

    status: int
    body: str = ""


Dispatch = Callable[[Body, bytes], Awaitable[Outcome]]
"""Takes a body and its bytes."""


class Unreadable(ValueError):
    """Neither JSON nor a form of Slack's."""


class Signatures:
    """Tells Slack's requests from forged and stale ones (more than 5 minutes off)."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._verifier = SignatureVerifier(secret, _Seconds(clock))

    def good(self, request: web.Request, body: str) -> bool:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and signature.isascii()):
            return False
        return self._verifier.is_valid(body, timestamp, signature)


class _Seconds(SignatureClock):
    """Our clock in the form that slack_sdk asks for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


class Webhook:
    """``POST /slack/events``: events, buttons and commands alike."""

    def __init__(self, signatures: Signatures, dispatch: Dispatch) -> None:
        self._signatures = signatures
        self._dispatch = dispatch

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._posted)]

    async def _posted(self, request: web.Request) -> web.Response:
        payload = await request.read()
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return web.Response(status=400, text="not UTF-8")
        if not self._signatures.good(request, text):
            return web.Response(status=401, text="signature or timestamp is not Slack's")
        try:
            body = read_body(text, request.content_type)
        except Unreadable as reason:
            return web.Response(status=400, text=str(reason))
        if isinstance(body, dict) and body.get("type") == "url_verification":
            return web.json_response({"challenge": str(body.get("challenge"))[:1000]})
        outcome = await self._dispatch(body, payload)
        headers = COME_AGAIN if outcome.status == 503 else None
        kind = "application/json" if outcome.body else None
        return web.Response(status=outcome.status, text=outcome.body, content_type=kind, headers=headers)


def read_body(text: str, content_type: str) -> Any:
    """The JSON, the ``payload`` in a form, or the form itself (commands). Raises Unreadable."""
    if content_type != FORM:
        return _json(text)
    try:
        form = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100))
    except ValueError:
        raise Unreadable("not a form") from None
    if not form:
        raise Unreadable("an empty form")
    return _json(form["payload"]) if "payload" in form else form


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
