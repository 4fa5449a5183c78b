"""Cutting a text into what one message may hold, as platforms count: bytes, UTF-16 units or characters. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

Length = Literal["utf8", "utf16", "chars"]

_SENTENCE_END = re.compile(r"""[.!?…]+["'”’)\]]*\s+|[。！？；…]+[”’」』）】"']*\s*|\n\s*""")
_WORD_END = re.compile(r"\s+|[,;:，、：]\s*")
_JOINER = "\u200d"
_WORTH_CUTTING = 4
"""A sentence or word end in the first quarter of what fits is too early: the part would be a crumb."""


def measure(text: str, length: Length) -> int:
    """How long a text is as the platform counts."""
    if length == "utf8":
        return len(text.encode("utf-8", "surrogatepass"))
    if length == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text)


def first_part(text: str, limit: int, length: Length) -> str:
    """The beginning of ``text`` that one message may hold: up to a sentence end, else a word end, else a character.

    It is an exact beginning, with the blanks after it where they fit, so that its ``len`` says how far it reaches.
    It is never empty for a text that isn't, however small the limit.
    """
    end = _fitting(text, limit, length)
    if end == len(text):
        return text
    window = text[:end]
    cut = _last(_SENTENCE_END, window) or _last(_WORD_END, window) or _between_characters(text, end)
    return text[:cut]


def all_parts(text: str, limit: int, length: Length) -> list[str]:
    """The parts in which a text leaves."""
    parts, rest = [], text.strip()
    while rest:
        part = first_part(rest, limit, length)
        parts.append(part.strip())
        rest = rest[len(part) :].lstrip()
    return parts


def with_numbers(text: str, labels: Sequence[str], hint: str) -> str:
    """A text with its choices as a numbered list, and the hint how to pick one; begins with the text as it is."""
    if not labels:
        return text
    numbered = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
    return "\n".join([*([f"{text}\n"] if text else []), *numbered, hint])


def _fitting(text: str, limit: int, length: Length) -> int:
    """How many characters fit; at least one."""
    left = limit
    for index, character in enumerate(text):
        left -= _size(character, length)
        if left < 0:
            return max(index, 1)
    return len(text)


def _size(character: str, length: Length) -> int:
    code = ord(character)
    if length == "utf8":
        return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)
    return 2 if length == "utf16" and code > 0xFFFF else 1


def _last(pattern: re.Pattern[str], window: str) -> int:
    """The end of the last match that is worth cutting at; 0 if there is none."""
    cut = max((found.end() for found in pattern.finditer(window)), default=0)
    return cut if cut * _WORTH_CUTTING >= len(window) and window[:cut].strip() else 0


def _between_characters(text: str, end: int) -> int:
    """The last place up to ``end`` between two characters as people see them; ``end`` if the first is longer."""
    return next((cut for cut in range(end, 0, -1) if not _joined(text, cut)), end)


def _joined(text: str, at: int) -> bool:
    """True if what stands before and after ``at`` is seen as one character."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or before + after == "\r\n":
        return True
    if _is_flag_half(after):
        return _flag_halves_before(text, at) % 2 == 1
    return unicodedata.category(after).startswith("M") or _is_modifier(ord(after))


def _is_modifier(code: int) -> bool:
    """Skin tones, the letters of sub-regional flags, and the vowels and finals of Korean syllables."""
    return 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F or 0x1160 <= code <= 0x11FF


def _is_flag_half(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start
