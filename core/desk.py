"""What agents see at the desk: the card, posts in the thread with their buttons, marks, whispers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.messages import Attachment, Say, Thread

Mark = Literal["waiting", "sent", "failed", "held", "private"]
"""What became of an agent's message, shown on it. ``held``: it waits for its Send; ``private``: nobody gets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something an agent can press. ``verb``, ``about`` and ``values`` come back as an ``AgentAct``.

    ``label`` names a text, ``params`` are its parameters (``platform`` is our name of a platform).
    """

    verb: str
    label: str
    about: str = ""
    style: Literal["", "primary", "danger"] = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper:
    """What only one agent sees; ``ticket`` is the one that its buttons act on."""

    say: Say
    buttons: tuple[Button, ...] = ()
    ticket: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message into a thread: a person's words or file under their name, or (``author`` empty) a notice.

    ``calls`` are the desk's ids of agents and user groups who are called by it; ``see`` is a thread that it links to.
    ``ticket`` is the one that its buttons act on.
    """

    text: str
    author: str = ""
    platform: str = ""
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[Button, ...] = ()
    calls: tuple[str, ...] = ()
    see: Thread | None = None
    ticket: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the story on a card or in a history, oldest first.

    ``sure``: how likely the bot took its answer to be right (0 to 1), where it answered from the FAQ; ``entry`` says
    from which entry. ``edited``: what an earlier line was changed to.
    """

    by: Literal["person", "bot", "agent", "note"]
    text: str
    at: datetime
    name: str = ""
    files: tuple[str, ...] = ()
    id: int = 0
    entry: str = ""
    sure: float | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier ticket of the same person, in one line."""

    number: int
    about: str
    """In the person's own words, cut; empty where they said none."""
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A ticket's face at the desk, rendered from the truth at the moment it leaves."""

    ticket: int
    state: str
    person: str
    platform: str
    account: str
    language: str
    tier: str
    reason: str
    channel: str
    opened_at: datetime
    waiting_since: datetime | None = None
    assignee: str = ""
    """The desk's user id of the agent who holds it; empty: nobody."""
    story: tuple[Line, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    thread: str = ""
    """Empty until the card was posted."""
    department: str = ""
    priority: str = "normal"
    tags: tuple[str, ...] = ()
    due: datetime | None = None
    snoozed_until: datetime | None = None
    claimed_since: datetime | None = None
    resolution: str = ""
    repeated: int = 0
    """How often the person came within 7 days of being told that something is solved."""
    sends_left: int | None = None
    """What may still be sent where the person is now, and until when; None: no limit."""
    window_until: datetime | None = None
    standing: Literal["", "warned", "muted", "blocked"] = ""
    """How the person stands with us."""
    muted_until: datetime | None = None
    moved_to: Thread | None = None
    """This is the card that was left behind: the ticket goes on there."""
