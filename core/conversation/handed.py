"""While a ticket is open: everything goes to its thread, and the bot says nothing but how it stands."""

from dataclasses import replace
from datetime import timedelta

from core.conversation.situation import Effect, Forward, Situation, Step, Tell
from core.messages import Inbound, Say

STATE_EVERY = timedelta(minutes=10)
"""How often "anyone there?" is answered; a plain question for the state always is."""


def said(s: Situation, event: Inbound) -> Step:
    """Words and files for the people who have the ticket."""
    if s.words.wants_status(event.text) or (s.words.asks_anyone(event.text) and _may_tell(s)):
        told = state(s)
        return replace(told, effects=(Forward(), *told.effects))
    effects: tuple[Effect, ...] = (Forward(),)
    if event.unknown_type:
        effects = (Forward(), Tell(say=Say(name="unknown.type")))
    return Step(conversation=s.conversation, effects=effects, why="handed")


def state(s: Situation) -> Step:
    """How the open ticket stands."""
    assert s.ticket is not None
    waited = int((s.now - (s.ticket.waiting_since or s.ticket.opened_at)).total_seconds() // 60)
    holder = s.ticket.holder.name if s.ticket.holder else ""
    name = "status.claimed" if holder else "status.open"
    told = Say(name=name, params={"number": s.ticket.number, "minutes": waited, "agent": holder})
    return Step(
        conversation=replace(s.conversation, state_told_at=s.now), effects=(Tell(say=told),), why="status"
    )


def _may_tell(s: Situation) -> bool:
    last = s.conversation.state_told_at
    waits = s.ticket is not None and s.ticket.waiting_since is not None
    return waits and (last is None or s.now - last >= STATE_EVERY)
