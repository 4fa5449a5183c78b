"""How near a question comes to entries that don't answer it: less than that is no suggestion.

Common words make everything a little similar, and the more phrasings an entry has, the more. So each FAQ is measured
by itself: its own phrasings are asked, and what they score at other entries is chance. On development sets of shops'
questions this suggests something for 10 to 20 of 100 questions about other matters, where one threshold for all FAQs
suggests for 15 to 80.
"""

from collections.abc import Iterator, Sequence

from core.conversation.faq.entries import Entry
from core.conversation.faq.index import Matcher

ASKED = 200
"""Phrasings that are asked, evenly taken from all; some 50 ms with 50 entries, 4 s with 5,000."""
SHARE = 0.4
"""This share of them comes less near to another entry."""
LEAST, MOST = 0.2, 0.4
"""Bounds, for FAQs of a few entries, and of entries that say nearly the same."""


def chance(matcher: Matcher, entries: Sequence[Entry]) -> float:
    """The score below which nothing is suggested."""
    asked = [(entry.id, phrase) for entry in entries for phrase in entry.phrasings()]
    step = len(asked) // ASKED + 1
    scores = sorted(_elsewhere(matcher, asked[::step]))
    measured = scores[int(len(scores) * SHARE)] if scores else LEAST
    return min(max(measured, LEAST), MOST)


def _elsewhere(matcher: Matcher, asked: Sequence[tuple[str, str]]) -> Iterator[float]:
    for own, phrase in asked:
        yield next((hit.score for hit in matcher.rank(phrase, 2) if hit.id != own), 0.0)
