"""The ticket's state machine: what agents, people and timers may do to one matter, and what follows.

An open ticket has no holder, a claimed one has. Snoozing keeps whichever it was. What a person does is legal in every
state; whatever else makes no sense is refused with the reason and the holder's name.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.escalation.acts import (
    RESOLUTIONS,
    Act,
    Asked,
    Assign,
    Claim,
    IllegalMove,
    Moved,
    OfferAgain,
    Release,
    Reopen,
    Replied,
    Resolution,
    Resolve,
    SetPriority,
    Snooze,
    State,
    Tag,
    TakeOver,
    Ticket,
    Transfer,
    Untag,
    Wake,
)
from core.escalation.hours import Hours
from core.escalation.tags import MOST_TAGS, tag_of
from core.messages import Agent, Say

__all__ = [
    "RESOLUTIONS", "Act", "Asked", "Assign", "Claim", "IllegalMove", "Moved", "OfferAgain", "Release", "Reopen",
    "Replied", "Resolution", "Resolve", "SetPriority", "Snooze", "State", "Tag", "TakeOver", "Ticket", "Transfer",
    "Untag", "Wake", "is_repeat", "offer_at", "step",
]  # fmt: skip

ASKED_FIRST = timedelta(minutes=5)
"""How long a holder may let the person wait before a colleague may take over without being given it."""
LONGEST_SNOOZE = timedelta(days=90)
REPEATS_WITHIN = timedelta(days=7)
"""A contact so soon after a resolved one says that it was not solved."""


def step(ticket: Ticket, act: Act, now: datetime) -> Moved | IllegalMove:
    """Decide one act."""
    match act:
        case Asked() | Reopen() | Replied() | Resolve():
            return _spoken(ticket, act, now)
        case SetPriority() | Tag() | Untag():
            return _labelled(ticket, act)
        case _ if ticket.state == "resolved":
            return _refused("desk.already_resolved", ticket)
        case Assign() | Release() | Snooze() | Transfer():
            return _holders(ticket, act, now)
        case _:
            return _anybodys(ticket, act, now)


def offer_at(ticket: Ticket, limit: timedelta, hours: Hours | None = None) -> datetime | None:
    """When a silent holder's ticket is to be offered to all again; None while nobody waits for a holder.

    ``limit`` is working time of these ``hours``; no time at all: never.
    """
    since = _silent_since(ticket)
    if since is None or not limit:
        return None
    return hours.later(since, limit) if hours else since + limit


def is_repeat(resolved: Sequence[datetime], now: datetime) -> bool:
    """Whether who comes now was told lately that their matter is solved."""
    return any(timedelta() <= now - at <= REPEATS_WITHIN for at in resolved)


# --- words, and the end of them --------------------------------------------------------------------------------


def _spoken(ticket: Ticket, act: Asked | Reopen | Replied | Resolve, now: datetime) -> Moved | IllegalMove:
    match act:
        case Asked(since=since):
            return Moved(ticket=_asked(ticket, now, since or now))
        case Reopen(agent=agent):
            return _reopen(ticket, agent, now)
        case Replied(agent=agent, claims=claims):
            return Moved(ticket=_replied(ticket, agent, now, claims=claims))
        case Resolve():
            return _resolve(ticket, act, now)


def _asked(ticket: Ticket, now: datetime, since: datetime) -> Ticket:
    """Whatever the person says in its thread is waited upon: it wakes the ticket, and opens a resolved one."""
    return replace(_awake(_unresolved(ticket, now)), waiting_since=ticket.waiting_since or since)


def _reopen(ticket: Ticket, agent: Agent | None, now: datetime) -> Moved | IllegalMove:
    if ticket.state != "resolved":
        return _refused("desk.not_resolved", ticket) if agent else Moved(ticket=_asked(ticket, now, now))
    again = _unresolved(ticket, now)
    told = Say(name="ticket.reopened", params={"number": ticket.number})
    return Moved(ticket=again if agent else replace(again, waiting_since=now), tell=told)


def _replied(ticket: Ticket, agent: Agent, now: datetime, *, claims: bool) -> Ticket:
    """Words to the person on a resolved ticket bring it back, so that the person's answer finds the agent."""
    if ticket.state == "resolved":
        return _held(replace(_unresolved(ticket, now), waiting_since=None), agent, now)
    answered = replace(ticket, waiting_since=None)
    return _held(answered, agent, now) if claims and ticket.holder is None else answered


def _resolve(ticket: Ticket, act: Resolve, now: datetime) -> Moved | IllegalMove:
    if ticket.state == "resolved":
        if not act.resolution or act.resolution == ticket.resolution:
            return _refused("desk.already_resolved", ticket)
        return Moved(ticket=replace(ticket, resolution=act.resolution))
    done = replace(
        ticket,
        state="resolved",
        resolution=act.resolution,
        resolved_at=now,
        waiting_since=None,
        snoozed_until=None,
    )
    return Moved(ticket=done, tell=Say(name="ticket.resolved", params={"number": ticket.number}))


def _anybodys(
    ticket: Ticket, act: Claim | TakeOver | Wake | OfferAgain, now: datetime
) -> Moved | IllegalMove:
    match act:
        case Claim(agent=agent):
            return _claim(ticket, agent, now)
        case TakeOver(agent=agent, seen=seen):
            return _take_over(ticket, agent, seen, now)
        case Wake(agent=agent):
            return _wake(ticket, agent, now)
        case OfferAgain(limit=limit, hours=hours):
            return _offer_again(ticket, limit, hours, now)


def _claim(ticket: Ticket, agent: Agent, now: datetime) -> Moved | IllegalMove:
    if ticket.holder is None:
        return Moved(ticket=_held(ticket, agent, now))
    if ticket.holder.id == agent.id:
        return _refused("desk.already_yours", ticket)
    return _refused("desk.already_claimed", ticket)


def _take_over(ticket: Ticket, agent: Agent, seen: str, now: datetime) -> Moved | IllegalMove:
    """Nobody is robbed of what they work on: it is asked for, unless the person waits too long already."""
    if ticket.holder is None or ticket.holder.id == agent.id:
        return _claim(ticket, agent, now)
    if seen and ticket.holder.id != seen:
        return _refused("desk.already_claimed", ticket)
    since = _silent_since(ticket)
    if _leads(agent) or (since is not None and now - since >= ASKED_FIRST):
        return Moved(ticket=_held(ticket, agent, now))
    minutes = int(ASKED_FIRST.total_seconds() // 60)
    return Moved(
        ticket=ticket, whisper=_say("desk.take_over_asked", ticket, minutes=minutes), asks=ticket.holder
    )


def _labelled(ticket: Ticket, act: SetPriority | Tag | Untag) -> Moved | IllegalMove:
    match act:
        case SetPriority(priority=priority):
            return Moved(ticket=replace(ticket, priority=priority))
        case Tag(tag=tag):
            return _tag(ticket, tag)
        case Untag(tag=tag):
            return _untag(ticket, tag)


def _tag(ticket: Ticket, typed: str) -> Moved | IllegalMove:
    tag = tag_of(typed)
    if tag is None:
        return _refused("desk.tag_wrong", ticket)
    if tag in ticket.tags:
        return Moved(ticket=ticket)
    if len(ticket.tags) >= MOST_TAGS:
        return _refused("desk.tags_full", ticket, count=MOST_TAGS)
    return Moved(ticket=replace(ticket, tags=(*ticket.tags, tag)))


def _untag(ticket: Ticket, typed: str) -> Moved | IllegalMove:
    tag = tag_of(typed) or ""
    if tag not in ticket.tags:
        return _refused("desk.tag_missing", ticket, tag=tag, tags=", ".join(ticket.tags) or "-")
    return Moved(ticket=replace(ticket, tags=tuple(one for one in ticket.tags if one != tag)))


def _wake(ticket: Ticket, agent: Agent | None, now: datetime) -> Moved | IllegalMove:
    if ticket.snoozed_until is None:
        return _refused("desk.not_snoozed", ticket)
    if agent is None and now < ticket.snoozed_until:
        return _refused("desk.nothing_due", ticket)
    return Moved(ticket=_awake(ticket))


# --- the holder, or a supervisor ----------------------------------------------------------------------------


def _holders(ticket: Ticket, act: Assign | Release | Snooze | Transfer, now: datetime) -> Moved | IllegalMove:
    """What changes a colleague's work; while nobody holds it, anybody may."""
    if act.agent and ticket.holder and ticket.holder.id != act.agent.id and not _leads(act.agent):
        return _refused("desk.not_holder", ticket)
    match act:
        case Assign(to=to):
            return _assign(ticket, act.agent, to, now)
        case Release():
            return Moved(ticket=_free(ticket)) if ticket.holder else _refused("desk.not_claimed", ticket)
        case Snooze(until=until):
            return _snooze(ticket, until, now)
        case Transfer(department=department) if department == ticket.department:
            return _refused("desk.already_there", ticket, department=department)
        case Transfer(department=department):
            return Moved(ticket=replace(_free(_awake(ticket)), department=department))


def _assign(ticket: Ticket, agent: Agent | None, to: Agent, now: datetime) -> Moved | IllegalMove:
    if ticket.holder is None or ticket.holder.id != to.id:
        return Moved(ticket=_held(ticket, to, now))
    return _refused("desk.already_yours" if agent and agent.id == to.id else "desk.already_claimed", ticket)


def _snooze(ticket: Ticket, until: datetime, now: datetime) -> Moved | IllegalMove:
    if until <= now:
        return _refused("desk.snooze_past", ticket)
    if until - now > LONGEST_SNOOZE:
        return _refused("desk.snooze_far", ticket, days=LONGEST_SNOOZE.days)
    return Moved(ticket=replace(ticket, state="snoozed", snoozed_until=until))


# --- timers -------------------------------------------------------------------------------------------------


def _offer_again(ticket: Ticket, limit: timedelta, hours: Hours | None, now: datetime) -> Moved | IllegalMove:
    due = offer_at(ticket, limit, hours)
    if due is None or now < due:
        return _refused("desk.nothing_due", ticket)
    return Moved(ticket=_free(ticket))


def _silent_since(ticket: Ticket) -> datetime | None:
    """Since when the person waits for this very holder."""
    if ticket.state != "claimed" or ticket.claimed_at is None or ticket.waiting_since is None:
        return None
    return max(ticket.claimed_at, ticket.waiting_since)


# --- states -------------------------------------------------------------------------------------------------


def _held(ticket: Ticket, agent: Agent, now: datetime) -> Ticket:
    state: State = "snoozed" if ticket.snoozed_until else "claimed"
    return replace(ticket, state=state, holder=agent, claimed_at=now)


def _free(ticket: Ticket) -> Ticket:
    state: State = "snoozed" if ticket.snoozed_until else "open"
    return replace(ticket, state=state, holder=None, claimed_at=None)


def _awake(ticket: Ticket) -> Ticket:
    return replace(ticket, state="claimed" if ticket.holder else "open", snoozed_until=None)


def _unresolved(ticket: Ticket, now: datetime) -> Ticket:
    """As it was before it was resolved; the same if it isn't."""
    if ticket.state != "resolved":
        return ticket
    claimed_at = now if ticket.holder else None
    return _awake(replace(ticket, resolved_at=None, resolution="", claimed_at=claimed_at))


def _leads(agent: Agent) -> bool:
    return agent.role == "supervisor"


def _say(name: str, ticket: Ticket, **params: str | int) -> Say:
    holder = ticket.holder.name if ticket.holder else ""
    return Say(name=name, params={"number": ticket.number, "agent": holder, **params})


def _refused(name: str, ticket: Ticket, **params: str | int) -> IllegalMove:
    return IllegalMove(whisper=_say(name, ticket, **params))
