"""Failing on demand: what ``hub.arm`` asked for, done to one request."""

import asyncio

from aiohttp import web

from bots.sandbox.hub import Fault, Hub

GLANCE = 0.05
"""Seconds between two looks whether the client has hung up."""


class Faults:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Whoever is left without an answer is let go."""
        self._stopping.set()

    def armed(self, method: str) -> Fault | None:
        return self._hub.fault("slack", method)

    async def fail(self, request: web.Request, fault: Fault) -> web.Response:
        """For every fault but ``drop_answer``: nothing was done, and the client learns it in the way that was asked."""
        if fault.fault == "timeout":
            await self._silence(request)
            return web.Response(status=504)
        if fault.fault == "429":
            return too_many(fault.retry_after)
        if fault.fault.isdigit():
            page = "<!DOCTYPE html><title>Slack | Server Error</title>"
            return web.Response(status=int(fault.fault), text=page, content_type="text/html")
        return web.json_response({"ok": False, "error": fault.fault})

    async def _silence(self, request: web.Request) -> None:
        while (transport := request.transport) and not transport.is_closing():
            try:
                await asyncio.wait_for(self._stopping.wait(), GLANCE)
            except TimeoutError:
                continue
            return


def too_many(retry_after: int) -> web.Response:
    headers = {"Retry-After": str(retry_after)}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def hang_up(request: web.Request) -> None:
    """Cut the connection: what was done is done, but its answer never arrives."""
    if request.transport:
        request.transport.abort()
