"""The help centre in the chat: topics, their questions page by page, what most people asked this week, and back.

Every page is a list of options that fits into one message on every platform.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.conversation.faq.shelf import Shelf
from core.conversation.situation import Situation, Step, Tell
from core.messages import Say

PAGE = 7
"""Lines of a page; with the ways on and back, and a person, they are the ten that WeChat takes."""
TOP = "top"
VERBS = frozenset({"topic", "topics", "more", "back", TOP})
"""``topics:1`` the second page of topics, ``topic:<key>`` its questions, ``more:1:<key>`` their second page,
``back:1:<key>`` the same on the way back, ``back`` the front page, ``top`` the week's questions."""


def front(s: Situation, page: int = 0) -> Step:
    """Where the help centre begins. A FAQ without categories has nothing but questions to show."""
    topics = [topic.key for topic in s.shelf.topics]
    if len(topics) == 1:
        return _questions(s, topics[0], page, Say(name="help"))
    shown = [f"topic:{key}" for key in _of_page(topics, page)]
    first = (TOP,) if _top(s) and page == 0 else ()
    ways = (*_onward(topics, page, "topics"), *(("back",) if page else ()))
    return _page(s, (*first, *shown, *ways, "person"), Say(name="help"), place="")


def page(s: Situation, option: str) -> Step:
    """The page that an option leads to; one that is gone leads to the front."""
    verb, _, about = option.partition(":")
    if verb == "topics":
        return front(s, _number(about))
    if verb == "topic":
        return _topic(s, about, 0)
    number, _, key = about.partition(":")
    if TOP in (key, verb):
        return _week(s)
    return _topic(s, key, _number(number)) if key else front(s)


def _topic(s: Situation, key: str, number: int) -> Step:
    topic = s.shelf.topic(key)
    if topic is None:
        return front(s)
    return _questions(s, key, number, Say(name="centre.topic", params={"topic": topic.category}))


def _questions(s: Situation, key: str, number: int, say: Say) -> Step:
    topic = s.shelf.topic(key)
    entries = topic.entries if topic else ()
    if not _of_page(entries, number):
        number = 0
    shown = [f"faq:{entry}" for entry in _of_page(entries, number)]
    lone = len(s.shelf.topics) == 1
    back = () if lone and not number else (f"back:0:{key}",) if lone else ("back",)
    options = (*shown, *_onward(entries, number, "more", key), *back, "person")
    return _page(s, options, say, place=f"back:{number}:{key}")


def _week(s: Situation) -> Step:
    options = (*(f"faq:{entry}" for entry in _top(s)), "back", "person")
    return _page(s, options, Say(name="centre.top"), place=f"back:0:{TOP}")


def _page(s: Situation, options: Sequence[str], say: Say, place: str) -> Step:
    tell = Tell(say=say, options=tuple(options))
    return Step(conversation=replace(s.conversation, place=place), effects=(tell,), why="help")


def _top(s: Situation) -> tuple[str, ...]:
    """What most people asked this week, as far as it is still there."""
    return tuple(entry for entry in s.top if entry in s.shelf.entries)[:PAGE]


def _of_page(lines: Sequence[str], number: int) -> Sequence[str]:
    """The last line needs no page of its own: its page has no way on, and so a place more."""
    if len(lines) <= PAGE + 1:
        return lines if number == 0 else ()
    return lines[number * PAGE : (number + 1) * PAGE]


def _onward(lines: Sequence[str], number: int, verb: str, key: str = "") -> tuple[str, ...]:
    if not _of_page(lines, number + 1):
        return ()
    return (f"{verb}:{number + 1}:{key}" if key else f"{verb}:{number + 1}",)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


def topic_of(option: str, shelf: Shelf) -> str | None:
    """The category that an option is the name of; None if it is no topic's."""
    verb, _, key = option.partition(":")
    topic = shelf.topic(key) if verb == "topic" else None
    return topic.category if topic else None
