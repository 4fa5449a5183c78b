"""Chats that a bot is in, and the messages there: as the Bot API shows them and as the page shows them."""

from dataclasses import dataclass, field
from typing import Protocol

from bots.sandbox.hub import Json
from bots.sandbox.telegram.failure import Failure, bad


@dataclass(slots=True, kw_only=True)
class Message:
    """``wire`` is the Bot API's Message, ``shown`` the page's; ``by_bot`` tells whose it is."""

    wire: Json
    shown: Json
    by_bot: bool


class Chat(Protocol):
    """Where a bot can write: a person's private chat or a group."""

    id: int
    messages: list[Json]
    posted: dict[int, Message]

    @property
    def wire(self) -> Json:
        """The Bot API's Chat."""

    @property
    def place(self) -> Json:
        """What the page's events say of it."""

    def refusal(self) -> Failure | None:
        """Why the bot can't write here, if so."""


@dataclass(slots=True, kw_only=True)
class Group:
    """A group with the bot in it. The page doesn't show it; tests read ``messages``."""

    id: int
    title: str
    messages: list[Json] = field(default_factory=list)
    posted: dict[int, Message] = field(default_factory=dict)

    @property
    def wire(self) -> Json:
        return {"id": self.id, "type": "supergroup", "title": self.title}

    @property
    def place(self) -> Json:
        return {"what": "telegram_group", "chat": self.id}

    def refusal(self) -> Failure | None:
        return None


def message_in(chat: Chat, number: int, what: str) -> Message:
    """Raises Failure, ``what`` being what was to be done with it: edit, delete …"""
    message = chat.posted.get(number)
    if message is None or message.shown.get("deleted"):
        raise bad(f"message to {what} not found")
    return message
