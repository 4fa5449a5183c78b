"""What admins publish: a FAQ entry, told in one language or several."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

CHINESE = ("zh-CN", "zh-TW")
Audience = Literal["people", "agents"]
AUDIENCES: tuple[Audience, ...] = ("people", "agents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One language's part of an entry; ``variants`` are other ways in which people ask the question.

    ``answers`` hold another answer for some platforms, by the platform's name.
    """

    question: str
    answer: str
    variants: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``blocks`` by language code, at least one, in the order the admin wrote them.

    ``follow_ups`` are ids of entries that are offered after the answer, ``attachments`` files that go with it (paths
    beside the FAQ's files). It serves from ``valid_from`` to ``valid_until``, both days included. With ``escalate``
    (a department) the answer, if any, is followed by a ticket there. ``examples`` must find it, ``not_for`` must not.
    With ``agents`` as its ``audience`` no bot tells it to people: agents find it at the desk.
    """

    id: str
    blocks: Mapping[str, Block]
    category: str = ""
    keywords: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    escalate: str = ""
    audience: Audience = "people"
    examples: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()

    def answer_in(self, language: str, platform: str = "") -> tuple[str, str]:
        """The language that serves this reader best, and the answer in it."""
        code = self._nearest(language)
        block = self.blocks[code]
        return code, block.answers.get(platform, block.answer)

    def question_in(self, language: str) -> str:
        """The question as a suggestion shows it."""
        return self.blocks[self._nearest(language)].question

    def serves(self, day: date) -> bool:
        """Whether people may get it on this day."""
        return self.audience == "people" and self.holds(day)

    def holds(self, day: date) -> bool:
        """Whether it is true on this day, for whomever it is."""
        return (self.valid_from or day) <= day <= (self.valid_until or day)

    def phrasings(self) -> tuple[str, ...]:
        """Every way to ask this, in all languages: people don't always write in the language they read."""
        return tuple(text for block in self.blocks.values() for text in (block.question, *block.variants))

    def _nearest(self, language: str) -> str:
        """The very language, another of its kind (another Chinese, zh for zh-HK), English, whatever there is."""
        chinese = CHINESE if language.startswith("zh") else ()
        kin = tuple(code for code in self.blocks if _primary(code) == _primary(language))
        wanted: tuple[str, ...] = (language, *chinese, *kin, "en", *self.blocks)
        return next(code for code in wanted if code in self.blocks)


def _primary(code: str) -> str:
    return code.partition("-")[0]
