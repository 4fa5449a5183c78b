"""What every admin's doing needs: the verbs, what is published, the screens and the desk's language."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bots.slack.admin.changes import Change
from bots.slack.admin.screens import Screens
from bots.slack.kit import Speech
from core.conversation.faq.differences import Difference, differences
from core.conversation.faq.editing import is_faq
from core.conversation.faq.entries import Entry
from core.conversation.faq.preview import preview
from core.conversation.faq.sheets.merging import entries_of
from core.helpdesk.admins import Admins
from core.ports import Clock
from core.publishing import Files, Published, Publishing, Revision

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """``questions`` are the last ones that people really asked, for previews. ``channel`` "": admins have none."""

    admins: Admins
    publishing: Publishing
    screens: Screens
    speech: Speech
    questions: Callable[[], Awaitable[Sequence[str]]]
    users: Sequence[str]
    channel: str
    clock: Clock

    @property
    def now(self) -> Published:
        return self.publishing.current

    async def change(self, files: Files) -> Change:
        """What these files would do if they were published. Raises Invalid."""
        now = self.now
        then = await self.publishing.tried(files)
        asked = await self.questions()
        return Change(
            differences=differences(list(now.faq.entries.values()), list(then.faq.entries.values())),
            preview=await asyncio.to_thread(preview, now.faq, then.faq, asked),
        )

    async def changed_by(self, revision: Revision) -> Sequence[Difference]:
        """What a revision changed in the one before it: entries, and other files as a whole."""
        before = await self.publishing.files_of(revision.number - 1) if revision.number > 1 else {}
        after = await self.publishing.files_of(revision.number)
        return await asyncio.to_thread(_differences, before, after)

    async def entries(self, revision: int) -> Sequence[Entry]:
        """Those of a revision. Raises LookupError."""
        return await asyncio.to_thread(entries_of, await self.publishing.files_of(revision))


def _differences(before: Files, after: Files) -> Sequence[Difference]:
    found = list(differences(entries_of(before), entries_of(after)))
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name) and not is_faq(name):
            there, stays = name in before, name in after
            kind: Kind = "changed" if there and stays else "removed" if there else "added"
            found.append(Difference(id=name, kind=kind, fields=()))
    return found
