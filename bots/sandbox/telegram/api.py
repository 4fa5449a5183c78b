"""The Bot API: /bot<token>/<method> and /file/bot<token>/<path>."""

from collections.abc import Iterable, Mapping

from aiohttp import web

from bots.sandbox import faulty
from bots.sandbox.hub import Fault, Hub
from bots.sandbox.telegram.bot import Bot
from bots.sandbox.telegram.edits import EDITS
from bots.sandbox.telegram.failure import Failure
from bots.sandbox.telegram.params import read_params
from bots.sandbox.telegram.sends import SENDS, Method
from bots.sandbox.telegram.setup import SETUP

METHODS: Mapping[str, Method] = {**SETUP, **SENDS, **EDITS}
"""By name in lower case: Telegram takes any."""


class Api:
    """One for all bots: the token says which is meant."""

    def __init__(self, bots: Iterable[Bot], hub: Hub) -> None:
        self._bots = {bot.token: bot for bot in bots}
        self._hub = hub

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Any method of any bot."""
        fault = self._hub.fault("telegram", request.match_info["method"])
        return await faulty.answered(request, fault, lambda: self._answer(request), _refuse)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind a file_path."""
        fault = self._hub.fault("telegram", "file")
        return await faulty.answered(request, fault, lambda: self._file(request), _refuse)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            bot = self._bot(request)
            method = METHODS.get(request.match_info["method"].lower())
            if method is None:
                raise Failure(404, "method not found")
            result = await method(bot, await read_params(request))
        except web.HTTPRequestEntityTooLarge:
            return _failed(Failure(413))
        except Failure as failure:
            return _failed(failure)
        return web.json_response({"ok": True, "result": result})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        try:
            sent = self._bot(request).files.at(request.match_info["path"])
        except Failure as failure:
            return _failed(failure)
        if sent is None:
            return _failed(Failure(404))
        return web.Response(body=sent.file.data, content_type="application/octet-stream")

    def _bot(self, request: web.Request) -> Bot:
        token = request.match_info["token"]
        if token not in self._bots:
            raise Failure(401 if ":" in token else 404)
        return self._bots[token]


def _failed(failure: Failure) -> web.Response:
    headers = {"Retry-After": str(failure.retry_after)} if failure.retry_after else None
    return web.json_response(failure.body, status=failure.code, headers=headers)


def _refuse(fault: Fault) -> web.Response:
    code = faulty.http_status(fault) or 400
    if code == 429:
        return _failed(Failure(429, f"retry after {fault.retry_after}", retry_after=fault.retry_after))
    return _failed(Failure(code, fault.why or ("bot was blocked by the user" if code == 403 else "")))
