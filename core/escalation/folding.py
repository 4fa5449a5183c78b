"""Words as an eye sees them: one width, one case, nothing invisible, and without the dress that Slack puts on them."""

import unicodedata
from collections.abc import Iterator

DRESS = "*_~`>•◦▪"
"""Marks of bold, italic, strike and code, quotes and bullets: how a word is dressed, not what it says."""
AFTER = f" :：,，\t\r\n\u3000\ufe0f{DRESS}"
"""What may stand between a leading word and the words that it is about."""
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me"})


def seen(text: str) -> Iterator[tuple[str, int]]:
    """The signs that can be seen, folded, from the first one that is no dress; each with where it ends in ``text``."""
    begun = False
    for end, sign in enumerate(text, 1):
        for part in unicodedata.normalize("NFKD", sign).casefold():
            if part.isspace() or unicodedata.category(part) not in _UNSEEN:
                begun = begun or not (part.isspace() or part in DRESS)
                if begun:
                    yield part, end
