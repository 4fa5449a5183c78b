"""A ticket's tags: words for searching and counting, the same however they were typed."""

import re
import unicodedata

MOST_TAGS = 12
LONGEST_TAG = 32


def tag_of(typed: str) -> str | None:
    """One width, lower case, joined by hyphens, without # and commas; None for what is no word or too long."""
    plain = unicodedata.normalize("NFKC", typed).casefold()
    tag = "-".join(re.findall(r"[^\W_]+", plain))
    return tag if tag and len(tag) <= LONGEST_TAG else None
