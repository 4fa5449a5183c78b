"""What a modal at the desk is about, as Slack carries it from one step to the next. Pure."""

from dataclasses import asdict, dataclass, fields

from bots.slack import carried
from core.messages import Thread


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
        return carried.written(asdict(self))


def read(text: str) -> Where:
    """Raises NotUnderstood."""
    return Where(**carried.read(text, {field.name: field.default for field in fields(Where)}))
