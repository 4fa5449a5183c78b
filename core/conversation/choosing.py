"""A tap on a choice, or the bare number that stands for one."""

import re
import unicodedata

from core.conversation import handed, idle
from core.conversation.situation import (
    LIST_LASTS,
    Answer,
    Conversation,
    Effect,
    Forget,
    Forward,
    HandOff,
    Situation,
    Step,
    Tell,
)
from core.messages import Say

_NUMBER = re.compile(r"[((\[]?(\d{1,2})[))\].、。]?")


def numbered(s: Situation, text: str) -> str:
    """The option that a bare number stands for, while the newest list is young; "" if it is none."""
    talk = s.conversation
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match or talk.offered_at is None or s.now - talk.offered_at > LIST_LASTS:
        return ""
    index = int(match[1]) - 1
    return talk.offered[index] if 0 <= index < len(talk.offered) else ""


def chose(s: Situation, option: str) -> Step:
    """A choice is a clear wish: it ends a burst that waits."""
    verb, _, about = option.partition(":")
    if s.ticket:
        return _while_handed(s, verb)
    match verb:
        case "faq" if about in s.known:
            effects: tuple[Effect, ...] = (Answer(entry=about), Forget(timer=idle.BURST))
            return Step(conversation=Conversation(), effects=effects, why="picked")
        case "person" | "none":
            return idle.hand_off(s, "asked")
        case "unsolved":
            return _unsolved(s, about)
        case "menu":
            return _menu(s, about)
        case _:
            gone = Tell(say=Say(name="choice.gone"), options=("person",))
            return Step(conversation=s.conversation, effects=(gone,), why="unknown choice")


def _while_handed(s: Situation, verb: str) -> Step:
    """People have it: the bot says how it stands, and keeps quiet about all else."""
    if verb == "faq":
        return Step(conversation=s.conversation, effects=(Forward(),), why="picked while handed")
    return handed.state(s)


def _unsolved(s: Situation, number: str) -> Step:
    reopens = int(number) if s.resolved and number == str(s.resolved.number) else 0
    effects: tuple[Effect, ...] = (HandOff(reason="unsolved", reopens=reopens), Forget(timer=idle.BURST))
    return Step(conversation=Conversation(), effects=effects, why="unsolved")


def _menu(s: Situation, key: str) -> Step:
    match key:
        case "person":
            return idle.hand_off(s, "asked")
        case "tickets":
            return idle.status(s)
        case _:
            return idle.menu_help(s)
