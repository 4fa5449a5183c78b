"""How likely the first entry is the right answer: calibrated on the FAQ itself, until real outcomes are there.

Two things are looked at: how much speaks for the first entry, against what usually speaks for entries that are not
meant; and how far the second is behind. What is usual differs by FAQ, so each is asked its own phrasings twice: without
the phrasing itself (its entry should be found) and without its whole entry (nothing should be: the nearest kind of
question that the FAQ can't answer). Where entries have several phrasings, the curve is fitted to that, held by the
shared one; where they have one each, the shared one serves, which comes from ten development
sets, weighed alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.conversation.faq.index import Hit, Index

SHARED = (1.34, 1.44, -0.76)
"""Of the logarithm of the first one's weight over the usual, of its lead over the second, and of nothing."""
USUAL = 0.12
"""What usually speaks for entries that are not meant, where the FAQ is too small to tell."""
ALIKE = 0.45
"""The likeness that an answer must have there: beside one or two other entries nearly every question seems to be meant
for one of them. Of the shop's questions 97 % of what is found rightly is as alike, and 4 % of what isn't meant.
"""
ASKED = 250
"""Phrasings that are asked, evenly taken from all: half a second."""
_ENOUGH, _ENOUGH_AT_HOME = 40, 25
"""Phrasings that must have been asked without their entry, and without themselves, before the curve is fitted."""
_OTHERS = 3
"""Phrasings of an entry of which one may be left out: the others must still speak for it."""
_HELD = 20.0
"""How many questions the shared curve is worth."""
_ABROAD = 0.4
"""Questions that no entry answers, for each that one does."""
_LEAST = 1e-3
_FARTHEST = 4.0
"""A lead beyond that (e to the 4th) says no more."""
_TURNS = 25
_HEEDED = 200
"""Real outcomes that count as much as the FAQ's own phrasings in where the bars stand."""
_UNLIKE = 0.1
"""Share of what is found rightly that is less alike than an answer must be: what shares a word and means another."""
Caution = Literal["careful", "balanced", "bold"]
CAUTIONS: tuple[Caution, ...] = ("careful", "balanced", "bold")
_LOWEST: Mapping[Caution, float] = {"careful": 0.75, "balanced": 0.6, "bold": 0.45}
"""The probability from which an answer is given, unless that would answer too much that was not meant."""
_HIGHEST = 0.95
_TOLERATED: Mapping[Caution, tuple[float, float]] = {
    "careful": (0.1, 0.17),
    "balanced": (0.2, 0.33),
    "bold": (0.35, 0.6),
}
"""Share of the FAQ's own phrasings that may be answered when their entry is left out: where the curve was fitted, and
where not. They lie nearer to other entries than most of what people ask beyond the FAQ, of which a quarter as many are
answered.
"""
_SPACIOUS = 600
"""Entries beyond which fewer are tolerated, six tenths at 5,000: near to whatever people ask some entry lies then."""

Numbers = NDArray[np.float64]
Signs = tuple[float, ...]
"""What a probability is made from: the logarithm of the first one's weight over the usual, and its lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a real question: the signs of its decision, and whether the first entry was the right one."""

    signs: Signs
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """A curve: rising in both of what it looks at."""

    usual: float = USUAL
    curve: tuple[float, float, float] = SHARED
    bars: Mapping[Caution, float] = field(default_factory=lambda: _LOWEST)
    least: float = 0.0
    """The likeness that an answer must have as well."""

    def signs(self, hits: Sequence[Hit]) -> Signs:
        """Of a ranking; none of none."""
        return tuple(_seen([hits], self.usual)[0, :-1].tolist()) if hits else ()

    def chance(self, signs: Signs) -> float:
        """The probability that the first entry is the right answer."""
        return float(_chance(np.array([[*signs, 1.0]]), np.array(self.curve))[0]) if signs else 0.0

    def of(self, hits: Sequence[Hit]) -> float:
        """The same from a ranking."""
        return self.chance(self.signs(hits))

    def after(self, outcomes: Sequence[Outcome]) -> "Confidence":
        """Fitted to what became of real questions, held by what the FAQ says of itself.

        The more there are, the less the bars heed the FAQ's own phrasings: the probability itself has been seen then.
        """
        seen = [one for one in outcomes if len(one.signs) == len(SHARED) - 1 and np.isfinite(one.signs).all()]
        if not seen:
            return self
        signs = np.array([[*np.clip(one.signs, -_FARTHEST, _FARTHEST), 1.0] for one in seen])
        curve = fitted(signs, np.array([one.right for one in seen], float), np.ones(len(seen)), self.curve)
        heed = _HEEDED / (_HEEDED + len(seen))
        bars = {name: _LOWEST[name] + heed * (bar - _LOWEST[name]) for name, bar in self.bars.items()}
        return replace(self, curve=curve, bars=bars)


Measure = Callable[[Index], Confidence]


def measured(index: Index) -> Confidence:
    """Ask the FAQ its own phrasings; takes half a second."""
    every = index.asked_as()
    asked = every[:: len(every) // ASKED + 1]
    found = list(index.left_out([place for place, _, _ in asked]))
    abroad = [hits for _, hits in found if hits]
    if len(abroad) < _ENOUGH:
        return Confidence(least=ALIKE)
    usual = max(float(np.median([hits[0].score for hits in abroad])), _LEAST)
    home = [
        (hits, entry)
        for (hits, _), (_, entry, count) in zip(found, asked, strict=True)
        if hits and count >= _OTHERS
    ]
    strangers = _seen(abroad, usual)
    entries = len({entry for _, entry, _ in every})
    if len(home) < _ENOUGH_AT_HOME:
        return Confidence(
            usual=usual, bars=_bars(_chance(strangers, np.array(SHARED)), entries, fitted=False)
        )
    right = np.array([hits[0].id == entry for hits, entry in home])
    seen = np.concatenate([_seen([hits for hits, _ in home], usual), strangers])
    truth = np.concatenate([right, np.zeros(len(abroad))])
    weight = np.concatenate([np.ones(len(home)), np.full(len(abroad), _ABROAD * len(home) / len(abroad))])
    curve = fitted(seen, truth, weight)
    near = [hits[0].likeness for (hits, _), hit in zip(home, right, strict=True) if hit]
    return Confidence(
        usual=usual,
        curve=curve,
        bars=_bars(_chance(strangers, np.array(curve)), entries, fitted=True),
        least=float(np.quantile(near, _UNLIKE)) if near else 0.0,
    )


def _bars(strangers: Numbers, entries: int, *, fitted: bool) -> Mapping[Caution, float]:
    """For each caution the bar over which no more than the tolerated share of the strangers comes."""
    crowded = min(1.0, (_SPACIOUS / entries) ** 0.25)
    return {
        caution: float(
            np.clip(np.quantile(strangers, 1 - crowded * shares[not fitted]), _LOWEST[caution], _HIGHEST)
        )
        for caution, shares in _TOLERATED.items()
    }


def fitted(
    seen: Numbers, truth: Numbers, weight: Numbers, held: tuple[float, float, float] = SHARED
) -> tuple[float, float, float]:
    """The logistic curve through outcomes, held by another; never falling in what it looks at."""
    begin = np.array(held)
    curve, price = begin, _price(seen, truth, weight, begin, begin)
    for _ in range(_TURNS):
        chance = _chance(seen, curve)
        slope = seen.T @ (weight * (chance - truth)) + _HELD * (curve - begin)
        bend = (seen * (weight * chance * (1 - chance))[:, None]).T @ seen + _HELD * np.eye(len(curve))
        step, size = np.linalg.solve(bend, slope), 1.0
        while (lower := _price(seen, truth, weight, curve - size * step, begin)) > price and size > _LEAST:
            size /= 2
        if lower >= price:
            break
        curve, price = curve - size * step, lower
    first, lead, rest = curve.tolist()
    return max(first, 0.1), max(lead, 0.1), rest


def _seen(ranked: Sequence[Sequence[Hit]], usual: float) -> Numbers:
    """Of each ranking what the curve looks at."""
    best = np.log([max(hits[0].score, _LEAST) if hits else _LEAST for hits in ranked])
    second = np.log([max(hits[1].score, _LEAST) if len(hits) > 1 else _LEAST for hits in ranked])
    lead = np.minimum(best - second, _FARTHEST)
    return np.stack([best - np.log(usual), lead, np.ones(len(best))], axis=1)


def _chance(seen: Numbers, curve: Numbers) -> Numbers:
    chance: Numbers = 1 / (1 + np.exp(-np.clip(seen @ curve, -30, 30)))
    return chance


def _price(seen: Numbers, truth: Numbers, weight: Numbers, curve: Numbers, begin: Numbers) -> float:
    chance = np.clip(_chance(seen, curve), 1e-9, 1 - 1e-9)
    missed = weight @ (truth * np.log(chance) + (1 - truth) * np.log(1 - chance))
    return float(_HELD / 2 * np.sum((curve - begin) ** 2) - missed)
