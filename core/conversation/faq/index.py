"""Which entries a question is nearest to: character n-grams, weighted by how few entries know them.

The similarity of a question and a phrasing is the cosine of their sets of n-grams. An entry's phrasings then speak
together, the best loudest: on CLINC150 and BANKING77 with five phrasings each, this and weighing by entries instead
of by phrasings are worth 6 to 9 points of top-1 over plain TF-IDF.
"""

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from core.conversation.faq.entries import Entry
from core.conversation.faq.normal import Normal

_RUN = re.compile(
    r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_CHORUS = 0.6
"""How loud each further phrasing of an entry speaks, next to the one before."""
_KEYWORD = 0.8
"""A keyword names a topic, not a question: it never counts as much as a whole phrasing."""
_HEARD = 64
"""Phrasings that are looked at for one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry with how near it is (0 to 1; 1 only for the very words) and the phrasing that came nearest."""

    id: str
    score: float
    phrase: str


class Matcher(Protocol):
    """What ranks entries for a question; safe to call from several threads."""

    def rank(self, text: str, limit: int = 10) -> tuple[Hit, ...]:
        """The nearest entries, best first; none where nothing is near."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrasing or keyword as it was written, and how much it can count."""

    text: str
    entry: str
    weight: float


class Index:
    """Built once and never changed."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._normal = Normal()
        written = [phrase for entry in entries for phrase in _phrases(entry)]
        self._phrases, plain = _each_once(written, [self._normal.of(phrase.text) for phrase in written])
        self._same: Mapping[str, Sequence[int]] = _places(map(_bare, plain))
        grams = [_grams(text) for text in plain]
        self._rarity = _rarity(grams, [phrase.entry for phrase in self._phrases])
        self._unheard = math.log(1 + len(entries)) + 1
        self._postings: Mapping[str, Sequence[int]] = _places(grams)
        self._scale = [
            phrase.weight / (self._length(found) or 1)
            for phrase, found in zip(self._phrases, grams, strict=True)
        ]

    def rank(self, text: str, limit: int = 10) -> tuple[Hit, ...]:
        """The nearest entries, best first, ties in the order of the files."""
        plain = self._normal.of(text)
        near = self._cosines(_grams(plain))
        for place in self._same.get(_bare(plain), ()):
            near[place] = self._phrases[place].weight
        best = heapq.nlargest(_HEARD, range(len(near)), near.__getitem__)
        hits = self._together({place: near[place] for place in best if near[place] > 0})
        return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])

    def _cosines(self, grams: frozenset[str]) -> list[float]:
        """For every phrase its cosine with the question; the loop at the heart, so kept bare."""
        sums = [0.0] * len(self._phrases)
        for gram in grams:
            weight = self._rarity.get(gram, 0.0) ** 2
            for place in self._postings.get(gram, ()):
                sums[place] += weight
        length = self._length(grams) or 1
        return [total * scale / length for total, scale in zip(sums, self._scale, strict=True)]

    def _together(self, near: Mapping[int, float]) -> list[Hit]:
        """One hit for each entry: what the best phrasing leaves open, the next ones may fill in part."""
        voices: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for place, cosine in near.items():
            voices[self._phrases[place].entry].append((cosine, place))
        return [
            Hit(
                id=entry,
                score=_chorus([cosine for cosine, _ in heard]),
                phrase=self._phrases[heard[0][1]].text,
            )
            for entry, heard in voices.items()
        ]

    def _length(self, grams: frozenset[str]) -> float:
        """What no entry knows counts as well: a question mostly about something else is not near."""
        return math.sqrt(sum(self._rarity.get(gram, self._unheard) ** 2 for gram in grams))


def _phrases(entry: Entry) -> list[_Phrase]:
    asked = [_Phrase(text, entry.id, 1.0) for text in entry.phrasings()]
    return asked + [_Phrase(word, entry.id, _KEYWORD) for word in entry.keywords]


def _each_once(written: Sequence[_Phrase], plain: Sequence[str]) -> tuple[list[_Phrase], list[str]]:
    """What an entry says in Simplified and in Traditional Chinese is one voice in its chorus, not two."""
    once: dict[tuple[str, str], tuple[_Phrase, str]] = {}
    for phrase, text in zip(written, plain, strict=True):
        once.setdefault((phrase.entry, _bare(text)), (phrase, text))
    return [phrase for phrase, _ in once.values()], [text for _, text in once.values()]


def _grams(plain: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(_of_run(run[0], bool(run[1])) for run in _RUN.finditer(plain)))


def _of_run(run: str, cjk: bool) -> list[str]:
    """Of Chinese single signs and pairs; of other words themselves (marked) and their 3- and 4-grams."""
    if cjk:
        return [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
    word = f"<{run}>"
    return [f"={run}", *(word[i : i + n] for n in (3, 4) for i in range(len(word) - n + 1))]


def _places(keys_by_place: "map[str] | Sequence[frozenset[str]]") -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, keys in enumerate(keys_by_place):
        for key in (keys,) if isinstance(keys, str) else keys:
            found[key].append(place)
    return dict(found)


def _rarity(grams: Sequence[frozenset[str]], owners: Sequence[str]) -> dict[str, float]:
    """The inverse entry frequency of every n-gram."""
    known: dict[str, set[str]] = defaultdict(set)
    for found, owner in zip(grams, owners, strict=True):
        for gram in found:
            known[gram].add(owner)
    entries = len(set(owners))
    return {gram: math.log((1 + entries) / (1 + len(by))) + 1 for gram, by in known.items()}


def _chorus(cosines: Sequence[float]) -> float:
    """``cosines`` best first."""
    open_ = math.prod(1 - min(cosine, 1.0) * _CHORUS**turn for turn, cosine in enumerate(cosines))
    return 1 - open_


def _bare(plain: str) -> str:
    return plain.replace(" ", "")
