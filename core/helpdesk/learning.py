"""The FAQ learns: what enough people agree on is taken up, and what does harm is put to an admin."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import structlog

from core.conversation.faq import editing
from core.conversation.faq.encoder import Vectors
from core.conversation.faq.normal import Normal
from core.conversation.faq.uptake import Standing, Uptake, alike, standing, taken_up
from core.conversation.faq.voices import Said, harms
from core.errors import DatabaseAway, Invalid
from core.helpdesk.trial import harmless
from core.ports import Clock
from core.publishing import Conflict, Published, Publishing, Revision
from core.storage import faq_models, learning
from core.storage.engine import Storage
from core.storage.learning import Fate, Heard

log = structlog.get_logger()

LOOK = 30.0
"""Seconds between two looks at what people showed."""
DOOR = "learning"
AT_ONCE = 50
"""Variants in one revision; with more of them the next look goes on."""
REST = timedelta(minutes=10)
"""Between two revisions: where thousands ask, something is learnt all the time, and each revision is a whole FAQ."""
_HARM_EVERY = timedelta(hours=1)
_IN_FAQ = ("taken", "doubted")


class NoSuchVariant(LookupError):
    """There is no such variant, or its entry is gone."""


class Learning:
    """``confirmations``: different people who must agree before a variant is taken up without an admin."""

    def __init__(self, *, storage: Storage, publishing: Publishing, clock: Clock, confirmations: int) -> None:
        self._storage = storage
        self._publishing = publishing
        self._clock = clock
        self._confirmations = confirmations
        self._normal = Normal()
        self._seen = (-1, -1)
        self._owed = False
        self._learnt_at: datetime | None = None
        self._meant: dict[str, Vectors] = {}
        self._harm_at: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look every half a minute, until ``stop`` is set; one process of all is enough."""
        while not stop.is_set():
            try:
                await self.look()
            except DatabaseAway as failure:
                log.warning("learning waits for the database", reason=str(failure))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK)

    async def look(self) -> Revision | None:
        """Take up what enough people agree on, all in one revision; None where nothing is to be published."""
        revision = await self._take_up() if await self._changed() else None
        await self._doubt_what_harms()
        return revision

    async def decide(self, variant_id: int, yes: bool, by: str, door: str = DOOR) -> Revision | None:
        """An admin's word: it stands in the FAQ from now on, or does not; None where nothing had to be published.

        Raises NoSuchVariant, and what publishing raises (Invalid, Conflict).
        """
        if not yes:
            return await self.withdraw(variant_id, by, door)
        row = await self._variant(variant_id)
        if row.state in _IN_FAQ:
            await self._settle([row.id], "taken", by, None)
            return None
        published = self._publishing.current
        files = await asyncio.to_thread(
            editing.with_variant, published.files, row.entry, row.language, row.text
        )
        revision = await self._publish(published, files, door, by, f"{row.entry}: {row.text}")
        await self._settle([row.id], "taken", by, revision)
        return revision

    async def withdraw(self, variant_id: int, by: str, door: str = DOOR) -> Revision | None:
        """Take it out of the FAQ, or decline it if it isn't there. Raises as ``decide``."""
        row = await self._variant(variant_id)
        if row.state not in _IN_FAQ:
            await self._settle([row.id], "declined", by, None)
            return None
        published = self._publishing.current
        files = await asyncio.to_thread(
            editing.without_variant, published.files, row.entry, row.language, row.text
        )
        revision = await self._publish(published, files, door, by, f"{row.entry}: without {row.text}")
        await self._settle([row.id], "withdrawn", by, revision)
        return revision

    # --- taking up ------------------------------------------------------------------------------------------

    async def _changed(self) -> bool:
        """Whether anybody spoke or published since the last look, or something is still to be done."""
        now = (await learning.newest_voice(self._storage), self._publishing.current.revision)
        changed, self._seen = now != self._seen, now
        return changed or (self._owed and not self._rests())

    def _rests(self) -> bool:
        return self._learnt_at is not None and self._clock() < self._learnt_at + REST

    async def _take_up(self) -> Revision | None:
        published = self._publishing.current
        stands = await asyncio.to_thread(standing, published.faq.entries.values(), self._normal.of)
        await self._follow(published, stands)
        self._owed = self._rests()
        if self._owed:
            return None
        heard = await learning.heard(self._storage)
        agreed = await asyncio.to_thread(self._agreed, published, stands, heard, ())
        if agreed:
            entries = {one.proposal.entry for one in agreed}
            misled = await learning.misled(self._storage, entries, self._clock())
            agreed = await asyncio.to_thread(self._agreed, published, stands, heard, misled)
        return await self._published(published, agreed) if agreed else None

    def _agreed(
        self, published: Published, stands: Standing, heard: Heard, misled: Sequence[tuple[str, int, str]]
    ) -> list[Uptake]:
        """In a worker thread: folds and encodes."""
        texts = dict(heard.texts)
        against: list[Said] = []
        for entry, person, text in misled:
            words = self._normal.of(text)
            texts.setdefault(words, text)
            against.append(Said(entry=entry, words=words, voice=f"person:{person}", helped=False))
        like = self._like(published, texts)
        return taken_up(heard.proposals, [*heard.said, *against], stands, self._confirmations, like)

    def _like(self, published: Published, texts: Mapping[str, str]) -> Mapping[str, Collection[str]]:
        """Which of these words mean the same. Each is encoded once, as long as anybody speaks for it."""
        self._meant = {words: row for words, row in self._meant.items() if words in texts}
        new = [words for words in texts if words not in self._meant]
        if new:
            meanings = published.faq.meanings([texts[words] for words in new])
            self._meant.update(zip(new, meanings, strict=True))
        return alike(list(self._meant), np.stack(list(self._meant.values()))) if self._meant else {}

    async def _published(self, published: Published, agreed: Sequence[Uptake]) -> Revision | None:
        now, later = agreed[:AT_ONCE], agreed[AT_ONCE:]
        self._learnt_at = self._clock()
        try:
            files, taken = await harmless(self._publishing, published, now)
            if not taken:
                return None
            revision = await self._publish(published, files, DOOR, "", _comment(taken))
        except Conflict:
            self._learnt_at, self._owed = None, True  # the next look tries again, on what is published then
            return None
        except Invalid as refused:
            log.warning("what was learnt can't be published", why=str(refused))
            return None
        await self._settle([one.proposal.id for one in taken], "taken", "", revision)
        self._owed = bool(later)
        log.info("learnt", variants=len(taken), revision=revision.number)
        return revision

    async def _follow(self, published: Published, stands: Standing) -> None:
        """Admins also write and delete variants, and bring revisions back: their word goes before ours."""
        proposed, taken, gone = [], [], []
        for row in await learning.in_state(self._storage, "proposed", "withdrawn", *_IN_FAQ):
            there = stands.holds(row.entry, row.folded)
            since = row.revision or 0
            if there and row.state == "proposed":
                proposed.append(row.id)
            elif there and row.state == "withdrawn" and since < published.revision:
                taken.append(row.id)
            elif not there and row.state in _IN_FAQ and since <= published.revision:
                gone.append(row.id)
        for ids, state in ((proposed + taken, "taken"), (gone, "withdrawn")):
            if ids:
                await learning.settle(self._storage, ids, state=state, decided_at=self._clock())

    # --- harm -----------------------------------------------------------------------------------------------

    async def _doubt_what_harms(self) -> None:
        now = self._clock()
        if self._harm_at is not None and now < self._harm_at + _HARM_EVERY:
            return
        self._harm_at = now
        taken = await learning.in_state(self._storage, "taken")
        fates = await learning.fates(self._storage, {row.entry for row in taken}, now) if taken else ()
        if not fates:
            return
        published = self._publishing.current
        doubted = await asyncio.to_thread(partial(self._harmful, published, taken, fates))
        if doubted:
            await learning.settle(self._storage, doubted, state="doubted")
            log.info("learnt variants do harm", variants=len(doubted))

    def _harmful(
        self, published: Published, taken: Sequence[faq_models.Variant], fates: Sequence[Fate]
    ) -> list[int]:
        """In a worker thread: the variants by which people were led astray since they were taken up."""
        decisions = published.faq.decide_all([fate.text for fate in fates])
        by_variant = defaultdict[tuple[str, str], list[Fate]](list)
        for fate, decision in zip(fates, decisions, strict=True):
            hit = decision.candidates[0] if decision.candidates else None
            if hit and hit.id == fate.entry:
                by_variant[(hit.id, self._normal.of(hit.phrase))].append(fate)
        return [row.id for row in taken if _does_harm(row, by_variant[(row.entry, row.folded)])]

    # --- common ---------------------------------------------------------------------------------------------

    async def _publish(
        self, published: Published, files: Mapping[str, str], door: str, by: str, comment: str
    ) -> Revision:
        return await self._publishing.publish(
            files, base=published.revision, door=door, author=by, comment=comment
        )

    async def _settle(
        self,
        ids: Sequence[int],
        state: str,
        by: str,
        revision: Revision | None,
    ) -> None:
        columns = {"state": state, "decided_at": self._clock(), "decided_by": by[:120]}
        number = revision.number if revision else None
        await learning.settle(self._storage, ids, revision=number, **columns)

    async def _variant(self, variant_id: int) -> faq_models.Variant:
        row = await learning.found(self._storage, variant_id)
        if row is None or row.entry not in self._publishing.current.faq.entries:
            raise NoSuchVariant(str(variant_id))
        return row


def _comment(taken: Sequence[Uptake]) -> str:
    """What the revision says of itself."""
    return "\n".join(f"{one.proposal.entry}: {one.proposal.text} ({one.people} people)" for one in taken)


def _does_harm(variant: faq_models.Variant, fates: Sequence[Fate]) -> bool:
    """By the last word of each person since it was taken up; ``fates`` are newest first."""
    since = variant.decided_at or variant.at
    last: dict[int, bool] = {}
    for fate in fates:
        if fate.at > since:
            last.setdefault(fate.person, fate.helped)
    return harms(sum(last.values()), sum(not helped for helped in last.values()))
