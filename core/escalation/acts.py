"""A ticket as a value, all that agents, people and timers may do to it, and what comes of that."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from core.escalation.hours import Hours
from core.escalation.routing import Priority
from core.messages import Agent, Say

State = Literal["open", "claimed", "snoozed", "resolved"]
Resolution = Literal["how-to", "defect", "policy", "account", "wish"]
"""What it was about in the end, by one tap of who resolves it."""
RESOLUTIONS: tuple[Resolution, ...] = ("how-to", "defect", "policy", "account", "wish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One matter. ``holder`` is who claimed it; a resolved one keeps who held it last, and gets them back.

    ``reason`` says why it came to people, ``resolution`` why it is resolved ("": nobody said).
    ``waiting_since`` is set while the person waits for words, ``claimed_at`` while there is a holder.
    """

    number: int
    state: State = "open"
    reason: str = ""
    department: str = ""
    priority: Priority = "normal"
    holder: Agent | None = None
    claimed_at: datetime | None = None
    tags: tuple[str, ...] = ()
    opened_at: datetime
    waiting_since: datetime | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    resolution: Resolution | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An agent takes what nobody holds."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The holder, or a supervisor, gives it back."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """An agent wants what another one holds; ``seen`` is the holder's id that they saw ("": whoever it is)."""

    agent: Agent
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """It is given to somebody: by its holder, by a supervisor, by anybody while nobody holds it, or by a rule."""

    agent: Agent | None
    to: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """An agent says that it is done, or, once it is, what it was about."""

    agent: Agent
    resolution: Resolution | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """It is not done: an agent's button, the person's word, or a new question within the reopening time."""

    agent: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Out of sight until a moment, or until the person writes."""

    agent: Agent
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """The snoozing ends: an agent's word, or (``agent`` None) its time has come."""

    agent: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """To another department, where nobody holds it yet; ``agent`` None: by a rule."""

    agent: Agent | None
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """``agent`` None: by a rule, such as words of emergency."""

    agent: Agent | None
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A word for searching and counting, as somebody typed it."""

    agent: Agent | None
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Untag:
    """The word is taken away."""

    agent: Agent | None
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """An agent's words to the person were taken; ``claims``: the department wants a holder for whatever is answered."""

    agent: Agent
    claims: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The person wrote: now, or ``since`` while nobody saw it."""

    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAgain:
    """A timer: the holder let the person wait for ``limit`` of the department's working time."""

    limit: timedelta
    hours: Hours | None = None


Act = (
    Claim | Release | TakeOver | Assign | Resolve | Reopen | Snooze | Wake | Transfer | SetPriority | Tag | Untag
    | Replied | Asked | OfferAgain
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The ticket as it is now, what the person is told, and what the acting agent alone is told.

    ``asks``: nothing moved yet, this holder is asked to hand it over to who acted (their yes is an ``Assign``).
    """

    ticket: Ticket
    tell: Say | None = None
    whisper: Say | None = None
    asks: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IllegalMove:
    """A move that makes no sense now, or isn't this agent's to make; nothing changed."""

    whisper: Say
