"""What the page itself needs: its files, the state, the live stream, files that were sent, faults and the reset."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bots.sandbox import faulty
from bots.sandbox.acting import Refused, action, read_wish
from bots.sandbox.hub import Fault, Hub, Json
from bots.sandbox.pace import Pace

PAGE = Path(__file__).resolve().parent / "page"
FOLDERS = ("css", "js", "icons")
END = "end"
"""The event that ends every stream."""

SHOWN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/bmp",
        "audio/wav",
        "audio/mpeg",
        "audio/ogg",
        "audio/amr",
        "audio/mp4",
        "audio/webm",
        "video/mp4",
        "video/webm",
        "video/ogg",
    }
)
"""What a browser may show as what it is; anything else is only fetched as bytes."""
FILE_POLICY = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=86400, immutable",
}
PLATFORMS = frozenset({"wechat", "telegram", "slack"})


class Backend:
    """``state`` and ``reset`` are those of all stand-ins together."""

    def __init__(self, hub: Hub, state: Callable[[], Json], reset: Callable[[], None], pace: Pace) -> None:
        self._hub = hub
        self._state = state
        self._reset = reset
        self._pace = pace
        self._closing = False

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        return [
            web.get("/", _page_file("index.html")),
            web.get("/i18n.json", _page_file("i18n.json")),
            web.get("/favicon.ico", _page_file("icons/onethread.svg")),
            *(web.static(f"/{folder}", PAGE / folder) for folder in FOLDERS),
            web.get("/sandbox/state", self._load),
            web.get("/sandbox/stream", self._stream),
            web.get("/sandbox/files/{id}", self._file),
            web.post("/sandbox/faults", action(self._arm)),
            web.post("/sandbox/reset", action(self._start_over)),
        ]

    async def stop(self) -> None:
        """End all streams."""
        self._closing = True
        await self._hub.publish({"what": END})

    async def _load(self, _: web.Request) -> web.Response:
        return web.json_response(self._state(), headers={"Cache-Control": "no-store"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one for each change, and a comment now and then to keep the connection."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        with self._hub.listening() as events:
            await response.prepare(request)
            await response.write(b": live\n\n")
            while not self._closing:
                try:
                    async with asyncio.timeout(self._pace.heartbeat):
                        event = await events.get()
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event["what"] != END:
                    await response.write(f"data: {json.dumps(event)}\n\n".encode())
        await response.write_eof()
        return response

    async def _file(self, request: web.Request) -> web.Response:
        file = self._hub.files.get(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound
        if file.mime in SHOWN:
            return web.Response(body=file.data, headers={**FILE_POLICY, "Content-Type": file.mime})
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
        return web.Response(body=file.data, headers={**FILE_POLICY, **headers})

    async def _arm(self, request: web.Request) -> None:
        wish = await read_wish(request)
        platform, method, fault = wish.text("platform"), wish.text("method"), wish.text("fault")
        if platform not in PLATFORMS or not method or not faulty.is_known(platform, fault):
            raise Refused("there is no such fault")
        count, retry_after = int(wish.number("count", 1)), int(wish.number("retry_after", 1))
        if count < 1 or retry_after < 0:
            raise Refused("count is at least 1, retry_after at least 0")
        self._hub.arm(
            Fault(platform=platform, method=method, fault=fault, count=count, retry_after=retry_after)
        )

    async def _start_over(self, _: web.Request) -> None:
        self._hub.faults.clear()
        self._hub.files.clear()
        self._reset()
        await self._hub.publish({"what": "reset"})


def _page_file(name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / name, headers={"Cache-Control": "no-cache"})

    return serve
