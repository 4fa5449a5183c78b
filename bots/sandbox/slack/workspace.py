"""The workspace: who is in it, its Slack channels, what was said. State alone: no HTTP, no events."""

import itertools
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from bots.sandbox.config import SlackSide
from bots.sandbox.hub import File, Json

TEAM = "TSHOP"
DOMAIN = "harbour-goods"
APP = "ASHOP"
BOT = "UBOT"
BOT_ID = "BSHOP"
ADMIN = "UADA"
GENERAL = "CGENERAL"

Role = Literal["agent", "admin", "colleague", "customer", "app"]

NEWCOMERS = ("Noah", "陳先生", "Sofia", "王小姐", "Omar", "李雷")
PINGS = re.compile(r"<(!(?:here|channel|everyone)|@[UW][A-Z0-9]+|!subteam\^[A-Z0-9]+)[>|]")


class Refused(Exception):
    """Slack's own word for what is wrong with a call or an act (``channel_not_found``), and what it adds to it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    name: str
    role: Role
    locale: str = "en-US"

    @property
    def email(self) -> str:
        return f"{self.id[1:].lower()}@shop.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press on a message or in a modal; ``label`` is what people read on it."""

    action_id: str
    label: str
    value: str
    block_id: str
    element: Json


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """``thread`` is the ts of the message that it hangs on ("": none); ``whispered_to`` makes it ephemeral."""

    ts: str
    channel: str
    user: str
    text: str = ""
    thread: str = ""
    broadcast: bool = False
    subtype: str = ""
    username: str = ""
    icon_emoji: str = ""
    icon_url: str = ""
    mrkdwn: bool = True
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list["SharedFile"] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    metadata: Json | None = None
    edited: Json | None = None
    deleted: bool = False
    bot: str = ""
    """The id of another app's bot, if that wrote it."""
    whispered_to: str = ""

    @property
    def by_app(self) -> bool:
        return self.user == BOT

    @property
    def buttons(self) -> list[Button]:
        """Everything on it that can be pressed or chosen from."""
        return list(pressables(self.blocks))

    @property
    def pings(self) -> set[str]:
        """Whom its markup calls: ``!channel``, ``@UMEI`` …; must be empty for whatever a stranger wrote."""
        return set(PINGS.findall("\n".join([self.text, *_marked_up(self.blocks)])))

    @property
    def words(self) -> str:
        """All that can be read in it, text and blocks, as it stands on the wire (``&lt;`` for ``<``)."""
        return "\n".join([self.text, *(text["text"] for text in _texts(self.blocks))])

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(float(self.ts), UTC)


def pressables(blocks: list[Json]) -> Iterator[Button]:
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else []
        for element in [*elements, *([block["accessory"]] if "accessory" in block else [])]:
            if "action_id" in element:
                yield Button(
                    action_id=element["action_id"],
                    label=element.get("text", element.get("placeholder", {})).get("text", ""),
                    value=element.get("value", ""),
                    block_id=block.get("block_id", ""),
                    element=element,
                )


def _texts(node: Any) -> Iterator[Json]:
    """The text objects in blocks, in the order in which they are read."""
    if isinstance(node, list):
        for one in node:
            yield from _texts(one)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node
        for one in node.values():
            yield from _texts(one)


def _marked_up(blocks: list[Json]) -> Iterator[str]:
    return (text["text"] for text in _texts(blocks) if text.get("type") == "mrkdwn")


@dataclass(slots=True, kw_only=True, eq=False)
class SharedFile:
    """A file of the workspace. ``stored`` comes with the upload; ``complete`` once the app said so."""

    id: str
    owner: str
    name: str
    title: str
    length: int
    created: int
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    stored: File | None = None
    complete: bool = False
    shares: list[Message] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        return self.stored.data if self.stored else b""

    @property
    def mime(self) -> str:
        return self.stored.mime if self.stored else "application/octet-stream"


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A Slack channel, or the direct messages of ``person`` with the app. ``private`` as Slack's groups are.

    In an ``archived`` one everything can be read and nothing written.
    """

    id: str
    name: str
    members: list[str]
    private: bool = False
    archived: bool = False
    person: str = ""
    posts: dict[str, Message] = field(default_factory=dict)

    @property
    def kind(self) -> Literal["im", "group", "channel"]:
        if self.person:
            return "im"
        return "group" if self.private else "channel"

    @property
    def messages(self) -> list[Message]:
        """What all members see and nobody deleted, oldest first, threads' replies among the rest."""
        return [one for one in self.posts.values() if not one.deleted and not one.whispered_to]

    def replies(self, ts: str) -> list[Message]:
        return [one for one in self.messages if one.thread == ts]


class Workspace:
    """One shop's: agents, an admin if need be, a colleague outside the support channel, customers, the app's bot."""

    def __init__(self, side: SlackSide, now: Callable[[], datetime]) -> None:
        self._support = side.support_channel
        self._side = side
        self._now = now
        self._last = 0
        self.reset()

    def reset(self) -> None:
        """As at the start. Timestamps go on, so that no message has the name of an old one."""
        self.users = {user.id: user for user in _first_people(self._side)}
        everybody = list(self.users)
        agents = [user.id for user in self.users.values() if user.role == "agent"]
        support = Channel(
            id=self._support,
            name="support",
            members=[*agents, BOT],
            private=self._support.startswith("G"),
        )
        self.channels = {
            support.id: support,
            GENERAL: Channel(id=GENERAL, name="general", members=everybody),
        }
        if self._side.admin_channel:
            admins = [user for user in self._side.admins if user in self.users]
            self._add_room(Channel(id=self._side.admin_channel, name="faq-admins", members=[*admins, BOT]))
        self.files: dict[str, SharedFile] = {}
        self._numbers = itertools.count(1)

    def _add_room(self, channel: Channel) -> None:
        channel.private = channel.id.startswith("G")
        self.channels[channel.id] = channel

    @property
    def support(self) -> Channel:
        return self.channels[self._support]

    def new_ts(self) -> str:
        """A message's name: the time, to the microsecond, never twice."""
        self._last = max(self._last + 1, int(self._now().timestamp() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add(self, message: Message) -> Message:
        self.channels[message.channel].posts[message.ts] = message
        for file in message.files:
            file.shares.append(message)
        return message

    def find(self, ts: str) -> Message:
        """The message of that name, wherever it stands. Raises Refused."""
        for channel in self.channels.values():
            if (found := channel.posts.get(ts)) and (not found.deleted or channel.replies(ts)):
                return found
        raise Refused("message_not_found")

    def message(self, channel: str, ts: str) -> Message:
        """Raises Refused."""
        found = self.channel(channel).posts.get(ts)
        if found is None or found.deleted:
            raise Refused("message_not_found")
        return found

    def channel(self, id: str) -> Channel:
        """Raises Refused."""
        if id not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[id]

    def user(self, id: str) -> User:
        """Raises Refused."""
        if id not in self.users:
            raise Refused("user_not_found")
        return self.users[id]

    def dm(self, user: str) -> Channel:
        """The direct messages between this user and the app; opened when first asked for."""
        id = f"D{self.user(user).id[1:]}"
        if id not in self.channels:
            self.channels[id] = Channel(id=id, name="", members=[user, BOT], person=user)
        return self.channels[id]

    def newcomer(self, name: str = "", locale: str = "") -> User:
        """Another customer, member of the general Slack channel."""
        number = next(self._numbers)
        name = name or NEWCOMERS[(number - 1) % len(NEWCOMERS)]
        locale = locale or ("zh-TW" if re.search("[\u3400-\u9fff]", name) else "en-US")
        user = User(id=f"UNEW{number}", name=name, role="customer", locale=locale)
        self.users[user.id] = user
        self.channels[GENERAL].members.append(user.id)
        return user


def _first_people(side: SlackSide) -> list[User]:
    """The one who steers the FAQ is there where the app knows admins."""
    admins = [User(id=ADMIN, name="Ada", role="admin")] if ADMIN in side.admins else []
    return [
        User(id="UMEI", name="Mei", role="agent", locale="zh-CN"),
        User(id="UTOM", name="Tom", role="agent"),
        *admins,
        User(id="ULIN", name="林小姐", role="customer", locale="zh-TW"),
        User(id="UANA", name="Ana", role="customer"),
        User(id="UPAT", name="Pat", role="colleague"),
        User(id=BOT, name="Onethread", role="app"),
    ]
