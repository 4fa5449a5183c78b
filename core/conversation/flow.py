"""One decision about one event of a person: which scene it belongs to, and what the FAQ should be asked first."""

from dataclasses import replace

from core.conversation import centre, choosing, following, handed, idle, several
from core.conversation.answering import EMERGENCY
from core.conversation.reading import Reading
from core.conversation.situation import Conversation, Fired, Forward, Situation, Step, Tell
from core.conversation.words import Words
from core.messages import Inbound, Kind, Say


def step(s: Situation, event: Inbound | Fired) -> Step:
    """Decide. Every event is legal in every state; what means nothing now changes nothing."""
    return Step(conversation=s.conversation, why="muted") if s.muted else _heard(s, event)


def _heard(s: Situation, event: Inbound | Fired) -> Step:
    if isinstance(event, Fired):
        return _fired(s, event)
    match event.kind:
        case "said":
            return _said(s, event)
        case "chose":
            return choosing.chose(s, event.choice)
        case "edited" | "deleted":
            return Step(conversation=s.conversation, effects=(Forward(),) if s.ticket else (), why=event.kind)
        case "followed" | "linked":
            return idle.welcome(s)
        case _:
            return _outside(s, event.kind)


def _outside(s: Situation, kind: Kind) -> Step:
    """What belongs to no conversation."""
    if kind == "left":
        return Step(conversation=Conversation(), why="left")
    return Step(conversation=s.conversation, effects=(Tell(say=Say(name="group.redirect")),), why="mentioned")


def question(conversation: Conversation, event: Inbound | Fired, words: Words) -> str:
    """What is asked now: the waiting pieces and the new words, without greetings; "" if nothing is."""
    if isinstance(event, Inbound) and event.kind != "said":
        return ""
    said = event.text if isinstance(event, Inbound) else ""
    pieces = [*(piece.text for piece in conversation.pending), said]
    return "\n".join(text for text in pieces if text.strip() and not words.is_greeting(text))


def reading(conversation: Conversation, event: Inbound | Fired, words: Words) -> Reading:
    """The ways in which it may be read: the FAQ has to rank them before ``step``."""
    whole = question(conversation, event, words)
    last = conversation.last
    return Reading(
        whole=whole,
        parts=several.parts(whole, words),
        after=last.entry if last and following.may_follow(whole) else "",
    )


def looks_around(event: Inbound | Fired, option: str, words: Words) -> bool:
    """Whether the help centre may be shown."""
    said = isinstance(event, Inbound) and event.kind == "said" and words.wants_help(event.text)
    return said or option.partition(":")[0] in centre.VERBS | {"menu"}


def _said(s: Situation, event: Inbound) -> Step:
    if s.ticket:
        return handed.said(s, event)
    if s.emergency:
        return idle.hand_off(s, EMERGENCY)
    if option := choosing.numbered(s.conversation, event.text, s.now):
        return choosing.chose(s, option)
    return idle.said(s, event)


def _fired(s: Situation, event: Fired) -> Step:
    if event.name != idle.BURST or s.ticket:
        return Step(conversation=replace(s.conversation, pending=(), pending_since=None), why="late timer")
    return idle.settled(s)
