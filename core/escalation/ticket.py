"""The ticket's state machine: what agents, people and timers may do to one matter, and what follows."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from core.messages import Agent, Say

State = Literal["open", "claimed", "resolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One matter. ``holder`` is the agent who claimed it; ``waiting_since`` is set while the person waits for words."""

    number: int
    state: State = "open"
    reason: str = ""
    holder: Agent | None = None
    opened_at: datetime
    waiting_since: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An agent takes it."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The holder gives it back."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """An agent says that it is done."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """It is not done: an agent's button, the person's word, or a new question within the reopening time."""

    agent: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """An agent wrote to the person."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The person wrote."""


Act = Claim | Release | Resolve | Reopen | Replied | Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The ticket as it is now, what the person is told, and what the acting agent alone is told."""

    ticket: Ticket
    tell: Say | None = None
    whisper: Say | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IllegalMove:
    """A move of an agent that makes no sense now; nothing changed."""

    whisper: Say


def step(ticket: Ticket, act: Act, now: datetime) -> Moved | IllegalMove:
    """Decide one act. People's acts are legal in every state."""
    match act:
        case Claim(agent=agent):
            return _claim(ticket, agent)
        case Release(agent=agent):
            return _release(ticket, agent)
        case Resolve():
            return _resolve(ticket, now)
        case Reopen(agent=agent):
            return _reopen(ticket, agent, now)
        case Replied(agent=agent):
            return _replied(ticket, agent)
        case Asked():
            return Moved(ticket=replace(ticket, waiting_since=ticket.waiting_since or now))


def _claim(ticket: Ticket, agent: Agent) -> Moved | IllegalMove:
    if ticket.state == "resolved":
        return _refused("desk.already_resolved", ticket)
    if ticket.holder is None:
        return Moved(ticket=replace(ticket, state="claimed", holder=agent))
    if ticket.holder.id == agent.id:
        return _refused("desk.already_yours", ticket)
    return _refused("desk.already_claimed", ticket)


def _release(ticket: Ticket, agent: Agent) -> Moved | IllegalMove:
    if ticket.state == "resolved":
        return _refused("desk.already_resolved", ticket)
    if ticket.holder is None:
        return _refused("desk.not_claimed", ticket)
    if ticket.holder.id != agent.id:
        return _refused("desk.already_claimed", ticket)
    return Moved(ticket=replace(ticket, state="open", holder=None))


def _resolve(ticket: Ticket, now: datetime) -> Moved | IllegalMove:
    if ticket.state == "resolved":
        return _refused("desk.already_resolved", ticket)
    done = replace(ticket, state="resolved", resolved_at=now, waiting_since=None)
    return Moved(ticket=done, tell=Say(name="ticket.resolved", params={"number": ticket.number}))


def _reopen(ticket: Ticket, agent: Agent | None, now: datetime) -> Moved | IllegalMove:
    if ticket.state != "resolved":
        return _refused("desk.not_resolved", ticket)
    again: State = "claimed" if ticket.holder else "open"
    waiting = None if agent else now
    told = Say(name="ticket.reopened", params={"number": ticket.number})
    return Moved(ticket=replace(ticket, state=again, resolved_at=None, waiting_since=waiting), tell=told)


def _replied(ticket: Ticket, agent: Agent) -> Moved:
    """Words to the person on a resolved ticket bring it back, so that the person's answer finds the agent."""
    if ticket.state == "resolved":
        return Moved(
            ticket=replace(ticket, state="claimed", holder=agent, resolved_at=None, waiting_since=None)
        )
    return Moved(ticket=replace(ticket, waiting_since=None))


def _refused(name: str, ticket: Ticket) -> IllegalMove:
    holder = ticket.holder.name if ticket.holder else ""
    return IllegalMove(whisper=Say(name=name, params={"number": ticket.number, "agent": holder}))
