"""An entry told in one Chinese only, for readers of the other: signs and words converted, and marked as such."""

from collections.abc import Mapping

from opencc import OpenCC

from core.conversation.faq.entries import CHINESE, Entry
from core.conversation.language import from_platform

_WAYS: Mapping[tuple[str, str], str] = {("zh-CN", "zh-TW"): "s2twp", ("zh-TW", "zh-CN"): "tw2sp"}


class Scripts:
    """Holds OpenCC's dictionaries, which take some 20 ms to read."""

    def __init__(self) -> None:
        self._ways = {pair: OpenCC(way).convert for pair, way in _WAYS.items()}

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
        way = self._ways.get((from_platform(code), language)) if language in CHINESE else None
        return (way(text), True) if way else (text, False)
