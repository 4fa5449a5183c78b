"""Socket Mode: the app's websocket to Slack, over which events come as envelopes that must be acknowledged."""

import asyncio
import contextlib
import json
import secrets

from aiohttp import WSMsgType, web

from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.background import Background
from bots.sandbox.slack.workspace import APP

MOST_LINKS = 10
LEAVING = 10.0


class SocketMode:
    """Up to ten connections at a time; each envelope goes to one of them, in turn.

    ``enabled`` from the first connection on: as on Slack, nothing then leaves over HTTP any more, and without a
    connection an attempt waits for one as long as for an answer.
    """

    def __init__(self, hub: Hub, background: Background) -> None:
        self._hub = hub
        self._background = background
        self._tickets: set[str] = set()
        self._links: list[web.WebSocketResponse] = []
        self._leaving: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._connected = asyncio.Event()
        self.enabled = False

    @property
    def open(self) -> bool:
        return bool(self._links)

    def reset(self) -> None:
        self.enabled = self.open

    def address(self, origin: str) -> str:
        """Where to connect, once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return f"{origin.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """``GET /link/``: serves one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPUnauthorized(text="invalid ticket")
        self._tickets.discard(ticket)
        link = web.WebSocketResponse()
        await link.prepare(request)
        if len(self._links) >= MOST_LINKS:
            await link.send_json(_goodbye("too_many_websockets"))
            await link.close()
            return link
        await link.send_json(_hello(len(self._links) + 1))
        self._links.append(link)
        self._connected.set()
        self.enabled = True
        await self._hub.publish({"what": "socket", "open": len(self._links)})
        try:
            await self._listen(link)
        finally:
            for known in (self._links, self._leaving):
                if link in known:
                    known.remove(link)
            self._settle()
        return link

    def _settle(self) -> None:
        if not self._links:
            self._connected.clear()

    async def _listen(self, link: web.WebSocketResponse) -> None:
        async for frame in link:
            if frame.type != WSMsgType.TEXT:
                continue
            with contextlib.suppress(ValueError, AttributeError):  # Slack ignores what is no acknowledgement
                answer = json.loads(frame.data)
                waiting = self._waiting.get(answer.get("envelope_id"))
                if waiting and not waiting.done():
                    waiting.set_result(answer.get("payload") or {})

    async def offer(
        self, kind: str, payload: Json, *, attempt: int, reason: str, patience: float
    ) -> Json | None:
        """The payload of the acknowledgement; None if none came in time."""
        envelope = secrets.token_hex(16)
        waiting = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(patience):
                await self._connected.wait()
                link = self._links.pop(0)
                self._links.append(link)
                await link.send_json(_envelope(envelope, kind, payload, attempt, reason))
                acknowledged: Json = await waiting
                return acknowledged
        except (TimeoutError, ConnectionError):
            return None
        finally:
            del self._waiting[envelope]

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask all connections to come anew; whoever stays is put out after 10 s."""
        leaving, self._links = self._links, []
        self._leaving += leaving
        self._settle()
        for link in leaving:
            await link.send_json(_goodbye(reason))
            self._background.start(self._put_out(link))

    async def _put_out(self, link: web.WebSocketResponse) -> None:
        await asyncio.sleep(LEAVING)
        await link.close()

    async def stop(self) -> None:
        for link in [*self._links, *self._leaving]:
            await link.close()


def _hello(connections: int) -> Json:
    debug = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060}
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": debug,
        "connection_info": {"app_id": APP},
    }


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}


def _envelope(id: str, kind: str, payload: Json, attempt: int, reason: str) -> Json:
    envelope = {"envelope_id": id, "type": kind, "payload": payload}
    if kind == "events_api":
        retry = {"retry_attempt": attempt, "retry_reason": reason}
        return {**envelope, "accepts_response_payload": False, **retry}
    return {**envelope, "accepts_response_payload": True}
