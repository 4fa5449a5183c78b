"""The engine as the product runs it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.engines.rows import Entry, Found
from core.conversation.faq import entries
from core.conversation.faq.book import Faq
from core.conversation.faq.encoder import SentenceEncoder
from core.storage.weights import mapped

KEPT = Path(__file__).parents[2] / "var" / "kept"
"""Where the product keeps the encoder's weights unpacked; vectors are made anew for each set."""


class Engine:
    """With its decisions."""

    def __init__(self, faq: Sequence[Entry]) -> None:
        self._faq = Faq.of([_entry(one) for one in faq], SentenceEncoder(partial(mapped, KEPT)))

    def find(self, text: str) -> Found:
        """The ten best, and what would be done."""
        decision = self._faq.decide(text)
        ranked = tuple(hit.id for hit in decision.candidates)
        score = decision.candidates[0].score if ranked else 0.0
        return Found(ranked=ranked, score=score, decision=decision.kind)


def _entry(one: Entry) -> entries.Entry:
    block = entries.Block(question=one.phrasings[0], variants=one.phrasings[1:], answer="-")
    return entries.Entry(id=one.id, blocks={one.language: block}, keywords=one.keywords)
