"""What the page asks somebody to do, read from its requests; and how it hears that this can't be done."""

import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from bots.sandbox.hub import Json


class Refused(Exception):
    """It can't be done now; the page shows the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody picked."""

    data: bytes
    name: str
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The fields of one action, and the file if one came along."""

    fields: Json = field(default_factory=dict)
    file: Upload | None = None

    def text(self, name: str, default: str | None = None) -> str:
        value = self.fields.get(name, default)
        if not isinstance(value, str):
            raise Refused(f"{name} is missing or no text")
        return sound(value)

    def number(self, name: str, default: float | None = None) -> float:
        value = self.fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Refused(f"{name} is missing or no number")
        return value

    def upload(self) -> Upload:
        if self.file is None:
            raise Refused("there is no file")
        return self.file


def sound(text: str) -> str:
    """``text`` without halves of characters, which no platform would take."""
    return text.encode("utf-8", "replace").decode("utf-8")


async def read_wish(request: web.Request) -> Wish:
    """The action in ``request``; raises Refused."""
    if request.content_type == "multipart/form-data":
        return await _read_form(request)
    if request.content_type != "application/json":
        raise Refused("send JSON or a form with a file")
    try:
        fields = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refused("this is no JSON") from None
    if not isinstance(fields, dict):
        raise Refused("send an object")
    return Wish(fields=fields)


async def _read_form(request: web.Request) -> Wish:
    fields: Json = {}
    file = None
    try:
        form = await request.post()
    except ValueError:
        raise Refused("this is no form") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            mime = value.content_type.partition(";")[0].strip().lower()
            file = Upload(data=value.file.read(), name=sound(value.filename), mime=mime)
        elif isinstance(value, str):
            fields[name] = value
    return Wish(fields=fields, file=file)


def action(
    handler: Callable[[web.Request], Awaitable[None]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """``handler`` as the page knows it: ``{"ok": true}``, or the reason why not."""

    async def answer(request: web.Request) -> web.Response:
        try:
            await handler(request)
        except Refused as reason:
            return web.json_response({"ok": False, "error": str(reason)}, status=400)
        return web.json_response({"ok": True})

    return answer
