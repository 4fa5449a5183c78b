"""Which of an agent's words are a private note. Purely a rule of syntax, so that it holds in every language."""

import re
from itertools import islice

from core.escalation.folding import AFTER, seen

_PREFIXES = ("note:", "!note", "!n", "!备注", "!備註", ";;", "备注", "備註", "🔒", "//")
_WORDS = frozenset({"!note", "!n"})
_HEAD = 8
"""Signs that tell whether it is a note: the longest prefix and what follows it."""


def note_in(text: str) -> str | None:
    """The note's own words if ``text`` is a private note, else None.

    Full-width forms count (NFKD), dress and anything invisible don't: a doubt is settled towards private.
    """
    head = list(islice(seen(text), _HEAD))
    begins = "".join(sign for sign, _ in head)
    for prefix in _PREFIXES:
        if begins.startswith(prefix) and _ends_word(begins, prefix):
            return text[head[len(prefix) - 1][1] :].lstrip(AFTER).strip()
    return None


def _ends_word(text: str, prefix: str) -> bool:
    """``!next`` is no note, though it begins like ``!n``."""
    rest = text[len(prefix) :]
    return prefix not in _WORDS or not re.match(r"[a-z0-9_]", rest)
