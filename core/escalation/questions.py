"""A side question: another department is asked in its own Slack channel, while the ticket stays where it is.

Its time counts in the hours of who is asked. They are reminded when half of it is over, when it is over, and once more
after the same time again; then the asker is told that nobody answered.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from core.escalation.hours import Hours

DUE = timedelta(hours=2)
"""Unless the asker says otherwise."""
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
_NUDGES = (0.5, 1.0, 2.0)
"""Parts of the due time after which who is asked is reminded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``due``: working time of those who are asked. ``nudges``: how often they were reminded."""

    asked_at: datetime
    due: timedelta = DUE
    nudges: int = 0
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What comes next, and when. ``give_up``: the asker hears that it stays open; nothing follows."""

    at: datetime
    what: Literal["nudge", "give_up"]
    overdue: bool


def next_of(question: Question, hours: Hours | None = None) -> Next | None:
    """The next reminder of an open question; None once it is answered or given up, or if nobody there ever works."""
    if question.answered_at or question.nudges > len(_NUDGES):
        return None
    done = question.nudges == len(_NUDGES)
    part = _NUDGES[-1] + 1 if done else _NUDGES[question.nudges]
    at = _after(question, part, hours)
    if at is None:
        return None
    return Next(at=at, what="give_up" if done else "nudge", overdue=part >= 1)


def reopened(question: Question, now: datetime, hours: Hours | None = None) -> Question:
    """Its answer was taken back: the reminders go on with those whose time is still to come."""
    past = sum((at := _after(question, part, hours)) is not None and at <= now for part in _NUDGES)
    return replace(question, answered_at=None, nudges=max(question.nudges, past))


def due_at(question: Question, hours: Hours | None = None) -> datetime | None:
    """When the answer is expected; None if nobody there ever works."""
    return _after(question, 1, hours)


def due_in(span: timedelta) -> timedelta:
    """A due time as it may be: one that makes no sense becomes the nearest that does."""
    return max(SHORTEST, min(span, LONGEST))


def _after(question: Question, part: float, hours: Hours | None) -> datetime | None:
    span = question.due * part
    return hours.later(question.asked_at, span) if hours else question.asked_at + span
