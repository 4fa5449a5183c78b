"""What a modal is about, as Slack carries it for us from one step to the next. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bots.slack.shapes import NotUnderstood
from core.messages import Thread

LONGEST = 3000
"""Of Slack's ``private_metadata``."""
_TRAIL = 100
_WORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """``channel`` and ``thread`` are where the agent came from; ``about`` is the message, ``entry`` the FAQ entry.

    ``language`` is that in which ``entry`` was offered. ``words`` were searched for; ``trail`` are the first lines of
    the pages before this one, oldest first.
    """

    ticket: int = 0
    channel: str = ""
    thread: str = ""
    about: str = ""
    entry: str = ""
    language: str = ""
    canned: str = ""
    words: str = ""
    trail: tuple[int, ...] = ()

    @property
    def place(self) -> Thread:
        return Thread(channel=self.channel, id=self.thread)

    def __str__(self) -> str:
        """As it travels."""
        told = {name: value for name, value in asdict(self).items() if value}
        if self.words:
            told["words"] = self.words[:_WORDS]
        if self.trail:
            told["trail"] = list(self.trail[-_TRAIL:])
        return json.dumps(told, ensure_ascii=False)[:LONGEST]


def read(text: str) -> Where:
    """Raises NotUnderstood."""
    try:
        said = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise NotUnderstood("private_metadata is no JSON of ours") from None
    if not isinstance(said, Mapping):
        raise NotUnderstood("private_metadata is no object")
    return Where(**{field.name: _known(said, field.name, field.default) for field in fields(Where)})


def _known(said: Mapping[str, Any], name: str, default: Any) -> Any:
    value = said.get(name, default)
    if isinstance(default, tuple):
        value = tuple(value) if isinstance(value, list | tuple) else None
        if value is None or not all(type(one) is int for one in value):
            raise NotUnderstood(f"private_metadata: {name}")
    elif type(value) is not type(default):
        raise NotUnderstood(f"private_metadata: {name}")
    return value
