"""A tap on a choice, or the words that stand for one: a bare number, "the second one", 第二个."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime

from core.conversation import answering, centre, handed, idle, judging
from core.conversation.asked import Fate, meant
from core.conversation.situation import (
    LIST_LASTS,
    Conversation,
    Forward,
    HandOff,
    Situation,
    Step,
    Tell,
)
from core.messages import Inbound, Say

_HAN = "一二三四五六七八九十"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLACES = {word: place for words in (_HAN, _ORDINALS, _NUMBERS) for place, word in enumerate(words)}
_CHOSEN = (
    re.compile(r"[(\[]?(\d{1,2})[)\].、。]?"),
    re.compile(
        rf"(?:我|就|那|想)*(?:[选選要是问問看]了?)?第?(\d{{1,2}}|[{_HAN}])(?:[个個号號项項]|吧|[。!])+"
    ),
    re.compile(rf"(?:我|就|那|想)*(?:[选選要是问問看]了?)?第(\d{{1,2}}|[{_HAN}])"),
    re.compile(rf"[选選](\d{{1,2}}|[{_HAN}])"),
    re.compile(rf"(?:i (?:choose|mean|pick) |it'?s )?(?:the )?({'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
               r"(?: (?:one|option|choice|question))?(?: please)?[.!]?"),
    re.compile(rf"(?:the )?(?:option|choice|number|question|no\.?|#) ?(\d{{1,2}}|{'|'.join(_NUMBERS)})"
               r"(?: please)?[.!]?"),
)  # fmt: skip


def numbered(talk: Conversation, text: str, now: datetime) -> str:
    """The option that a number stands for, while the newest list is young; "" if it is none."""
    if talk.offered_at is None or now - talk.offered_at > LIST_LASTS or len(text) > 60:
        return ""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    found = next((match[1] for form in _CHOSEN if (match := form.fullmatch(plain))), "")
    place = _PLACES[found] if found in _PLACES else int(re.sub(r"\D", "", found) or 0) - 1
    return talk.offered[place] if 0 <= place < len(talk.offered) else ""


def option_of(talk: Conversation, event: Inbound, now: datetime) -> str:
    """The option that somebody chose by this event, as it stood in the list; "" if none."""
    if event.kind == "chose":
        return event.choice
    return numbered(talk, event.text, now) if event.kind == "said" else ""


def chose(s: Situation, option: str) -> Step:
    """A choice is a clear wish: it ends a burst that waits."""
    option = meant(option, s.about)
    return _while_handed(s, option) if s.ticket else idle.settle(s, _chose(s, option))


def _chose(s: Situation, option: str) -> Step:
    verb, _, about = option.partition(":")
    if verb == "faq" and about in s.shelf.entries:
        return _entry(s, about)
    if verb in centre.VERBS:
        return centre.page(s, option)
    return _wished(s, verb, about)


def _wished(s: Situation, verb: str, about: str) -> Step:
    match verb:
        case "helped":
            return judging.helped(s)
        case "unhelped":
            return judging.unhelped(s)
        case "person" | "none":
            return _person(s)
        case "unsolved":
            return _unsolved(s, about)
        case "menu":
            return _menu(s, about)
        case _:
            gone = Tell(say=Say(name="choice.gone"), options=("person",))
            return Step(conversation=s.conversation, effects=(gone,), why="unknown choice")


def _entry(s: Situation, entry: str) -> Step:
    """Picked among the suggestions to a question, or just opened."""
    if s.about is None or entry not in s.about.shown:
        return answering.opened(s, entry)
    step = answering.picked(s, entry)
    return replace(step, effects=(*judging.became(s, "picked", entry), *step.effects))


def _person(s: Situation) -> Step:
    step = idle.hand_off(s, "asked")
    return replace(step, effects=(*judging.became(s, "person"), *step.effects))


def _while_handed(s: Situation, option: str) -> Step:
    """People have it: the bot keeps what is said of its answers, says how it stands, and keeps quiet about all else."""
    verb, _, about = option.partition(":")
    if verb == "faq":
        picked = judging.became(s, "picked", about)
        return Step(conversation=s.conversation, effects=(*picked, Forward()), why="picked while handed")
    step = handed.state(s)
    fate: Fate | None = "helped" if verb == "helped" else "unhelped" if verb == "unhelped" else None
    return replace(step, effects=(*judging.became(s, fate), *step.effects)) if fate else step


def _unsolved(s: Situation, number: str) -> Step:
    reopens = int(number) if s.resolved and number == str(s.resolved.number) else 0
    hand_off = HandOff(reason="unsolved", reopens=reopens)
    return Step(conversation=Conversation(), effects=(hand_off,), why="unsolved")


def _menu(s: Situation, key: str) -> Step:
    match key:
        case "person":
            return idle.hand_off(s, "asked")
        case "tickets":
            return idle.status(s)
        case _:
            return centre.front(s)
