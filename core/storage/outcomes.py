"""What became of the newest answers and suggestions, by which the FAQ's probabilities are calibrated."""

from core.conversation.faq.confidence import Outcome
from core.conversation.faq.health import right
from core.storage import faq_models
from core.storage.engine import Storage

NEWEST = 5_000
_LOOKED_AT = 10 * NEWEST
"""Questions among which these are looked for: most people say nothing."""


async def outcomes(storage: Storage, limit: int = NEWEST) -> list[Outcome]:
    """Of the newest questions, those of which it is known whether the first entry was right."""
    newest = await faq_models.Question.all().using_db(storage.reading).order_by("-id").first()
    if newest is None:
        return []
    query = faq_models.Question.filter(id__gt=newest.id - _LOOKED_AT).exclude(fate="").exclude(kind="opened")
    fates = query.using_db(storage.reading).order_by("-id").limit(limit)
    return [
        Outcome(signs=tuple(signs), right=was)
        for signs, kind, fate, shown, entry in await fates.values_list(
            "signs", "kind", "fate", "shown", "entry"
        )
        if signs and (was := right(kind, fate, shown[0] if shown else "", entry)) is not None
    ]
