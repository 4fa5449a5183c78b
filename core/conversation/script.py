"""An entry told in one Chinese only, for readers of the other: signs and words converted, and marked as such."""

from collections.abc import Callable, Mapping

from opencc import OpenCC

from core.conversation.faq.entries import CHINESE, Entry
from core.conversation.language import from_platform

_WAYS: Mapping[tuple[str, str], str] = {("zh-CN", "zh-TW"): "s2twp", ("zh-TW", "zh-CN"): "tw2sp"}


class Scripts:
    """Holds OpenCC's dictionaries. Those towards Taiwan take 70 ms to read, and an FAQ that is told in both never needs
    them: each way is read when somebody takes it for the first time.
    """

    def __init__(self) -> None:
        self._ways = _Ways()

    def answer(self, entry: Entry, language: str, platform: str) -> tuple[str, bool]:
        """The answer for this reader on this platform, and whether it had to be converted."""
        code, text = entry.answer_in(language, platform)
        return self._read(text, code, language)

    def question(self, entry: Entry, language: str) -> str:
        """The question as a suggestion shows it."""
        code, _ = entry.answer_in(language)
        return self._read(entry.question_in(language), code, language)[0]

    def _read(self, text: str, code: str, language: str) -> tuple[str, bool]:
        """zh-HK is Traditional already, zh is taken for Simplified."""
        way = _WAYS.get((from_platform(code), language)) if language in CHINESE else None
        return (self._ways[way](text), True) if way else (text, False)


class _Ways(dict[str, Callable[[str], str]]):
    def __missing__(self, way: str) -> Callable[[str], str]:
        self[way] = OpenCC(way).convert
        return self[way]
