"""Questions that were put to the FAQ: what is kept of each, which choices belong to it, and what may become of it.

A choice bears the number of its question (``pick:12:0``, ``helped:12``), so that a button tapped days later still
belongs to the question under which it stood.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

LONGEST = 500
"""Characters that are kept of a question."""
Kind = Literal["answer", "suggest", "nothing", "opened"]
Fate = Literal["picked", "helped", "unhelped", "person"]
_FOLLOW: Mapping[str, frozenset[Fate]] = {
    "": frozenset({"picked", "helped", "unhelped", "person"}),
    "picked": frozenset({"helped", "unhelped", "person"}),
    "helped": frozenset({"unhelped"}),
}
"""The first word about an answer counts, but for a change of mind; to have picked it says nothing about it yet."""
_OF_A_QUESTION = frozenset({"helped", "unhelped", "person", "none"})
_STAMPED = re.compile(r"(pick|helped|unhelped|person|none):(\d{1,18})(?::(\d{1,2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the FAQ decided on a question, to be kept; ``opened``: an entry was tapped without a question."""

    kind: Kind
    text: str = ""
    entry: str = ""
    shown: tuple[str, ...] = ()
    probability: float = 0.0
    signs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The kept question that a choice belongs to; ``fate`` is what became of it so far, or ""."""

    id: int
    text: str
    entry: str
    shown: tuple[str, ...]
    fate: str = ""


def may_become(before: str, after: Fate) -> bool:
    """Whether a question with one fate may get another."""
    return after in _FOLLOW.get(before, ())


def stamped(option: str, question: int, shown: Sequence[str]) -> str:
    """The option as it leaves for the person: with the number of the question that it belongs to."""
    verb, _, about = option.partition(":")
    if verb == "faq" and about in shown:
        return f"pick:{question}:{list(shown).index(about)}"
    return f"{option}:{question}" if option in _OF_A_QUESTION else option


def question_of(option: str) -> int:
    """The number of the question that a choice belongs to; 0 if to none."""
    found = _STAMPED.fullmatch(option)
    return int(found[2]) if found else 0


def meant(option: str, about: About | None) -> str:
    """The option as it was before it was stamped; a pick of what can't be known any more stays as it is."""
    found = _STAMPED.fullmatch(option)
    if not found or (found[1] == "pick") != bool(found[3]):
        return option
    if found[1] != "pick":
        return found[1]
    place = int(found[3])
    return f"faq:{about.shown[place]}" if about and place < len(about.shown) else option
