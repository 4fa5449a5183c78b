"""The Telegram stand-in: its bots and phones, the API, and the page's actions."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from itertools import cycle
from typing import Any

import aiohttp
from aiohttp import web

from bots.sandbox.acting import Refused, Wish, action, read_wish
from bots.sandbox.config import TelegramSide
from bots.sandbox.going import Going
from bots.sandbox.hub import Hub, Json
from bots.sandbox.pace import Pace
from bots.sandbox.telegram.api import Api
from bots.sandbox.telegram.bot import Bot
from bots.sandbox.telegram.chats import Group
from bots.sandbox.telegram.phone import TelegramPhone

PEOPLE = (
    ("Anna Petrova", "en"),
    ("陳美玲", "zh-hant"),
    ("赵磊", "zh-hans"),
    ("Liam Turner", "en"),
    ("林志豪", "zh-hant"),
    ("Maria Silva", "en"),
)
"""Name and language_code; the first two are there from the beginning."""

VERBS: Mapping[str, Callable[[TelegramPhone, Wish], Awaitable[Any]]] = {
    "say": lambda phone, wish: phone.say(wish.text("text")),
    "tap": lambda phone, wish: phone.tap(wish.text("message"), wish.text("data")),
    "edit": lambda phone, wish: phone.edit(wish.text("message"), wish.text("text")),
    "start": lambda phone, wish: phone.start(wish.text("payload", "")),
    "send": lambda phone, wish: phone.send(
        wish.text("kind", "file"), wish.upload(), wish.text("caption", "")
    ),
    "sticker": lambda phone, _: phone.sticker(),
    "place": lambda phone, wish: phone.location(
        wish.number("lat"), wish.number("lon"), wish.text("label", "")
    ),
    "block": lambda phone, _: phone.block(),
    "unblock": lambda phone, _: phone.unblock(),
}


class TelegramStand:
    """``stand.phone("shop")`` is the first phone of a bot, ``await stand.newcomer("shop")`` one more person.

    What a phone can do, and what it shows, is in TelegramPhone.
    """

    def __init__(self, sides: Iterable[TelegramSide], hub: Hub, pace: Pace) -> None:
        self._hub = hub
        self._going = Going()
        self._bots = {side.account: Bot(side, hub, pace, self._going) for side in sides}
        self._phones: list[TelegramPhone] = []
        self._people: Iterator[tuple[str, str]] = cycle(PEOPLE)
        self._api = Api(self._bots.values(), hub)
        self.reset()

    def bot(self, account: str = "") -> Bot:
        """The bot of that account, or the first; raises Refused."""
        account = account or next(iter(self._bots), "")
        if account not in self._bots:
            raise Refused("there is no such account")
        return self._bots[account]

    def phone(self, account: str = "", user: str = "") -> TelegramPhone:
        """The phone of ``user`` (a user id), or the bot's first; raises Refused."""
        bot = self.bot(account)
        for phone in self._phones:
            if phone.bot is bot and user in ("", phone.user):
                return phone
        raise Refused("there is no such phone")

    async def newcomer(self, account: str = "", name: str = "", language: str = "") -> TelegramPhone:
        """A new person with a phone, who has not pressed START yet."""
        next_name, next_language = next(self._people)
        return await self._join(
            TelegramPhone(self.bot(account), name or next_name, language or next_language)
        )

    async def also(self, phone: TelegramPhone, account: str) -> TelegramPhone:
        """The same person in the chat with another bot."""
        return await self._join(TelegramPhone(self.bot(account), phone.name, phone.language, phone.id))

    async def _join(self, phone: TelegramPhone) -> TelegramPhone:
        self._phones.append(phone)
        await self._hub.publish({"what": "phone"})
        return phone

    def group(self, account: str = "", title: str = "Friends") -> Group:
        """A new group with the bot in it."""
        bot = self.bot(account)
        group = Group(id=-1_000_000_000_000 - len(bot.chats), title=title)
        bot.chats[group.id] = group
        return group

    def state(self) -> Json:
        """What the page shows of it."""
        return {"telegram": [phone.state() for phone in self._phones]}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self._api.call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._api.file),
            web.post("/sandbox/telegram/{account}/{user}/{verb}", action(self._act)),
            web.post("/sandbox/people/telegram", action(self._invite)),
        ]

    async def start(self, http: aiohttp.ClientSession) -> None:
        for bot in self._bots.values():
            bot.updates.http = http

    async def stop(self) -> None:
        for bot in self._bots.values():
            bot.updates.stopped = True
            bot.updates.stir()
        await self._going.stop()

    def reset(self) -> None:
        """Two new people for each bot, and nothing said yet; webhooks and commands stay."""
        self._people = cycle(PEOPLE)
        self._phones.clear()
        for bot in self._bots.values():
            bot.chats.clear()
            bot.queries.clear()
            bot.updates.drop()
            people = [next(self._people), next(self._people)]
            self._phones += [TelegramPhone(bot, name, language) for name, language in people]

    async def _act(self, request: web.Request) -> None:
        where = request.match_info
        phone = self.phone(where["account"], where["user"])
        if where["verb"] not in VERBS:
            raise Refused("there is no such action")
        VERBS[where["verb"]](phone, await read_wish(request))

    async def _invite(self, request: web.Request) -> None:
        wish = await read_wish(request)
        await self.newcomer(wish.text("account", ""), wish.text("name", ""), wish.text("language", ""))
