"""Socket Mode: Slack's envelopes over a websocket that we open, so no public address is needed.

An envelope is acknowledged after its turn is durable; Slack sends an unacknowledged one again.
"""

import asyncio
import json
from typing import Protocol

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bots.slack.api import SOON, SlackApi
from bots.slack.webhook import Dispatch
from core.errors import RetryLater

log = structlog.get_logger()

CONNECT_SECONDS = 30
FINISH_SECONDS = 8
"""How long turns in hand may take when the process is asked to stop."""


class _Line(Protocol):
    """What slack_sdk leaves untyped."""

    async def connect(self) -> None: ...
    async def is_connected(self) -> bool: ...
    async def close(self) -> None: ...


class Socket:
    """One connection, which slack_sdk renews when Slack asks for it or the line goes dead."""

    def __init__(self, api: SlackApi, app_token: str, dispatch: Dispatch) -> None:
        self._api = api
        self._app_token = app_token
        self._dispatch = dispatch
        self._line: _Line | None = None
        self._in_hand: set[asyncio.Task[object]] = set()
        self._closing = False

    async def open(self) -> None:
        """Connect. Raises RetryLater, or Rejected for an app token that is no good."""
        url = await self._api.socket_url()
        client = SocketModeClient(self._app_token, web_client=self._api.client)
        client.proxy = None
        client.wss_uri = url
        client.socket_mode_request_listeners.append(self._envelope)
        line: _Line = client
        self._line = line
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await line.connect()  # tries again and again by itself
        except TimeoutError:
            await self.close()
            raise RetryLater(SOON, "Socket Mode: no connection") from None

    async def is_open(self) -> bool:
        """Whether envelopes come in at this moment."""
        return self._line is not None and await self._line.is_connected()

    async def close(self) -> None:
        """Take nothing more in, finish and acknowledge what is in hand, and hang up."""
        self._closing = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=FINISH_SECONDS)
        if self._line is not None:
            await self._line.close()

    async def _envelope(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if self._closing:
            return
        task = asyncio.current_task()
        assert task is not None
        self._in_hand.add(task)
        try:
            body = request.payload
            outcome = await self._dispatch(body, json.dumps(body).encode())
            if outcome.status == 200:
                answer = json.loads(outcome.body) if outcome.body else None
                response = SocketModeResponse(envelope_id=request.envelope_id, payload=answer)
                await client.send_socket_mode_response(response)
            else:
                log.warning("slack_envelope_unacknowledged", status=outcome.status)
        finally:
            self._in_hand.discard(task)
