"""Brings events and presses to the app: signed, over HTTP or Socket Mode, in order, and again if need be."""

import asyncio
import hashlib
import hmac
import io
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from bots.sandbox.config import SlackSide
from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.background import Background
from bots.sandbox.slack.socket_mode import SocketMode

Kind = Literal["events_api", "interactive", "slash_commands"]

PATIENCE = 3.0
RETRIES = (0.0, 60.0, 300.0)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app answered. ``status`` 0: nothing in time; ``failure`` is then Slack's word for why."""

    status: int
    body: str = ""
    failure: str = ""
    final: bool = False
    """The app asked not to be told again (``X-Slack-No-Retry``)."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One thing for the app, and each answer to it. ``body`` is the same at every attempt."""

    kind: Kind
    payload: Json
    body: bytes
    content_type: str
    answers: list[Answer] = field(default_factory=list)
    end: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def event(self) -> Json:
        """The event inside; empty for presses and commands."""
        found: Json = self.payload.get("event", {})
        return found

    async def answer(self) -> Answer:
        """The final answer: the first good one, or the last when Slack gave up."""
        return await asyncio.shield(self.end)


def parcel(kind: Kind, payload: Json) -> Delivery:
    """As Slack encodes it: events as JSON, presses as JSON in a form field, commands as a form."""
    if kind == "events_api":
        return Delivery(kind=kind, payload=payload, body=json.dumps(payload).encode(), content_type=JSON)
    form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return Delivery(kind=kind, payload=payload, body=urlencode(form).encode(), content_type=FORM)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``v0`` of Slack's request signing."""
    signed = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={signed.hexdigest()}"


class Courier:
    """``patience`` and ``retries`` in seconds: how long an answer may take, the pause before each further attempt.

    First attempts of one ``lane`` go one after another; further attempts hold nobody up, as on Slack. Presses and
    commands get one attempt.
    """

    def __init__(
        self,
        side: SlackSide,
        hub: Hub,
        sockets: SocketMode,
        background: Background,
        *,
        patience: float,
        retries: Sequence[float],
    ) -> None:
        self._side = side
        self._hub = hub
        self._sockets = sockets
        self._background = background
        self._patience = patience
        self._retries = tuple(retries)
        self._tails: dict[str, asyncio.Event] = {}
        self._http: aiohttp.ClientSession | None = None
        self.sent: deque[Delivery] = deque(maxlen=2000)

    def open(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    def reset(self) -> None:
        self._tails.clear()
        self.sent.clear()

    def send(
        self, delivery: Delivery, lane: str = "", then: Callable[[Answer], None] | None = None
    ) -> Delivery:
        """``then`` gets the final answer."""
        before = self._tails.get(lane) if lane else None
        after = asyncio.Event()
        if lane:
            self._tails[lane] = after
        self.sent.append(delivery)
        self._background.start(self._carry(delivery, before, after, then))
        return delivery

    async def _carry(
        self,
        delivery: Delivery,
        before: asyncio.Event | None,
        after: asyncio.Event,
        then: Callable[[Answer], None] | None,
    ) -> None:
        try:
            answer = await self._first(delivery, before, after)
            for pause in self._retries if delivery.kind == "events_api" else ():
                if answer.ok or answer.final:
                    break
                await asyncio.sleep(pause)
                answer = await self._attempt(delivery)
            delivery.end.set_result(answer)
            if then:
                then(answer)
        finally:
            delivery.end.cancel()

    async def _first(self, delivery: Delivery, before: asyncio.Event | None, after: asyncio.Event) -> Answer:
        try:
            if before:
                await before.wait()
            return await self._attempt(delivery)
        finally:
            after.set()

    async def _attempt(self, delivery: Delivery) -> Answer:
        number = len(delivery.answers)
        reason = delivery.answers[-1].failure if number else ""
        if self._sockets.enabled:
            answer = await self._over_socket(delivery, number, reason)
        else:
            again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
            answer = await self.push(delivery.body, delivery.content_type, headers=again)
        delivery.answers.append(answer)
        if not answer.ok:
            await self._hub.publish({"what": "slack_push_failed"})
        return answer

    async def _over_socket(self, delivery: Delivery, number: int, reason: str) -> Answer:
        reply = await self._sockets.offer(
            delivery.kind, delivery.payload, attempt=number, reason=reason, patience=self._patience
        )
        if reply is None:
            return Answer(status=0, failure="timeout")
        return Answer(status=200, body=json.dumps(reply) if reply else "")

    async def push(
        self,
        body: bytes,
        content_type: str = JSON,
        *,
        headers: Mapping[str, str] | None = None,
        secret: str | None = None,
        timestamp: str | None = None,
    ) -> Answer:
        """Post any bytes to the webhook once, signed now unless ``secret`` or ``timestamp`` say otherwise."""
        timestamp = timestamp or str(int(self._hub.now().timestamp()))
        signing = self._side.signing_secret if secret is None else secret
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(signing, timestamp, body),
        }
        return await self._post(body, signed | dict(headers or {}))

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        if self._http is None or not self._side.webhook:
            return Answer(status=0, failure="connection_failed")
        timeout = aiohttp.ClientTimeout(total=self._patience)
        try:
            async with self._http.post(
                self._side.webhook, data=io.BytesIO(body), headers=headers, timeout=timeout
            ) as answer:
                text = (await answer.read()).decode(errors="replace")
                failure = "" if 200 <= answer.status < 300 else "http_error"
                final = answer.headers.get("X-Slack-No-Retry") == "1"
                return Answer(status=answer.status, body=text, failure=failure, final=final)
        except TimeoutError:
            return Answer(status=0, failure="http_timeout")
        except aiohttp.ClientError:
            return Answer(status=0, failure="connection_failed")
