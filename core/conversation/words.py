"""The words that mean something by themselves: a wish for a person, for the state of things, thanks, a greeting."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_EDGES = " \t\n.,!?;:~…、。，！？；：～·\"'()（）"
_CJK = re.compile(r"[\u3400-\u9fff]")
_LONGEST_WISH = {"cjk": 14, "words": 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Phrases of all languages together, folded; ``not_person`` are look-alikes such as 人工智能."""

    person: frozenset[str] = frozenset()
    not_person: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    anyone: frozenset[str] = frozenset()
    thanks: frozenset[str] = frozenset()
    greeting: frozenset[str] = frozenset()
    help: frozenset[str] = frozenset()

    def wants_person(self, text: str) -> bool:
        """Someone asks for a human: the phrase alone, or inside a short sentence."""
        folded = fold(text)
        if folded in self.person:
            return True
        if _too_long(folded) or any(phrase in folded for phrase in self.not_person):
            return False
        return any(_contains(folded, phrase) for phrase in self.person)

    def wants_status(self, text: str) -> bool:
        """Someone asks how their ticket stands."""
        return fold(text) in self.status

    def wants_help(self, text: str) -> bool:
        """Someone asks what can be done here."""
        return fold(text) in self.help

    def asks_anyone(self, text: str) -> bool:
        """Someone who waits asks whether anybody is there."""
        return fold(text) in self.anyone

    def is_greeting(self, text: str) -> bool:
        """Nothing but a greeting, such as 你好 or "hello there"."""
        return _only(fold(text), self.greeting | self.anyone)

    def is_thanks(self, text: str) -> bool:
        """Nothing but thanks or assent."""
        return _only(fold(text), self.thanks)


def fold(text: str) -> str:
    """Lower case, one width, no marks around, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_EDGES)


def is_emoji(text: str) -> bool:
    """Nothing but emoji and marks, the [OK]-style of WeChat included; a digit or letter makes it words."""
    bare = re.sub(r"\[[^\[\]\s]{1,12}\]|/:[a-z0-9@\-]{1,8}", "", text).strip()
    return bool(text.strip()) and not any(unicodedata.category(c)[0] in "LN" for c in bare)


def from_lists(lists: Mapping[str, Mapping[str, Iterable[str]]]) -> Words:
    """From the texts' word lists: meaning -> language -> phrases."""
    return Words(
        **{
            meaning: frozenset(fold(phrase) for phrases in by_language.values() for phrase in phrases)
            for meaning, by_language in lists.items()
        }
    )


def _only(folded: str, phrases: frozenset[str]) -> bool:
    """The text is one phrase or a row of them (你好，在吗)."""
    if not folded:
        return False
    if folded in phrases:
        return True
    parts = [part for part in re.split(rf"[{re.escape(_EDGES)}]+", folded) if part]
    return len(parts) > 1 and all(part in phrases for part in parts)


def _too_long(folded: str) -> bool:
    if _CJK.search(folded):
        return len(folded) > _LONGEST_WISH["cjk"]
    return len(folded.split()) > _LONGEST_WISH["words"]


def _contains(folded: str, phrase: str) -> bool:
    """A single Latin word ("agent") counts only alone; in a sentence it may mean anything."""
    if _CJK.search(phrase):
        return phrase in folded
    return " " in phrase and re.search(rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])", folded) is not None
