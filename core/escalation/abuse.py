"""What is done about somebody who insults or floods: warned, silenced for a time, blocked; each can be undone.

Whatever they write is recorded all the same. It never opens more tickets than the one that they have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from core.escalation.acts import IllegalMove
from core.messages import Agent, Say

MUTE = timedelta(hours=1)
"""Unless the agent says for how long."""
LONGEST_MUTE = timedelta(days=7)
FLOOD = 12
FLOODS_WITHIN = timedelta(minutes=1)
"""So many messages in so short a time no longer go into the thread one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How somebody stands with us; no times: well."""

    warned_at: datetime | None = None
    muted_until: datetime | None = None
    blocked_at: datetime | None = None

    def is_muted(self, now: datetime) -> bool:
        """Whether what they write is recorded only."""
        return self.blocked_at is not None or (self.muted_until is not None and now < self.muted_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """The person is asked to stay polite."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Nobody reads them until a moment."""

    agent: Agent
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Nobody reads them, until a supervisor says otherwise."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The hardest of these that holds is taken back: the block, else the mute, else the warning."""

    agent: Agent


Act = Warn | Mute | Block | Undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """How they stand now, and what they are told; ``ends``: their open ticket is over, without a word about it."""

    standing: Standing
    tell: Say | None = None
    ends: bool = False


def step(standing: Standing, act: Act, now: datetime) -> Stands | IllegalMove:
    """Decide one act. An agent warns before they mute; a supervisor may do either at once, and alone may block."""
    leads = act.agent.role == "supervisor"
    if standing.blocked_at and not (leads and isinstance(act, Undo)):
        return _refused("desk.abuse_blocked")
    match act:
        case Warn():
            return Stands(standing=replace(standing, warned_at=now), tell=Say(name="abuse.warned"))
        case Mute() if not (standing.warned_at or leads):
            return _refused("desk.abuse_warn_first")
        case Mute(until=until):
            return _mute(standing, until, now)
        case Block():
            return (
                Stands(standing=replace(standing, blocked_at=now), tell=Say(name="abuse.blocked"), ends=True)
                if leads
                else _refused("desk.supervisors_only")
            )
        case Undo():
            return _undo(standing, now)


def _mute(standing: Standing, until: datetime, now: datetime) -> Stands | IllegalMove:
    if not now < until <= now + LONGEST_MUTE:
        return _refused("desk.abuse_mute_span", days=LONGEST_MUTE.days)
    minutes = -(-int((until - now).total_seconds()) // 60)
    told = Say(name="abuse.muted", params={"minutes": minutes})
    return Stands(standing=replace(standing, muted_until=until), tell=told)


def _undo(standing: Standing, now: datetime) -> Stands | IllegalMove:
    heard = Say(name="abuse.heard_again")
    if standing.blocked_at:
        still = replace(standing, blocked_at=None)
        return Stands(standing=still, tell=None if still.is_muted(now) else heard)
    if standing.is_muted(now):
        return Stands(standing=replace(standing, muted_until=None), tell=heard)
    if standing.warned_at:
        return Stands(standing=replace(standing, warned_at=None))
    return _refused("desk.abuse_nothing")


Posting = Literal["posted", "gathered", "recorded"]
"""What becomes of a person's message at the desk: into the thread, into one post with others later, or on the
timeline only."""


def posting(standing: Standing, lately: Sequence[datetime], now: datetime) -> Posting:
    """``lately``: when the person's newest messages came, this one left out."""
    if standing.is_muted(now):
        return "recorded"
    close = sum(now - at < FLOODS_WITHIN for at in lately)
    return "gathered" if close >= FLOOD else "posted"


def _refused(name: str, **params: str | int) -> IllegalMove:
    return IllegalMove(whisper=Say(name=name, params=params))
