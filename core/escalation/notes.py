"""Which of an agent's words are a private note. Purely a rule of syntax, so that it holds in every language."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

_PREFIXES = ("note:", "!note", "!n", ";;", "备注", "備註", "🔒", "//")
_WORDS = frozenset({"!note", "!n"})
_HEAD = 8
"""Signs that tell whether it is a note: the longest prefix and what follows it."""

_DRESS = "*_~`>•◦▪"
"""Marks of bold, italic, strike and code, quotes and bullets: how a word is dressed, not what it says."""
_AFTER = f" :：,，\t\r\n\u3000\ufe0f{_DRESS}"
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me"})


def note_in(text: str) -> str | None:
    """The note's own words if ``text`` is a private note, else None.

    Full-width forms count (NFKD), dress and anything invisible don't: a doubt is settled towards private.
    """
    head = list(islice(_seen(text), _HEAD))
    begins = "".join(sign for sign, _ in head)
    for prefix in _PREFIXES:
        if begins.startswith(prefix) and _ends_word(begins, prefix):
            return text[head[len(prefix) - 1][1] :].lstrip(_AFTER).strip()
    return None


def _ends_word(text: str, prefix: str) -> bool:
    """``!next`` is no note, though it begins like ``!n``."""
    rest = text[len(prefix) :]
    return prefix not in _WORDS or not re.match(r"[a-z0-9_]", rest)


def _seen(text: str) -> Iterator[tuple[str, int]]:
    """The signs that can be seen, folded, from the first one that is no dress; each with where it ends in ``text``."""
    begun = False
    for end, sign in enumerate(text, 1):
        for part in unicodedata.normalize("NFKD", sign).casefold():
            if part.isspace() or unicodedata.category(part) not in _UNSEEN:
                begun = begun or not (part.isspace() or part in _DRESS)
                if begun:
                    yield part, end
