"""Where an agent's words go: to the person, to colleagues, to the bot itself, or nowhere before a Send.

Every doubt is settled towards fewer readers: what is a note, a command or a call to a teammate never leaves.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from core.escalation.commands import Command, Unknown, command_in
from core.escalation.notes import note_in
from core.escalation.routing import Department, costly_in
from core.escalation.ticket import Ticket
from core.messages import Agent, AgentWords

__all__ = ["Command", "Held", "Lane", "Note", "Reply", "Unknown", "lane", "sent_by_hand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """For colleagues. ``mention`` and ``not_holder`` may still be sent by a button, ``prefix`` never."""

    why: Literal["prefix", "mention", "not_holder"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """For the person, once ``undo`` has passed; ``claims``: who wrote it becomes the ticket's holder."""

    undo: timedelta
    claims: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """For the person once the agent presses Send; ``kinds`` of costly words that the question must name."""

    why: Literal["confirm", "trial", "costly"]
    kinds: tuple[str, ...] = ()
    claims: bool = False


Lane = Command | Unknown | Note | Reply | Held


def lane(words: AgentWords, *, ticket: Ticket, agent: Agent, department: Department, trial: bool) -> Lane:
    """The lane of what an agent wrote, or of what they made of it by an edit. A ``Command`` is never a note."""
    return _aside(words, ticket, agent) or _outward(words, ticket, department, trial=trial)


def sent_by_hand(words: AgentWords, *, ticket: Ticket, department: Department) -> Reply | Held | None:
    """The lane of a note that its author, told why it is one, sends by a button; None: it stays private.

    The press is the Send that ``confirm`` asks for, and leaves nothing to undo; costly words are still asked about.
    """
    if note_in(words.text) is not None or command_in(words.text) is not None:
        return None
    kinds, claims = costly_in(department, words.text), _claims(ticket, department)
    return Held(why="costly", kinds=kinds, claims=claims) if kinds else Reply(undo=timedelta(), claims=claims)


def _aside(words: AgentWords, ticket: Ticket, agent: Agent) -> Command | Unknown | Note | None:
    """What is not for the person."""
    note = note_in(words.text)
    if note is not None:
        return Note(why="prefix", text=note)
    match command_in(words.text):
        case Command(verb="note", argument=text):
            return Note(why="prefix", text=text)
        case Command() | Unknown() as command:
            return command
        case None if words.mentions:
            return Note(why="mention", text=words.text)
        case None if ticket.state != "resolved" and ticket.holder and ticket.holder.id != agent.id:
            return Note(why="not_holder", text=words.text)
    return None


def _outward(words: AgentWords, ticket: Ticket, department: Department, *, trial: bool) -> Reply | Held:
    kinds, claims = costly_in(department, words.text), _claims(ticket, department)
    if trial:
        return Held(why="trial", kinds=kinds, claims=claims)
    if department.confirm:
        return Held(why="confirm", kinds=kinds, claims=claims)
    if kinds:
        return Held(why="costly", kinds=kinds, claims=claims)
    return Reply(undo=department.undo, claims=claims)


def _claims(ticket: Ticket, department: Department) -> bool:
    return department.claim_required and ticket.holder is None
