"""The published FAQ as one value: its entries, the matcher built from them, and the decision on a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.conversation.faq.chance import chance
from core.conversation.faq.decide import MEASURED, Decision, Thresholds, decide
from core.conversation.faq.entries import Entry
from core.conversation.faq.index import Index, Matcher

POPULAR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Faq:
    """Immutable; a new revision is a new value. ``popular`` are the entries offered to who asks nothing yet."""

    entries: Mapping[str, Entry]
    matcher: Matcher
    thresholds: Thresholds
    popular: tuple[str, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Faq":
        """Build the index; takes milliseconds per hundred entries, so not on the event loop."""
        index = Index(entries)
        return cls(
            entries={entry.id: entry for entry in entries},
            matcher=index,
            thresholds=replace(MEASURED, near=chance(index, entries)),
            popular=_popular(entries),
        )

    def decide(self, question: str) -> Decision:
        """Answer, suggest or neither. Runs in a worker thread."""
        return decide(self.matcher.rank(question), self.thresholds)


def _popular(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The first entry of each of the first categories: files and entries stand in the order admins chose."""
    first: dict[str, str] = {}
    for entry in entries:
        first.setdefault(entry.category, entry.id)
    return tuple(first.values())[:POPULAR]
