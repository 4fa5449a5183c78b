"""``response_url``: where the app may answer a press or a command, five times within half an hour, without a token."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.app_words import AppWords, app_words, write_as_app
from bots.sandbox.slack.calls import Args
from bots.sandbox.slack.events import Events
from bots.sandbox.slack.workspace import TEAM, Message, Refused

LIVES = timedelta(minutes=30)
ANSWERS = 5


@dataclass(slots=True, kw_only=True)
class ReplyAddress:
    """``source`` is the message that was pressed; None for a command."""

    channel: str
    user: str
    made: datetime
    source: Message | None = None
    left: int = ANSWERS


class ReplyAddresses:
    def __init__(self, events: Events, hub: Hub) -> None:
        self._events = events
        self._hub = hub
        self._known: dict[str, ReplyAddress] = {}

    def reset(self) -> None:
        self._known.clear()

    def make(self, channel: str, user: str, source: Message | None = None) -> str:
        key = secrets.token_hex(12)
        self._known[key] = ReplyAddress(channel=channel, user=user, made=self._hub.now(), source=source)
        return f"{self._events.origin}/actions/{TEAM}/{key}"

    async def answered(self, request: web.Request) -> web.Response:
        """``POST /actions/{team}/{key}``."""
        address = self._known.get(request.match_info["key"])
        try:
            if address is None or self._hub.now() - address.made > LIVES:
                raise Refused("expired_url")
            if not address.left:
                raise Refused("used_url")
            self.answer(address.channel, address.user, Args(await _object(request)), address.source)
        except Refused as refused:
            return web.json_response({"ok": False, "error": refused.error, **refused.more}, status=404)
        address.left -= 1
        return web.Response(text="ok")

    def answer(self, channel: str, user: str, args: Args, source: Message | None = None) -> None:
        """To the presser alone, unless ``response_type`` is ``in_channel``. Raises Refused."""
        if source and args.flag("delete_original"):
            self._take_back(source)
        elif source and args.flag("replace_original"):
            self._replace(source, app_words(args))
        else:
            self._write(channel, user, args, source)

    def _take_back(self, source: Message) -> None:
        before = self._events.json(source)
        source.deleted = True
        self._tell(source, before)

    def _replace(self, source: Message, words: AppWords) -> None:
        if words.empty:
            raise Refused("no_text")
        before = self._events.json(source)
        source.text, source.blocks = words.text or "", words.blocks or []
        self._tell(source, before)

    def _tell(self, source: Message, before: Json) -> None:
        if source.whispered_to:
            self._events.show(source)
        elif source.deleted:
            self._events.deleted(source, before)
        else:
            self._events.changed(source, before)

    def _write(self, channel: str, user: str, args: Args, source: Message | None) -> None:
        workspace = self._events.workspace
        thread = args.text("thread_ts") or (source.thread if source else "")
        message = write_as_app(workspace, workspace.channel(channel), app_words(args), thread)
        if args.text("response_type") == "in_channel":
            self._events.posted(workspace.add(message))
            return
        message.whispered_to = user
        self._events.show(workspace.add(message))


async def _object(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("invalid_payload")
    return body
