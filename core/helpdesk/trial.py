"""Whether what people taught can be published: it must be writable, and break none of the admins' examples."""

import asyncio
from collections.abc import Sequence

import structlog

from core.conversation.faq import editing
from core.conversation.faq.book import Faq
from core.conversation.faq.examples import Broken, broken
from core.conversation.faq.uptake import Uptake
from core.errors import Invalid
from core.publishing import Files, Published, Publishing

log = structlog.get_logger()

Trial = tuple[Files, list[Uptake]]
"""The files with these variants in them."""


async def harmless(publishing: Publishing, published: Published, agreed: Sequence[Uptake]) -> Trial:
    """With as many of the variants as do no harm. Raises Invalid, DatabaseAway."""
    files, taken = await asyncio.to_thread(_with_all, published.files, agreed)
    if not any(entry.examples or entry.not_for for entry in published.faq.entries.values()):
        return files, taken
    known = {(one.entry, one.text) for one in await asyncio.to_thread(_misled, published.faq)}
    while taken:
        tried = await publishing.tried(files)
        found = await asyncio.to_thread(_misled, tried.faq)
        new = [one for one in found if (one.entry, one.text) not in known]
        if not new:
            break
        log.warning("what people taught would break examples", examples=len(new))
        files, taken = await asyncio.to_thread(_with_all, published.files, _without_culprits(taken, new))
    return files, taken


def _misled(faq: Faq) -> list[Broken]:
    """What is now only suggested comes and goes with the calibration; what finds another entry does not."""
    return [one for one in broken(faq) if one.why in ("other", "answered")]


def _without_culprits(taken: Sequence[Uptake], new: Sequence[Broken]) -> list[Uptake]:
    """Without the variants of entries that now come first where they should not; none, if that explains nothing."""
    culprits = {hit.id for one in new for hit in one.decision.candidates[:1]}
    kept = [one for one in taken if one.proposal.entry not in culprits]
    return kept if len(kept) < len(taken) else []


def _with_all(files: Files, agreed: Sequence[Uptake]) -> Trial:
    taken = []
    for one in agreed:
        variant = one.proposal
        try:
            files = editing.with_variant(files, variant.entry, variant.language, variant.text)
        except Invalid as refused:
            log.warning("a variant can't be taken up", entry=variant.entry, why=str(refused))
        else:
            taken.append(one)
    return files, taken
