"""When to answer, when to ask back, when to say nothing: wrong answers cost more than questions back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.conversation.faq.confidence import Caution, Confidence, Signs
from core.conversation.faq.index import Hit

SUGGESTIONS = 3
CANDIDATES = 10
_WORTH_ASKING = 0.2
"""The probability of the first entry below which a person is the better offer."""
_HALF_WAY = 0.6
"""The likeness of a suggestion, next to that of an answer."""
_BESIDE = 0.25
"""What speaks for an entry, next to the first one, to be suggested with it."""
_CLOSE = 0.75
"""What speaks for the second entry, next to the first one, when only the person can say which is meant."""
_SAME = 0.99
"""A likeness that only the very words have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What a decision rests on: the nearest phrasing, how near it is, and how near the next entry's is.

    ``place`` is 0 for the question, 1 for the first variant, None for a keyword.
    """

    phrase: str = ""
    place: int | None = None
    likeness: float = 0.0
    next: float = 0.0

    def __str__(self) -> str:
        """For operators: ``same meaning as variant 2, 0.91; next entry 0.44``."""
        if not self.phrase:
            return "nothing in the FAQ is near"
        which = {None: "a keyword", 0: "the question"}.get(self.place, f"variant {self.place}")
        kind = "the very words of" if self.likeness >= _SAME else "same meaning as"
        return f"{kind} {which}, {self.likeness:.2f}; next entry {self.next:.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``ids`` hold one entry for an answer, up to three for a suggestion, best first.

    ``probability`` is that of the first candidate being right, whatever is decided; ``signs`` are what it was made
    from, kept with what becomes of the question, to calibrate by.
    """

    kind: Literal["answer", "suggest", "nothing"]
    ids: tuple[str, ...] = ()
    probability: float = 0.0
    candidates: tuple[Hit, ...] = ()
    reason: Reason = Reason()
    signs: Signs = ()


def decide(
    hits: Sequence[Hit], confidence: Confidence, caution: Caution = "balanced", *, sure: bool = True
) -> Decision:
    """From a ranking, best first; not ``sure``: the first may be suggested, but is no answer."""
    if not hits:
        return Decision(kind="nothing")
    signs = confidence.signs(hits)
    probability = confidence.chance(signs)
    kind: Literal["answer", "suggest", "nothing"] = "nothing"
    ids: tuple[str, ...] = ()
    likely = probability >= confidence.bars[caution] and hits[0].likeness >= confidence.least
    if sure and likely and not _close(hits):
        kind, ids = "answer", (hits[0].id,)
    elif probability >= _WORTH_ASKING and hits[0].likeness >= _HALF_WAY * confidence.least:
        kind, ids = "suggest", tuple(hit.id for hit in hits if hit.score >= _BESIDE * hits[0].score)
    return Decision(
        kind=kind,
        ids=ids[:SUGGESTIONS],
        probability=probability,
        candidates=tuple(hits[:CANDIDATES]),
        reason=_reason(hits),
        signs=signs,
    )


def _close(hits: Sequence[Hit]) -> bool:
    return len(hits) > 1 and hits[1].score > _CLOSE * hits[0].score and hits[0].likeness < _SAME


def _reason(hits: Sequence[Hit]) -> Reason:
    first = hits[0]
    return Reason(
        phrase=first.phrase,
        place=first.place,
        likeness=first.likeness,
        next=hits[1].likeness if len(hits) > 1 else 0.0,
    )
