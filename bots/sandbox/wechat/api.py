"""The Official Account API under /cgi-bin: whose call it is, faults on demand, and how errors are answered."""

import json
from collections.abc import Iterable

from aiohttp import web

from bots.sandbox import faulty
from bots.sandbox.hub import Fault, Hub, Json
from bots.sandbox.wechat.account import Account
from bots.sandbox.wechat.calls import Call, Find, parse
from bots.sandbox.wechat.endpoints import ENDPOINTS
from bots.sandbox.wechat.errors import Errcode

TOKENS = ("stable_token", "token")


class Api:
    """``find`` leads from an account and an openid to the phone."""

    def __init__(self, accounts: Iterable[Account], find: Find, hub: Hub) -> None:
        self._accounts = {account.side.app_id: account for account in accounts}
        self._find = find
        self._hub = hub

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Any request to /cgi-bin/…"""
        fault = self._hub.fault("wechat", request.match_info["method"])
        return await faulty.answered(request, fault, lambda: self._answer(request), _refuse)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            answer = await self._do(request, request.match_info["method"])
        except Errcode as error:
            return _json({"errcode": error.code, "errmsg": error.message})
        return _json(answer) if isinstance(answer, dict) else answer

    async def _do(self, request: web.Request, method: str) -> Json | web.StreamResponse:
        if method in TOKENS:
            return await self._token(request, stable=method == "stable_token")
        if method not in ENDPOINTS:
            raise Errcode(40066)
        account = self._owner(request.query.get("access_token", ""))
        verb, endpoint = ENDPOINTS[method]
        if request.method != verb:
            raise Errcode(43001 if verb == "GET" else 43002)
        return await endpoint(Call(request=request, account=account, find=self._find))

    def _owner(self, token: str) -> Account:
        """The account that ``token`` belongs to."""
        if not token:
            raise Errcode(41001)
        for account in self._accounts.values():
            if account.tokens.knows(token):
                account.tokens.check(token, self._hub.now())
                return account
        raise Errcode(40001)

    async def _token(self, request: web.Request, stable: bool) -> Json:
        if stable and request.method != "POST":
            raise Errcode(43002)
        asked = parse(await request.read()) if stable else dict(request.query)
        if asked.get("grant_type") != "client_credential":
            raise Errcode(40002)
        for name, missing in (("appid", 41002), ("secret", 41004)):
            if not asked.get(name):
                raise Errcode(missing)
        account = self._accounts.get(str(asked["appid"]))
        if account is None:
            raise Errcode(40013)
        if asked["secret"] != account.side.app_secret:
            raise Errcode(40125)
        force, now = asked.get("force_refresh") is True, self._hub.now()
        token, seconds = account.tokens.stable(now, force) if stable else account.tokens.plain(now)
        return {"access_token": token, "expires_in": seconds}


def _refuse(fault: Fault) -> web.StreamResponse:
    status = faulty.http_status(fault)
    if status is not None:
        return web.Response(status=status, headers={"Retry-After": str(fault.retry_after)})
    error = Errcode(int(fault.fault))
    return _json({"errcode": error.code, "errmsg": error.message})


def _json(answer: Json) -> web.Response:
    text = json.dumps(answer, ensure_ascii=False)
    return web.Response(body=text.encode(), headers={"Content-Type": "application/json; encoding=utf-8"})
