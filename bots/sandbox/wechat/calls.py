"""One call of the Official Account API: whose it is, and what it brought."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bots.sandbox.hub import Json
from bots.sandbox.wechat.account import Account
from bots.sandbox.wechat.errors import Errcode
from bots.sandbox.wechat.phone import WeChatPhone

_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u([0-9a-fA-F]{4})")

Find = Callable[[Account, str], WeChatPhone | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``account`` is the one whose access token the call bears."""

    request: web.Request
    account: Account
    find: Find

    async def json(self) -> Json:
        """The body; raises Errcode 44002 or 47001."""
        return parse(await self.request.read())

    def phone(self, openid: object) -> WeChatPhone:
        """Raises Errcode 40003 for an openid that this account never had."""
        phone = self.find(self.account, openid) if isinstance(openid, str) else None
        if phone is None:
            raise Errcode(40003)
        return phone


def parse(body: bytes) -> Json:
    """JSON as WeChat reads it: ``\\uXXXX`` for a sign that needs no escape is shown to people as it stands there."""
    if not body.strip():
        raise Errcode(44002)
    try:
        value = json.loads(_ESCAPED.sub(_left_alone, body.decode("utf-8")))
    except ValueError:
        raise Errcode(47001) from None
    if not isinstance(value, dict):
        raise Errcode(47001)
    return value


def _left_alone(found: re.Match[str]) -> str:
    more = "" if int(found[2], 16) < 0x80 else "\\"
    return f"{found[1]}{more}\\u{found[2]}"
