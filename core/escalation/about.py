"""A ticket in one line of the person's own words."""

from collections.abc import Sequence

LONGEST = 120
_NEWEST = 5


def about_of(texts: Sequence[str]) -> str:
    """The longest of the newest texts, cut: a greeting or a bare call for a person says little.

    Empty where the person wrote nothing.
    """
    lines = [" ".join(text.split()) for text in texts[-_NEWEST:]]
    longest = max(lines, key=len, default="")
    return longest if len(longest) <= LONGEST else longest[: LONGEST - 1] + "…"
