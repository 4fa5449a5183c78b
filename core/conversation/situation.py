"""What a decision sees (the situation) and what it leaves behind (the step): values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from core.conversation.asked import About, Asked, Fate
from core.conversation.faq.shelf import Shelf
from core.conversation.feedback import Standing
from core.conversation.reading import Readings
from core.conversation.words import Words
from core.escalation.ticket import Ticket
from core.messages import Say

LIST_LASTS = timedelta(minutes=10)
"""How long a bare number belongs to the newest list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One message of a burst that waits for the rest."""

    text: str = ""
    media: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The newest answer, which what is said next may be about; ``judged``: it was asked whether it helps.

    ``question`` is the number of the question it answered.
    """

    entry: str
    at: datetime
    judged: bool = False
    question: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The state of a person's talk with the bot. "With people" is no state of it: an open ticket says so."""

    pending: tuple[Piece, ...] = ()
    pending_since: datetime | None = None
    misses: int = 0
    """How often in a row the bot was of no help."""
    unhelped: bool = False
    """The last miss was an answer that didn't help: another one that is picked instead doesn't end the row."""
    offered: tuple[str, ...] = ()
    """The option ids of the newest list."""
    offered_at: datetime | None = None
    intake: bool = False
    """A photo, voice or file without words was kept, and the one question about it was asked."""
    state_told_at: datetime | None = None
    welcomed_at: datetime | None = None
    album: str = ""
    """The newest album that came with words: its other pictures belong to them."""
    last: Last | None = None
    feedback_at: datetime | None = None
    """When the person was asked last whether an answer helps."""
    place: str = ""
    """The way back to the list of the help centre that they look at."""


_as_json = TypeAdapter(Conversation)


def dump(conversation: Conversation) -> dict[str, object]:
    """As it is kept in ``person.scene``."""
    return dict(_as_json.dump_python(conversation, mode="json", exclude_defaults=True))


def load(scene: object) -> Conversation:
    """From ``person.scene``; an older or damaged state is a fresh conversation, never a failed turn."""
    try:
        return _as_json.validate_python(scene)
    except ValueError:
        return Conversation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that ``flow.step`` may know: ``readings`` holds the FAQ's decisions on what is asked now (on the question
    that ``about`` is, when its answer didn't help), ``resolved`` the newest ticket that is young enough to be reopened.
    """

    now: datetime
    conversation: Conversation
    words: Words
    readings: Readings = field(default_factory=Readings)
    ticket: Ticket | None = None
    resolved: Ticket | None = None
    shelf: Shelf = field(default_factory=Shelf)
    about: About | None = None
    """The question that the chosen option belongs to."""
    top: tuple[str, ...] = ()
    """The entries that answered most people this week."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    most: int = 10
    """How many choices one message may carry."""
    emergency: bool = False
    """Somebody needs help at once: no bot stands in their way."""
    muted: bool = False
    """What they do is recorded, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A timer of this person came due."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Say something to the person, with options to tap (``faq:<id>``, ``person``, ``unsolved:<n>``, ``menu:…``).

    With ``asked`` the options belong to that question.
    """

    say: Say
    options: tuple[str, ...] = ()
    asked: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer with FAQ entries, in one message; ``asked`` are the questions, and the options belong to the first.

    An entry that was picked answers a question that is already kept: ``question`` is its number.
    """

    entries: tuple[str, ...]
    options: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    question: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of a question: keep it, unless something else did before; ``entry`` was the right one."""

    question: int
    fate: Fate
    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """A person is needed: open a ticket, or reopen ``reopens``, and tell; ``asked`` had no answer."""

    reason: str
    reopens: int = 0
    asked: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """What the person just did goes into the ticket's thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Set the person's timer of this name (replacing an earlier one)."""

    timer: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Drop the person's timer of this name."""

    timer: str


Effect = Tell | Answer | Became | HandOff | Forward | Wait | Forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A decision: the conversation as it is now, and what is to be done, in order. ``why`` is for the audit log."""

    conversation: Conversation
    effects: tuple[Effect, ...] = field(default=())
    why: str = ""
