"""One bot: who it is, its chats, files, commands and updates."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable

from bots.sandbox.config import TelegramSide
from bots.sandbox.going import Going
from bots.sandbox.hub import Hub, Json
from bots.sandbox.pace import Pace
from bots.sandbox.telegram.chats import Chat, Message
from bots.sandbox.telegram.failure import bad
from bots.sandbox.telegram.files import FileBox
from bots.sandbox.telegram.markup import Rows, as_choices
from bots.sandbox.telegram.updates import Updates

SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)


class Bot:
    """``chats`` holds every chat that the bot may know, by id."""

    def __init__(self, side: TelegramSide, hub: Hub, pace: Pace, going: Going) -> None:
        self.name = side.account
        self.token = side.token
        self.hub = hub
        self.going = going
        self.files = FileBox(hub)
        self.chats: dict[int, Chat] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.menu_buttons: dict[str, Json] = {}
        self.queries: dict[str, Json] = {}
        """Callback queries by id: ``until`` when they can be answered, and ``user``."""
        started = int(hub.now().timestamp())
        self.updates = Updates(hub, pace, going, next_id=started)
        self._message = started - 1_700_000_000
        head = side.token.partition(":")[0]
        number = int(head) if head.isdecimal() else int(hashlib.sha1(side.token.encode()).hexdigest()[:8], 16)
        self.user: Json = {
            "id": number,
            "is_bot": True,
            "first_name": "Onethread",
            "username": re.sub(r"\W", "_", f"{side.account}_bot", flags=re.ASCII),
        }

    def chat(self, given: str) -> Chat:
        """The chat of that id; raises Failure."""
        if not given.strip():
            raise bad("chat_id is empty")
        number = int(given) if re.fullmatch(r"-?\d{1,18}", given) else 0
        chat = self.chats.get(number)
        if chat is None:
            raise bad("chat not found")
        if refusal := chat.refusal():
            raise refusal
        return chat

    def make(self, chat: Chat, sender: Json, wire: Json, shown: Json) -> Message:
        """A new message in ``chat``; ``wire`` and ``shown`` are what it says."""
        self._message += 1
        now = self.hub.now()
        head = {"message_id": self._message, "from": sender, "chat": chat.wire, "date": int(now.timestamp())}
        by_bot = sender is self.user
        page = {
            "id": str(self._message),
            "from": "bot" if by_bot else "me",
            "kind": "text",
            "text": "",
            "at": now.isoformat(),
        }
        message = Message(wire={**head, **wire}, shown={**page, **shown}, by_bot=by_bot)
        chat.posted[self._message] = message
        chat.messages.append(message.shown)
        return message

    async def send(self, chat: Chat, wire: Json, shown: Json, rows: Rows | None = None) -> Message:
        """A message of the bot."""
        if rows:
            wire = {**wire, "reply_markup": {"inline_keyboard": rows}}
            shown = {**shown, "choices": as_choices(rows)}
        message = self.make(chat, self.user, wire, shown)
        await self.publish(chat, message)
        return message

    async def publish(self, chat: Chat, message: Message) -> None:
        await self.hub.publish({**chat.place, "message": message.shown})

    def commands_for(self, chat: int, language: str) -> list[Json]:
        """What the menu shows there: the narrowest scope first, the person's language before none."""
        scopes: Iterable[Json] = (
            {"type": "chat", "chat_id": chat},
            {"type": "all_private_chats"},
            {"type": "default"},
        )
        for scope in scopes:
            for tag in (language[:2], ""):
                if found := self.commands.get((scope_key(scope), tag)):
                    return found
        return []

    def next_query(self) -> str:
        return str(secrets.randbelow(10**18))


def scope_key(scope: object) -> str:
    """A command scope as a key; raises Failure."""
    if scope is None:
        scope = {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    return json.dumps(scope, sort_keys=True)
