"""Where files go in and out: upload addresses, and ``url_private`` that wants a token."""

import hmac
import mimetypes

from aiohttp import BodyPartReader, web

from bots.sandbox.config import SlackSide
from bots.sandbox.hub import Hub
from bots.sandbox.slack.faults import Faults, hang_up
from bots.sandbox.slack.workspace import SharedFile, Workspace

LOGIN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>"


class FileServer:
    """Faults name these two ``upload`` and ``download``."""

    def __init__(
        self, side: SlackSide, workspace: Workspace, scopes: set[str], hub: Hub, faults: Faults
    ) -> None:
        self._side = side
        self._workspace = workspace
        self._scopes = scopes
        self._hub = hub
        self._faults = faults

    async def upload(self, request: web.Request) -> web.Response:
        """``POST /upload/v1/{key}``: the bytes alone, or as a form's file; of the length that was announced."""
        fault = self._faults.armed("upload")
        if fault and fault.fault != "drop_answer":
            return await self._faults.fail(request, fault)
        file = self._by_key(request.match_info["key"])
        if file is None or file.stored:
            return web.Response(status=404, text="no such upload")
        data = await _bytes_of(request)
        if len(data) != file.length:
            return web.Response(status=400, text="length mismatch")
        mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        file.stored = self._hub.keep(data, file.name, mime)
        if fault:
            hang_up(request)
        return web.Response(text=f"OK - {len(data)}")

    async def download(self, request: web.Request) -> web.Response:
        """``GET /files-pri/{team}-{id}/…``: without token or scope a page to sign in, and 200, as on Slack."""
        fault = self._faults.armed("download")
        if fault and fault.fault != "drop_answer":
            return await self._faults.fail(request, fault)
        file = self._by_key(request.match_info["key"])
        if not self._allowed(request):
            return web.Response(text=LOGIN, content_type="text/html")
        if file is None or file.stored is None:
            return web.Response(status=404, text="file not found")
        if fault:
            hang_up(request)
        return web.Response(body=file.data, content_type=file.mime)

    def _by_key(self, key: str) -> SharedFile | None:
        return next((one for one in self._workspace.files.values() if one.key == key), None)

    def _allowed(self, request: web.Request) -> bool:
        expected = f"Bearer {self._side.bot_token}"
        given = request.headers.get("Authorization", "")
        return "files:read" in self._scopes and hmac.compare_digest(
            expected.encode(), given.encode(errors="surrogateescape")
        )


async def _bytes_of(request: web.Request) -> bytes:
    """Read as a stream: files may be larger than what the server takes as a body."""
    if request.content_type != "multipart/form-data":
        return await request.content.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename:
            return bytes(await part.read())
    return b""
