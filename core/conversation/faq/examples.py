"""The questions that an entry itself names: its examples must be answered with it, what it is not for must not be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.conversation.faq.book import Faq
from core.conversation.faq.decide import Decision

Why = Literal["nothing", "suggested", "other", "answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that doesn't hold.

    ``why``: of an example that it gets nothing, is only ``suggested``, or gets an ``other`` entry; of a question that
    the entry is not for that it is ``answered`` with it all the same.
    """

    entry: str
    text: str
    decision: Decision
    why: Why


def broken(faq: Faq) -> tuple[Broken, ...]:
    """Every example that misses its entry and every ``not_for`` that hits it, in the order of the entries.

    A millisecond for each of them: not on the event loop.
    """
    asked = [
        (entry.id, text, wanted)
        for entry in faq.entries.values()
        if entry.audience == "people"
        for texts, wanted in ((entry.examples, True), (entry.not_for, False))
        for text in texts
    ]
    decisions = faq.decide_all([text for _, text, _ in asked])
    return tuple(_judged(asked, decisions))


def promised(faq: Faq) -> int:
    """How many such questions there are."""
    told = (entry for entry in faq.entries.values() if entry.audience == "people")
    return sum(len(entry.examples) + len(entry.not_for) for entry in told)


def _judged(asked: Sequence[tuple[str, str, bool]], decisions: Sequence[Decision]) -> Iterator[Broken]:
    for (entry, text, wanted), decision in zip(asked, decisions, strict=True):
        why = _missed(entry, decision) if wanted else _hit(entry, decision)
        if why:
            yield Broken(entry=entry, text=text, decision=decision, why=why)


def _missed(entry: str, decision: Decision) -> Why | None:
    if decision.kind == "answer":
        return None if decision.ids[0] == entry else "other"
    if decision.kind == "suggest":
        return "suggested" if entry in decision.ids else "other"
    return "nothing"


def _hit(entry: str, decision: Decision) -> Why | None:
    return "answered" if decision.kind == "answer" and decision.ids[0] == entry else None
