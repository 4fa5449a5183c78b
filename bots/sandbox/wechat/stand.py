"""The WeChat stand-in: its accounts and phones, the API, and the page's actions."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from itertools import cycle
from typing import Any

import aiohttp
from aiohttp import web

from bots.sandbox.acting import Refused, Wish, action, read_wish
from bots.sandbox.config import WeChatSide
from bots.sandbox.going import Going
from bots.sandbox.hub import Hub, Json
from bots.sandbox.pace import Pace
from bots.sandbox.wechat.account import Account
from bots.sandbox.wechat.api import Api
from bots.sandbox.wechat.phone import WeChatPhone

NAMES = ("小林", "王小明", "李婷", "阿杰", "周周", "陈晨", "雨桐", "大鹏")
"""Only the page shows them: WeChat tells accounts no names."""
KINDS = frozenset({"image", "voice", "video", "file"})

VERBS: Mapping[str, Callable[[WeChatPhone, Wish], Awaitable[Any]]] = {
    "say": lambda phone, wish: phone.say(wish.text("text")),
    "tap": lambda phone, wish: phone.tap(wish.text("id"), wish.text("label", "") or None),
    "send": lambda phone, wish: phone.send(_kind(wish), wish.upload(), wish.text("recognition", "")),
    "place": lambda phone, wish: phone.place(wish.number("lat"), wish.number("lon"), wish.text("label", "")),
    "menu": lambda phone, wish: phone.menu(wish.text("key")),
    "scan": lambda phone, wish: phone.scan(wish.text("scene")),
    "follow": lambda phone, _: phone.follow(),
    "unfollow": lambda phone, _: phone.unfollow(),
    "unknown": lambda phone, wish: phone.unknown(wish.text("type")),
}


def _kind(wish: Wish) -> str:
    kind = wish.text("kind", "file")
    if kind not in KINDS:
        raise Refused(f"there is no kind {kind}")
    return kind


class WeChatStand:
    """``stand.phone("shop")`` is the first phone of an account, ``await stand.newcomer("shop")`` one more person.

    What a phone can do, and what it shows, is in WeChatPhone.
    """

    def __init__(self, sides: Iterable[WeChatSide], hub: Hub, pace: Pace) -> None:
        self._hub = hub
        self._going = Going()
        self._accounts = {side.account: Account(side, hub, pace, self._going) for side in sides}
        self._phones: list[WeChatPhone] = []
        self._names: Iterator[str] = cycle(NAMES)
        self._api = Api(self._accounts.values(), self._find, hub)
        self.reset()

    def account(self, name: str = "") -> Account:
        """The account of that name, or the first; raises Refused."""
        name = name or next(iter(self._accounts), "")
        if name not in self._accounts:
            raise Refused("there is no such account")
        return self._accounts[name]

    def phone(self, account: str = "", user: str = "") -> WeChatPhone:
        """The phone of ``user`` (an openid), or the account's first; raises Refused."""
        side = self.account(account)
        for phone in self._phones:
            if phone.account is side and user in ("", phone.user):
                return phone
        raise Refused("there is no such phone")

    async def newcomer(self, account: str = "", name: str = "", *, following: bool = False) -> WeChatPhone:
        """A new person with a phone, who may follow later."""
        phone = WeChatPhone(self.account(account), name or next(self._names), following)
        self._phones.append(phone)
        await self._hub.publish({"what": "phone"})
        return phone

    def state(self) -> Json:
        """What the page shows of it."""
        return {"wechat": [phone.state() for phone in self._phones]}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/cgi-bin/{method:.+}", self._api.call),
            web.post("/sandbox/wechat/{account}/{user}/{verb}", action(self._act)),
            web.post("/sandbox/people/wechat", action(self._invite)),
        ]

    async def start(self, http: aiohttp.ClientSession, base: str) -> None:
        """``base`` is the sandbox's own address."""
        for account in self._accounts.values():
            account.http, account.base = http, base

    async def stop(self) -> None:
        await self._going.stop()

    def reset(self) -> None:
        """One new follower for each account, and nothing said yet; tokens and menus stay."""
        self._names = cycle(NAMES)
        accounts = self._accounts.values()
        self._phones = [WeChatPhone(account, next(self._names), following=True) for account in accounts]

    def _find(self, account: Account, openid: str) -> WeChatPhone | None:
        for phone in self._phones:
            if phone.account is account and phone.user == openid:
                return phone
        return None

    async def _act(self, request: web.Request) -> None:
        where = request.match_info
        phone = self.phone(where["account"], where["user"])
        if where["verb"] not in VERBS:
            raise Refused("there is no such action")
        VERBS[where["verb"]](phone, await read_wish(request))

    async def _invite(self, request: web.Request) -> None:
        wish = await read_wish(request)
        await self.newcomer(wish.text("account", ""), wish.text("name", ""))
