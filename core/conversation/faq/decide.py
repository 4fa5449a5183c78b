"""When to answer, when to ask back, when to say nothing: wrong answers cost more than questions back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.conversation.faq.index import Hit

SUGGESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``ids`` hold one entry for an answer, up to three for a suggestion, best first."""

    kind: Literal["answer", "suggest", "nothing"]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Scores as the index gives them, chosen by benchmarks/faq_quality.py.

    Answered is what scores ``sure``, or ``likely`` and leads the second best by ``lead``; but never what leads by
    less than ``least_lead``, which is two entries for one question. What scores ``near`` is suggested; a FAQ that was
    built measures that for itself (chance.py).
    """

    sure: float = 0.8
    likely: float = 0.6
    lead: float = 0.15
    least_lead: float = 0.05
    near: float = 0.2


MEASURED = Thresholds()


def decide(hits: Sequence[Hit], thresholds: Thresholds = MEASURED) -> Decision:
    """From a ranking, best first."""
    near = tuple(hit.id for hit in hits if hit.score >= thresholds.near)[:SUGGESTIONS]
    if not near:
        return Decision(kind="nothing")
    best = hits[0].score
    lead = best - (hits[1].score if len(hits) > 1 else 0.0)
    wanted = thresholds.least_lead if best >= thresholds.sure else thresholds.lead
    if best >= thresholds.likely and lead >= wanted:
        return Decision(kind="answer", ids=near[:1])
    return Decision(kind="suggest", ids=near)
