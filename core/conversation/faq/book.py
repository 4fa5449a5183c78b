"""The published FAQ as one value: its entries, the matcher built from them, and the decision on a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from core.conversation.faq.confidence import Caution, Confidence, Measure, Outcome, measured
from core.conversation.faq.decide import CANDIDATES, Decision, decide
from core.conversation.faq.encoder import Encoder, Vectors
from core.conversation.faq.entries import Entry
from core.conversation.faq.index import Embed, Hit, Index, Progress
from core.conversation.faq.normal import READ

POPULAR = 3
REMEMBERED = 2048
"""Questions whose rankings are kept: people ask the same again and again, by buttons word for word."""
_RANKED = CANDIDATES + 4
"""Entries of a ranking: some of them may not serve on the day."""


class _Remembered:
    """Ranks, and keeps what was ranked last. For many threads."""

    def __init__(self, matcher: Index) -> None:
        self._matcher = matcher
        self.one = lru_cache(REMEMBERED)(self._one)

    def _one(self, question: str) -> tuple[Hit, ...]:
        return self._matcher.rank(question, _RANKED)

    def all(self, questions: Sequence[str]) -> list[tuple[Hit, ...]]:
        return self._matcher.rank_all(questions, _RANKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faq:
    """Immutable; a new revision is a new value. ``popular`` are the entries offered to who asks nothing yet."""

    entries: Mapping[str, Entry]
    matcher: Index
    confidence: Confidence
    caution: Caution
    popular: tuple[str, ...]
    rankings: _Remembered = field(repr=False, compare=False)

    @classmethod
    def of(
        cls,
        entries: Sequence[Entry],
        encoder: Encoder,
        *,
        embed: Embed | None = None,
        caution: Caution = "balanced",
        progress: Progress | None = None,
        outcomes: Sequence[Outcome] = (),
        measure: Measure = measured,
        before: "Faq | None" = None,
    ) -> "Faq":
        """Build everything; a millisecond for each phrasing whose vector ``embed`` has to make, so not on the event
        loop. ``embed`` gives phrasings' vectors from where they are kept; without it all are made anew.

        What ``before`` holds of the same phrasings is taken from there. ``outcomes`` of real questions, newest or all,
        correct what the FAQ says of itself about how sure one may be; ``measure`` is how it is asked that.
        """
        index = Index(entries, encoder, embed, progress, before.matcher if before else None)
        return cls(
            entries={entry.id: entry for entry in entries},
            matcher=index,
            confidence=measure(index).after(outcomes),
            caution=caution,
            popular=_popular(entries),
            rankings=_Remembered(index),
        )

    def decide(self, question: str, day: date | None = None) -> Decision:
        """Answer, suggest or neither; on a ``day`` only from entries that serve on it.

        Runs in a worker thread; 2 to 6 ms, and a tenth of one for what was asked before.
        """
        return self._decided(self.rankings.one(question[:READ]), day)

    def decide_all(self, questions: Sequence[str], day: date | None = None) -> list[Decision]:
        """The same for many at once, which takes a third of the time."""
        ranked = self.rankings.all([question[:READ] for question in questions])
        return [self._decided(hits, day) for hits in ranked]

    def ranked(self, question: str, day: date, most: int) -> list[Entry]:
        """For agents: the nearest entries that hold on the day, whomever they are for. Runs in a worker thread."""
        found = (self.entries[hit.id] for hit in self.rankings.one(question[:READ]))
        return [entry for entry in found if entry.holds(day)][:most]

    def meanings(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors that lie near each other when texts ask for the same, a row for each; a millisecond each."""
        return self.matcher.meanings([text[:READ] for text in texts])

    def near(self, text: str, others: Sequence[str]) -> Vectors:
        """How near each of the others is to the text: 1 for the very words."""
        return self.matcher.near(text[:READ], [other[:READ] for other in others])

    def _decided(self, hits: Sequence[Hit], day: date | None) -> Decision:
        """Where a better entry doesn't serve today, the next is no answer: it may be suggested.

        What is for agents stands in nobody's way.
        """
        told = [hit for hit in hits if self.entries[hit.id].audience == "people"]
        serving = [hit for hit in told if day is None or self.entries[hit.id].serves(day)]
        first = serving[:1] == told[:1]
        return decide(serving, self.confidence, self.caution, sure=first)


def _popular(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The first entry of each of the first categories: files and entries stand in the order admins chose."""
    first: dict[str, str] = {}
    for entry in entries:
        if entry.audience == "people":
            first.setdefault(entry.category, entry.id)
    return tuple(first.values())[:POPULAR]
