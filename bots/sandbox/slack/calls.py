"""One call of a Web API method: its arguments as Slack reads them, and the world that it acts on."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from aiohttp import web

from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.acts import Acts
from bots.sandbox.slack.desktops import Desktops
from bots.sandbox.slack.events import Events
from bots.sandbox.slack.triggers import Triggers
from bots.sandbox.slack.workspace import BOT, Channel, Message, Refused, Workspace

Item = TypeVar("Item")

TRUE = (True, 1, "1", "true")


class Args(dict[str, Any]):
    """Arguments by name; JSON inside a form field counts as if it stood in JSON."""

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name, default)
        return value if isinstance(value, str) else str(value)

    def needed(self, name: str) -> str:
        """Raises Refused."""
        value = self.text(name)
        if not value:
            raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] missing {name}"]})
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        return self[name] in TRUE if name in self else default

    def number(self, name: str, default: int, most: int, error: str = "invalid_limit") -> int:
        """Raises Refused."""
        try:
            value = int(self.text(name) or default)
        except ValueError:
            raise Refused(error) from None
        if not 1 <= value <= most:
            raise Refused(error)
        return value

    def parsed(self, name: str, error: str) -> Any:
        """None if it was not given. Raises Refused."""
        value = self.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused(error) from None


async def arguments(request: web.Request, *, form_only: bool) -> Args:
    """From address, form and JSON. Methods that only read know no JSON bodies, as on Slack. Raises Refused."""
    args = Args(request.query)
    if request.content_type == "application/json":
        return args if form_only else Args({**args, **await _json(request)})
    if request.method == "POST":
        form = await request.post()
        args.update({name: value for name, value in form.items() if isinstance(value, str)})
    return args


async def _json(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(body, dict):
        raise Refused("json_not_object")
    return {name: value for name, value in body.items() if value is not None}


@dataclass(slots=True, kw_only=True)
class Call:
    """``scopes`` are those that the app was granted."""

    args: Args
    scopes: set[str]
    workspace: Workspace
    events: Events
    acts: Acts
    triggers: Triggers
    desktops: Desktops
    hub: Hub
    socket_address: Callable[[str], str]

    def channel(self, name: str = "channel") -> Channel:
        """One that the app can see: private ones only from inside. Raises Refused."""
        id = self.args.text(name)
        found = self.workspace.channels.get(id)
        if found is None or (found.kind != "channel" and BOT not in found.members):
            raise Refused("channel_not_found")
        return found

    def joined_channel(self, name: str = "channel") -> Channel:
        """One that the app is a member of. Raises Refused."""
        found = self.channel(name)
        if BOT not in found.members:
            raise Refused("not_in_channel")
        return found

    def writable_channel(self) -> Channel:
        """One that takes something new. Raises Refused."""
        found = self.joined_channel()
        if found.archived:
            raise Refused("is_archived")
        return found

    def message(self, ts: str) -> Message:
        """One that everybody in the Slack channel can see. Raises Refused."""
        found = self.workspace.message(self.joined_channel().id, ts)
        if found.whispered_to:
            raise Refused("message_not_found")
        return found

    def own_message(self, error: str) -> Message:
        """Raises Refused, with ``error`` if it is somebody else's."""
        found = self.message(self.args.text("ts"))
        self.writable_channel()
        if not found.by_app:
            raise Refused(error)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """``scope`` has to be granted; ``{kind}`` in it stands for the kind of the call's Slack channel."""

    run: Callable[[Call], Json]
    scope: str = ""
    form_only: bool = False
    token: str = "bot"


def check_scope(call: Call, method: Method) -> None:
    """Raises Refused."""
    if not method.scope:
        return
    needed = method.scope
    if "{kind}" in needed:
        found = call.workspace.channels.get(call.args.text("channel"))
        kinds = {"channel": "channels", "group": "groups", "im": "im"}
        needed = needed.format(kind=kinds[found.kind if found else "channel"])
    if needed not in call.scopes:
        raise Refused("missing_scope", needed=needed, provided=",".join(sorted(call.scopes)))


def paged(
    call: Call, items: Sequence[Item], name: Callable[[Item], str], *, default: int, most: int
) -> tuple[list[Item], Json]:
    """One page of ``items`` from the call's cursor on, and what to say of the next. Raises Refused."""
    limit = call.args.number("limit", default, most)
    start = _place(call.args.text("cursor"), [name(item) for item in items])
    rest = items[start + limit :]
    cursor = base64.b64encode(f"next:{name(rest[0])}".encode()).decode() if rest else ""
    return list(items[start : start + limit]), {"response_metadata": {"next_cursor": cursor}}


def _place(cursor: str, names: list[str]) -> int:
    if not cursor:
        return 0
    try:
        kind, _, name = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError:
        raise Refused("invalid_cursor") from None
    if kind != "next" or name not in names:
        raise Refused("invalid_cursor")
    return names.index(name)


def moment(call: Call, name: str) -> Decimal | None:
    """A timestamp argument; None if it was not given. Raises Refused."""
    value = call.args.text(name)
    if not value:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Refused(f"invalid_ts_{name}") from None
    if not found.is_finite():
        raise Refused(f"invalid_ts_{name}")
    return found
