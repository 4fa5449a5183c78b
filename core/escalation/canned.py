"""Replies that are written beforehand: found by name or words, filled in, told in the person's language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.escalation.finding import folded

BLANKS = ("name", "ticket", "agent", "department", "platform")
"""What may stand in braces: the person's name, the ticket's number (T-1042), the agent's public name, the names of the
department and of the platform."""
MOST = 20
BLANK = re.compile(r"\{([^{}]*)\}")
_SIMPLIFIED, _TRADITIONAL = ("zh-CN", "zh-TW"), ("zh-TW", "zh-CN")
_NOT_AT_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    """``texts`` by language, at least one; ``titles`` and ``words`` are for agents who look for it."""

    name: str
    titles: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    texts: Mapping[str, str]

    def title_in(self, language: str) -> str:
        """What it is about, for an agent who reads this language; else its name."""
        return self.titles[_nearest(self.titles, language)] if self.titles else self.name


def render(canned: Canned, language: str, blanks: Mapping[str, str | int]) -> tuple[str, str]:
    """The language that serves this reader best, and the text in it; values are put in as they are."""
    code = _nearest(canned.texts, language)
    return code, _filled(canned.texts[code], blanks)


def _filled(text: str, blanks: Mapping[str, str | int]) -> str:
    return BLANK.sub(lambda found: str(blanks.get(found[1], "")), text)


def called(replies: Iterable[Canned], typed: str) -> Canned | None:
    """The reply of this very name."""
    return next((one for one in replies if folded(one.name) == folded(typed)), None)


def search(replies: Iterable[Canned], typed: str, most: int = MOST) -> tuple[Canned, ...]:
    """Those in which every word stands somewhere: names first, then titles, words, texts; nothing typed finds all."""
    wanted = folded(typed).split()
    ranked = sorted(
        ((_rank(one, wanted), at, one) for at, one in enumerate(replies)), key=lambda row: row[:2]
    )
    return tuple(one for rank, _, one in ranked if rank < _NOT_AT_ALL)[:most]


def _rank(one: Canned, wanted: list[str]) -> int:
    """Less is nearer; one word that stands nowhere spoils it."""
    places = [_place(one, word) for word in wanted]
    return _NOT_AT_ALL if _NOT_AT_ALL in places else sum(places)


def _place(one: Canned, word: str) -> int:
    name = folded(one.name)
    if name == word:
        return 0
    if name.startswith(word):
        return 1
    fields = ((one.name, *one.titles.values()), one.words, tuple(one.texts.values()))
    return next(
        (at for at, texts in enumerate(fields, 2) if any(word in folded(text) for text in texts)), _NOT_AT_ALL
    )


def _nearest(texts: Mapping[str, str], language: str) -> str:
    """The very language, another Chinese (that of the same script first), another of its kind, English, any."""
    traditional = any(part in ("Hant", "HK", "MO") for part in language.split("-"))
    chinese = (_TRADITIONAL if traditional else _SIMPLIFIED) if language.startswith("zh") else ()
    kin = [code for code in texts if code.partition("-")[0] == language.partition("-")[0]]
    wanted: tuple[str, ...] = (language, *chinese, *kin, "en", *texts)
    return next(code for code in wanted if code in texts)
