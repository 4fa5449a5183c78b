"""The parameters of one call, however they came: in the query, as JSON, as a form, or with files."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bots.sandbox.acting import Upload
from bots.sandbox.hub import Json
from bots.sandbox.telegram.failure import bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Forms carry everything as text, numbers and objects as JSON in it; JSON carries values."""

    values: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """ "" if it isn't there."""
        value = self.values.get(name)
        if value is None:
            return ""
        text = value if isinstance(value, str) else json.dumps(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise bad("strings must be encoded in UTF-8") from None
        return text

    def number(self, name: str, default: int = 0) -> int:
        text = self.text(name).strip()
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            raise bad(f'can\'t parse integer parameter "{name}"') from None

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "1", "yes", "y", "t")

    def object(self, name: str) -> Any:
        """A parameter that is JSON; None if it isn't there."""
        value = self.values.get(name)
        if value in (None, ""):
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def file(self, name: str) -> Upload | str:
        """What was uploaded as ``name`` (or attached under another name), or the file id or address given."""
        if name in self.files:
            return self.files[name]
        return self.attached(self.text(name))

    def attached(self, reference: str) -> Upload | str:
        if not reference.startswith("attach://"):
            return reference
        name = reference.removeprefix("attach://")
        if name not in self.files:
            raise bad(f'wrong file identifier/HTTP URL specified: there is no attached "{name}"')
        return self.files[name]


async def read_params(request: web.Request) -> Params:
    """Raises Failure."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        return Params(values=values | await _json(request))
    files: dict[str, Upload] = {}
    try:
        form = await request.post()
    except ValueError:
        raise bad("can't parse the form") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            files[name] = Upload(data=value.file.read(), name=value.filename, mime=value.content_type)
        else:
            values[name] = value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
    return Params(values=values, files=files)


async def _json(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad("can't parse the JSON object")
    return body
