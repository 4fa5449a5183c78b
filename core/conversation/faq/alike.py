"""Entries that ask for the same: phrasings that stand in two of them, or nearly repeat each other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.conversation.faq.book import Faq
from core.conversation.faq.encoder import Vectors
from core.conversation.faq.entries import Entry
from core.conversation.faq.normal import Normal

NEARLY = 0.85
"""The likeness of meaning from which two phrasings are told: what differs in a word of courtesy reaches it (0.86 to
0.96), of the shop's 60 entries one pair of 500,000.
"""
MOST = 200
"""Pairs of entries that are told, the likest first."""
_ROWS = 512
"""Phrasings that are compared with all others at once: 30 MB at 15,000 phrasings."""
_OF_A_BLOCK = 20_000
"""Pairs of phrasings that are looked at from one block; a FAQ with more than that repeats itself everywhere."""
_OF_ONE_TEXT = 20
"""Entries with the very same phrasing that are paired with each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """The two phrasings, of two entries, that are nearest to each other; ``likeness`` 1 is the same words."""

    entry_a: str
    text_a: str
    entry_b: str
    text_b: str
    likeness: float


@dataclass(frozen=True, slots=True)
class _Phrase:
    entry: int
    text: str


_Pair = tuple[_Phrase, _Phrase, float]


def alike(faq: Faq) -> tuple[Alike, ...]:
    """Each pair of entries once, the likest first. 3 s at 15,000 phrasings: not on the event loop."""
    entries = list(faq.entries.values())
    phrases, plain = _phrases(entries)
    if not phrases:
        return ()
    nearest: dict[tuple[int, int], _Pair] = {}
    for one, other, likeness in (*_same(phrases, plain), *_near(phrases, faq.meanings(_texts(phrases)))):
        pair = (min(one.entry, other.entry), max(one.entry, other.entry))
        if _together(entries[one.entry], entries[other.entry]) and (
            pair not in nearest or nearest[pair][2] < likeness
        ):
            nearest[pair] = (one, other, likeness)
    likest = sorted(nearest.items(), key=lambda found: (-found[1][2], found[0]))
    return tuple(_told(entries, pair) for _, pair in likest[:MOST])


def _phrases(entries: Sequence[Entry]) -> tuple[list[_Phrase], list[str]]:
    """Each entry's phrasings, what is the same in both Chinese scripts once, and their plain forms."""
    normal = Normal()
    found: dict[tuple[int, str], _Phrase] = {}
    for at, entry in enumerate(entries):
        for text in entry.phrasings():
            if plain := normal.of(text):
                found.setdefault((at, plain), _Phrase(at, text))
    return list(found.values()), [plain for _, plain in found]


def _texts(phrases: Sequence[_Phrase]) -> list[str]:
    return [phrase.text for phrase in phrases]


def _same(phrases: Sequence[_Phrase], plain: Sequence[str]) -> Iterator[_Pair]:
    """Those with the same plain form."""
    by_plain: Mapping[str, list[_Phrase]] = defaultdict(list)
    for phrase, words in zip(phrases, plain, strict=True):
        by_plain[words.replace(" ", "")].append(phrase)
    for those in by_plain.values():
        for one, other in combinations(those[:_OF_ONE_TEXT], 2):
            if one.entry != other.entry:
                yield one, other, 1.0


def _near(phrases: Sequence[_Phrase], meanings: Vectors) -> Iterator[_Pair]:
    """Block by block the products of the vectors, each pair once."""
    owners = np.array([phrase.entry for phrase in phrases])
    for start in range(0, len(phrases), _ROWS):
        likeness = meanings[start : start + _ROWS] @ meanings[start:].T
        likeness[owners[start : start + _ROWS, None] == owners[None, start:]] = 0
        rows, columns = np.nonzero(np.triu(likeness, 1) >= NEARLY)
        if len(rows) > _OF_A_BLOCK:
            likest = np.argpartition(-likeness[rows, columns], _OF_A_BLOCK)[:_OF_A_BLOCK]
            rows, columns = rows[likest], columns[likest]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            told = min(float(likeness[row, column]), 0.99)  # 1 is kept for the very same words
            yield phrases[start + row], phrases[start + column], told


def _together(one: Entry, other: Entry) -> bool:
    """Whether both ever serve on the same day: this year's holidays don't collide with last year's."""
    begins = [entry.valid_from for entry in (one, other) if entry.valid_from]
    ends = [entry.valid_until for entry in (one, other) if entry.valid_until]
    return not begins or not ends or max(begins) <= min(ends)


def _told(entries: Sequence[Entry], pair: _Pair) -> Alike:
    one, other, likeness = pair
    return Alike(
        entry_a=entries[one.entry].id,
        text_a=one.text,
        entry_b=entries[other.entry].id,
        text_b=other.text,
        likeness=likeness,
    )
