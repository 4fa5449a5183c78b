"""What a decision sees (the situation) and what it leaves behind (the step): values only."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from core.conversation.faq.decide import Decision
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
class Conversation:
    """The state of a person's talk with the bot. "With people" is no state of it: an open ticket says so."""

    pending: tuple[Piece, ...] = ()
    pending_since: datetime | None = None
    misses: int = 0
    offered: tuple[str, ...] = ()
    """The option ids of the newest list."""
    offered_at: datetime | None = None
    intake: bool = False
    """A photo, voice or file without words was kept, and the one question about it was asked."""
    state_told_at: datetime | None = None
    welcomed_at: datetime | None = None
    album: str = ""
    """The newest album that came with words: its other pictures belong to them."""


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
    """All that ``flow.step`` may know: ``decision`` is the FAQ's on ``question(…)``, ``resolved`` the newest
    ticket that is young enough to be reopened, ``popular`` the entries offered to who asks nothing yet."""

    now: datetime
    conversation: Conversation
    words: Words
    decision: Decision
    ticket: Ticket | None = None
    resolved: Ticket | None = None
    popular: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    """The ids of the FAQ entries, for choices that come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A timer of this person came due."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Say something to the person, with options to tap (``faq:<id>``, ``person``, ``unsolved:<n>``, ``menu:…``)."""

    say: Say
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer with a FAQ entry."""

    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """A person is needed: open a ticket, or reopen ``reopens``, and tell."""

    reason: str
    reopens: int = 0


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


Effect = Tell | Answer | HandOff | Forward | Wait | Forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A decision: the conversation as it is now, and what is to be done, in order. ``why`` is for the audit log."""

    conversation: Conversation
    effects: tuple[Effect, ...] = field(default=())
    why: str = ""
