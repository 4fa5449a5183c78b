"""A wrong answer goes out of what is published at once; the entry stays in its file, and an admin mends it there."""

from dataclasses import replace
from datetime import date, timedelta

from core.conversation.faq import editing
from core.conversation.faq.entries import Entry
from core.errors import Invalid, Rejected
from core.helpdesk.admins import DOOR, signed
from core.helpdesk.library import day_of
from core.messages import Agent
from core.ports import Clock
from core.publishing import Conflict, Publishing

_TRIES = 3
"""Somebody else may publish another change of the same entry meanwhile."""


async def hide(publishing: Publishing, clock: Clock, name: str, by: Agent) -> None:
    """Let an entry's days be over, for everybody; again is no harm. Raises Rejected with the reason if it can't be."""
    for _ in range(_TRIES):
        now, day = publishing.current, day_of(clock())
        entry = now.faq.entries.get(name)
        if entry is None or not entry.serves(day):
            return
        try:
            files = editing.with_source(now.files, editing.source_from(_over(entry, day - timedelta(days=1))))
            await publishing.publish(
                files, base=now.revision, door=DOOR, author=signed(by), comment=f"wrong answer: {name}"
            )
        except Invalid as invalid:
            raise Rejected("; ".join(invalid.problems)) from invalid
        except (Conflict, LookupError):
            continue
        return
    raise Rejected("somebody else keeps changing this entry; try again")


def _over(entry: Entry, last: date) -> Entry:
    """Its last day was this one, even if its first would have come after it."""
    first = min(entry.valid_from, last) if entry.valid_from else None
    return replace(entry, valid_from=first, valid_until=last)
