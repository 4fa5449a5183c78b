"""What admins can learn from what people ask: gaps, entries drafted for them, learnt variants."""

from collections.abc import Sequence
from datetime import timedelta

from core.conversation.faq.entries import Entry
from core.conversation.faq.gaps import Gap
from core.conversation.faq.normal import Normal
from core.ports import Clock
from core.publishing import Publishing
from core.storage import faq_views
from core.storage.engine import Storage
from core.storage.faq_views import VariantRow

WEEK = timedelta(days=7)
QUESTIONS = 500
"""That a change is tried on before it is published; a second and a half of work."""


class Lessons:
    """Reads only. All raise DatabaseAway."""

    def __init__(self, storage: Storage, publishing: Publishing, clock: Clock) -> None:
        self._storage = storage
        self._publishing = publishing
        self._clock = clock
        self._normal = Normal()

    async def questions(self) -> Sequence[str]:
        """The last ones that people asked."""
        return await faq_views.recent_questions(self._storage, QUESTIONS)

    async def gaps(self) -> Sequence[Gap]:
        """What the FAQ didn't serve in the last seven days, by meaning."""
        return await faq_views.gaps(self._storage, self._publishing.current.faq, self._clock() - WEEK)

    async def drafted(self, gap: Gap) -> Entry | None:
        """From what agents answered; None where none has answered yet."""
        return await faq_views.draft(self._storage, self._publishing.current.faq, gap, self._normal.of)

    async def variants(self, state: str) -> Sequence[VariantRow]:
        """Proposed, taken, doubted, declined or withdrawn ones, those of most people first."""
        return await faq_views.variants(self._storage, state)
