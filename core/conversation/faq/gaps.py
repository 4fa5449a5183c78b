"""What the FAQ misses: questions that it left unanswered or answered without helping, grouped by meaning."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.conversation.faq.encoder import Vectors, unit
from core.conversation.faq.personal import masked

ALIKE = 0.5
"""Cosine of two questions' meanings from which they are one matter: on two sets of 1,200 questions, six and eight pairs
in ten that are put together belong so; lower mixes matters, higher tears them apart.
"""
_ROUNDS = 3
_AT_ONCE = 256
EXAMPLES = 12
"""Of each language."""
Why = Literal["unanswered", "unhelpful"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A question that wasn't served; ``entry`` is the one that was answered with and didn't help, if any."""

    id: int
    person: int
    text: str
    language: str
    platform: str
    at: datetime
    why: Why
    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The entry that comes nearest to a gap, and how near: it may only lack a phrasing."""

    entry: str
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Questions of one meaning. ``question`` is the most central, ``examples`` the commonest by language, all without
    what is about one person; ``missed`` are the questions' ids, newest first.
    """

    question: str
    language: str
    people: int
    asked: int
    unhelpful: int
    examples: Mapping[str, tuple[str, ...]]
    platforms: Mapping[str, int]
    first: datetime
    last: datetime
    missed: tuple[int, ...]
    near: Near | None = None


Groups = NDArray[np.int64]


def grouped(missed: Sequence[Missed], meanings: Vectors, least: float = ALIKE) -> list[Gap]:
    """The gaps, those of most people first. ``meanings`` are the unit vectors of the questions."""
    if not missed:
        return []
    groups = _groups(meanings, least)
    members: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(groups.tolist()):
        members[group].append(at)
    gaps = [_gap([missed[at] for at in places], meanings[places]) for places in members.values()]
    return sorted(gaps, key=lambda gap: (-gap.people, -gap.asked, -gap.last.timestamp(), gap.question))


def _groups(meanings: Vectors, least: float) -> Groups:
    """Leaders first, in the order they come; then everybody goes to the nearest group's centre, some times over."""
    centres = _leaders(meanings, least)
    nearest = _nearest(meanings, centres)
    for _ in range(_ROUNDS):
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, meanings)
        kept = np.flatnonzero(np.bincount(nearest, minlength=len(centres)))
        centres = unit(sums[kept])
        again = _nearest(meanings, centres)
        if np.array_equal(again, nearest):
            break
        nearest = again
    return nearest


def _leaders(meanings: Vectors, least: float) -> Vectors:
    """Each that is near to no leader before it leads; what the leaders so far cover is found many at once."""
    leaders = np.empty((0, meanings.shape[1]), np.float32)
    for start in range(0, len(meanings), _AT_ONCE):
        part = meanings[start : start + _AT_ONCE]
        free = part if not len(leaders) else part[(part @ leaders.T).max(axis=1) < least]
        new: list[Vectors] = []
        for one in free:
            if not new or float((np.stack(new) @ one).max()) < least:
                new.append(one)
        if new:
            leaders = np.concatenate([leaders, np.stack(new)])
    return leaders


def _nearest(meanings: Vectors, centres: Vectors) -> Groups:
    parts = [
        (meanings[start : start + _AT_ONCE] @ centres.T).argmax(axis=1)
        for start in range(0, len(meanings), _AT_ONCE)
    ]
    return np.concatenate(parts)


def _gap(missed: Sequence[Missed], meanings: Vectors) -> Gap:
    central = missed[int((meanings @ meanings.sum(axis=0)).argmax())]
    latest = sorted(missed, key=lambda one: (one.at, one.id), reverse=True)
    return Gap(
        question=masked(central.text),
        language=central.language,
        people=len({one.person for one in missed}),
        asked=len(missed),
        unhelpful=sum(one.why == "unhelpful" for one in missed),
        examples=_examples(latest),
        platforms=Counter(one.platform for one in missed),
        first=latest[-1].at,
        last=latest[0].at,
        missed=tuple(one.id for one in latest),
    )


def _examples(missed: Sequence[Missed]) -> Mapping[str, tuple[str, ...]]:
    """The commonest first."""
    by_language: dict[str, Counter[str]] = defaultdict(Counter)
    for one in missed:
        by_language[one.language][masked(one.text)] += 1
    return {
        language: tuple(text for text, _ in texts.most_common(EXAMPLES))
        for language, texts in sorted(by_language.items(), key=lambda pair: -pair[1].total())
    }
