"""Which of people's proposed phrasings an entry takes up by itself, and which of its own do harm."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.conversation.faq.encoder import Vectors
from core.conversation.faq.entries import Entry
from core.conversation.faq.voices import Ballot, Said, ballots

SAME = 0.8
"""Cosine of two meanings from which a voice for the one words is a voice for the other."""
ROOM = 60
"""Phrasings of an entry beyond which only an admin adds more: every question has to look at all of them."""
_AT_ONCE = 512
_NEIGHBOURS = 50
"""Words that are heard together at most, however many a crowd makes up."""

Fold = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A variant that waits, with its plain form."""

    id: int
    entry: str
    language: str
    text: str
    folded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptake:
    """A variant to take up, and how many people agree."""

    proposal: Proposal
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Which words already mean something: ``phrasings`` whose they are, ``claimed`` these and the examples, ``barred``
    for whom an admin's not_for bars them.
    """

    phrasings: Mapping[str, frozenset[str]]
    claimed: Mapping[str, frozenset[str]]
    barred: Mapping[str, frozenset[str]]
    sizes: Mapping[str, int]

    def holds(self, entry: str, folded: str) -> bool:
        """The entry says it already."""
        return entry in self.phrasings.get(folded, ())

    def open_to(self, proposal: Proposal) -> bool:
        """The entry is there, has room, and no admin has given these words to another one."""
        return (
            self.sizes.get(proposal.entry, ROOM) < ROOM
            and not self.claimed.get(proposal.folded, frozenset()) - {proposal.entry}
            and proposal.entry not in self.barred.get(proposal.folded, ())
        )


def standing(entries: Collection[Entry], fold: Fold) -> Standing:
    """What the published entries say; some 10 µs a phrasing."""
    said = {entry.id: entry.phrasings() for entry in entries}
    once = cache(fold)
    return Standing(
        phrasings=_owners(said, once),
        claimed=_owners({entry.id: (*said[entry.id], *entry.examples) for entry in entries}, once),
        barred=_owners({entry.id: entry.not_for for entry in entries}, once),
        sizes={entry: len(texts) for entry, texts in said.items()},
    )


def _owners(texts: Mapping[str, Iterable[str]], fold: Fold) -> Mapping[str, frozenset[str]]:
    owners: dict[str, frozenset[str]] = {}
    for entry, theirs in texts.items():
        for words in {fold(text) for text in theirs}:
            owners[words] = owners.get(words, frozenset()) | {entry}
    return owners


def taken_up(
    proposals: Sequence[Proposal],
    said: Iterable[Said],
    stands: Standing,
    confirmations: int,
    like: Mapping[str, Collection[str]] | None = None,
) -> list[Uptake]:
    """Those on which enough people agree and that no admin's word bars; those with most voices first, no more than
    an entry has room for.
    """
    votes = ballots(said, like)
    agreed = [
        Uptake(proposal=one, people=len(ballot.for_it))
        for one in proposals
        if (ballot := votes.get((one.entry, one.folded), _NOBODY)).agreed(confirmations)
        and stands.open_to(one)
        and not stands.holds(one.entry, one.folded)
    ]
    return _within_room(sorted(agreed, key=lambda one: (-one.people, one.proposal.id)), stands)


_NOBODY = Ballot(for_it=frozenset())


def _within_room(agreed: Iterable[Uptake], stands: Standing) -> list[Uptake]:
    room = {entry: ROOM - size for entry, size in stands.sizes.items()}
    kept: list[Uptake] = []
    for one in agreed:
        if room[one.proposal.entry] > 0:
            room[one.proposal.entry] -= 1
            kept.append(one)
    return kept


def alike(words: Sequence[str], meanings: Vectors, least: float = SAME) -> dict[str, tuple[str, ...]]:
    """Of each words the nearest that mean the same; ``meanings`` are their unit vectors."""
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(words), _AT_ONCE):
        for at, near in enumerate(meanings[start : start + _AT_ONCE] @ meanings.T, start):
            same = np.flatnonzero(near >= least)
            if len(same) > _NEIGHBOURS:
                same = np.argpartition(-near, _NEIGHBOURS)[:_NEIGHBOURS]
            found[words[at]] = tuple(words[other] for other in same.tolist())
    return found
