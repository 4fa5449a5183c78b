"""``/api/<method>``: tokens, scopes, limits and faults around the methods."""

import hmac
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from bots.sandbox.config import SlackSide
from bots.sandbox.hub import Json
from bots.sandbox.slack import (
    methods_chat,
    methods_conversations,
    methods_files,
    methods_people,
    methods_reactions,
    methods_views,
)
from bots.sandbox.slack.calls import Args, Call, Method, arguments, check_scope
from bots.sandbox.slack.faults import Faults, hang_up, too_many
from bots.sandbox.slack.workspace import Refused

METHODS: Mapping[str, Method] = {
    **methods_chat.METHODS,
    **methods_conversations.METHODS,
    **methods_files.METHODS,
    **methods_people.METHODS,
    **methods_reactions.METHODS,
    **methods_views.METHODS,
}
UNKNOWN = Method(run=lambda _: {}, token="")

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "users:read",
    "users:read.email",
)
"""What the app's manifest asks for."""


class WebApi:
    """``world`` is what each call acts on; ``post_interval`` the seconds between two posts in one Slack channel.

    ``shut_out`` is what every call is told (``token_revoked``) once the app was removed; ``called`` counts the calls.
    """

    def __init__(self, side: SlackSide, world: Call, faults: Faults) -> None:
        self._side = side
        self._world = world
        self._faults = faults
        self._posted: dict[str, float] = {}
        self.post_interval = 0.0
        self.shut_out = ""
        self.called: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.Response:
        self._world.events.origin = str(request.url.origin())
        name = request.match_info["method"]
        self.called[name] += 1
        fault = self._faults.armed(name)
        if fault and fault.fault != "drop_answer":
            return await self._faults.fail(request, fault)
        response = await self._answer(request, name)
        if fault:
            hang_up(request)
        return response

    async def _answer(self, request: web.Request, name: str) -> web.Response:
        method = METHODS.get(name, UNKNOWN)
        headers = {"X-Slack-Req-Id": secrets.token_hex(16)}
        try:
            call = replace(self._world, args=await arguments(request, form_only=method.form_only))
            self._check_token(request, call.args, method)
            if self.shut_out:
                raise Refused(self.shut_out)
            if method.token == "bot":
                headers["X-OAuth-Scopes"] = ",".join(sorted(call.scopes))
                headers["X-Accepted-OAuth-Scopes"] = method.scope
            if method is UNKNOWN:
                raise Refused("unknown_method", req_method=name)
            check_scope(call, method)
            if name == "chat.postMessage" and not self._may_post(call.args.text("channel")):
                return too_many(1)
            return web.json_response({"ok": True, **method.run(call)}, headers=headers)
        except Refused as refused:
            answer: Json = {"ok": False, "error": refused.error, **refused.more}
            return web.json_response(answer, headers=headers)

    def _check_token(self, request: web.Request, args: Args, method: Method) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else args.text("token")
        if not method.token:
            return
        if not given:
            raise Refused("not_authed")
        tokens = {"bot": self._side.bot_token, "app": self._side.app_token}
        known = [kind for kind, one in tokens.items() if one and _same(one, given)]
        if not known:
            raise Refused("invalid_auth")
        if known != [method.token]:
            raise Refused("not_allowed_token_type")

    def _may_post(self, channel: str) -> bool:
        now = time.monotonic()
        if self.post_interval and now - self._posted.get(channel, 0) < self.post_interval:
            return False
        self._posted[channel] = now
        return True


def _same(one: str, other: str) -> bool:
    """A header may hold bytes that are no text: they come as surrogates."""
    return hmac.compare_digest(one.encode(), other.encode(errors="surrogateescape"))
