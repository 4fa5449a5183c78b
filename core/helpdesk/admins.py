"""The verbs of those who steer the FAQ from the desk: what agents propose, what admins write and publish."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from core.conversation.faq import editing
from core.errors import Invalid
from core.helpdesk.telling import Telling
from core.messages import Agent
from core.ports import Clock
from core.publishing import Files, Publishing, Revision
from core.storage.engine import Storage
from core.storage.faq_models import Draft

log = structlog.get_logger()

DOOR = "slack"
_STUCK = timedelta(minutes=2)
"""After which a proposal that is approved but not published counts as open again: whoever approved it broke off."""
_ABANDONED = timedelta(days=7)
_RECENT = timedelta(days=2)
"""For how long after a decision its message is looked after."""


class Decided(Exception):
    """Somebody else was quicker; ``by`` says who, ``state`` what they decided."""

    def __init__(self, state: str, by: str) -> None:
        super().__init__(f"already {state} by {by}")
        self.state, self.by = state, by


class Gone(Exception):
    """What was kept or proposed isn't there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entry's YAML that somebody proposes; ``place`` is its message at the desk ("" while it isn't posted)."""

    number: int
    at: datetime
    agent: Agent
    source: str
    entry: str
    state: str
    place: str
    decided_at: datetime | None
    decided_by: str
    revision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An admin's words between two steps: an entry's YAML, or the id of one that is to go."""

    entry: str
    removes: bool

    def into(self, files: Files) -> Files:
        """The files with these words. Raises Invalid."""
        if self.removes:
            return editing.without_entry(files, self.entry)
        return editing.with_source(files, self.entry)


class Admins:
    """Everything is published by the same call as at all other doors."""

    def __init__(self, *, storage: Storage, publishing: Publishing, clock: Clock) -> None:
        self._storage = storage
        self._publishing = publishing
        self._clock = clock
        self.telling = Telling(storage, clock)

    # --- proposals ------------------------------------------------------------------------------------------

    async def propose(
        self, entry: str, agent: Agent, source: Literal["agent", "gap"], question: int | None = None
    ) -> int:
        """Store an entry's YAML for the admins to decide on; it is posted to them soon. Raises DatabaseAway."""
        async with self._storage.turn() as conn:
            row = await Draft.create(
                using_db=conn, at=self._clock(), agent=agent.id, agent_name=agent.name, source=source,
                entry=entry, question_id=question,
            )  # fmt: skip
        return row.id

    async def proposal(self, number: int) -> Proposal:
        """Raises Gone."""
        row = await Draft.get_or_none(id=number, using_db=self._storage.reading)
        if row is None or row.state == "kept":
            raise Gone(number)
        return _proposal(row)

    async def unposted(self) -> list[Proposal]:
        """Open proposals that have no message yet."""
        rows = Draft.filter(state="open", place="").using_db(self._storage.reading)
        return [_proposal(row) for row in await rows.order_by("id").limit(20)]

    async def unshown(self) -> list[Proposal]:
        """Proposals that were decided lately while their message still asks."""
        since = self._clock() - _RECENT
        lately = Draft.filter(state__in=("approved", "declined"), decided_at__gt=since, place__contains=":")
        rows = await lately.using_db(self._storage.reading).order_by("id").limit(100)
        return [_proposal(row) for row in rows if row.place.count(":") == 1 and _is_settled(row)]

    async def posted(self, number: int, place: str) -> None:
        """``place`` is ``channel:ts``, and ``channel:ts:state`` once its message shows that."""
        async with self._storage.turn() as conn:
            await Draft.filter(id=number).using_db(conn).update(place=place)

    async def approve(self, number: int, by: Agent) -> Revision:
        """Publish a proposal as it stands. Raises Decided, Gone, Invalid or Conflict."""
        proposal = await self.proposal(number)
        now = self._publishing.current
        async with self._deciding(number, "approved", by):
            files = editing.with_source(now.files, proposal.entry)
            revision = await self._publishing.publish(
                files, base=now.revision, door=DOOR, author=signed(by), comment=_why(proposal)
            )
        await self._bear(number, revision)
        return revision

    async def decline(self, number: int, by: Agent) -> None:
        """Raises Decided or Gone."""
        await self.proposal(number)
        async with self._deciding(number, "declined", by):
            pass

    async def mend(self) -> None:
        """Open what was approved by a process that broke off; drop words that nobody came back to."""
        now = self._clock()
        async with self._storage.turn() as conn:
            stuck = Draft.filter(state="approved", revision=None, decided_at__lt=now - _STUCK)
            await stuck.using_db(conn).update(state="open", decided_at=None, decided_by="")
            await Draft.filter(state="kept", at__lt=now - _ABANDONED).using_db(conn).delete()

    # --- an admin's own words -------------------------------------------------------------------------------

    async def keep(self, kept: Kept, by: Agent, number: int = 0) -> int:
        """Keep an admin's words until they are published; under ``number`` where they were kept before."""
        source = "remove" if kept.removes else "edit"
        async with self._storage.turn() as conn:
            mine = Draft.filter(id=number, state="kept", agent=by.id).using_db(conn)
            if number and await mine.update(entry=kept.entry, source=source, at=self._clock()):
                return number
            row = await Draft.create(
                using_db=conn, at=self._clock(), agent=by.id, agent_name=by.name, source=source,
                entry=kept.entry, state="kept",
            )  # fmt: skip
        return row.id

    async def kept(self, number: int, by: Agent) -> Kept:
        """Raises Gone; nobody gets somebody else's."""
        mine = Draft.filter(id=number, state="kept", agent=by.id).using_db(self._storage.reading)
        row = await mine.first()
        if row is None:
            raise Gone(number)
        return Kept(entry=row.entry, removes=row.source == "remove")

    async def forget(self, number: int) -> None:
        """Drop an admin's words."""
        async with self._storage.turn() as conn:
            await Draft.filter(id=number, state="kept").using_db(conn).delete()

    async def publish(
        self, number: int, by: Agent, *, base: int, comment: str = "", draft: int = 0
    ) -> Revision:
        """Publish the words kept under ``number``, made from revision ``base``; they settle the proposal ``draft``.

        Raises Invalid, Conflict, Decided or Gone.
        """
        kept = await self.kept(number, by)
        files = kept.into(await self._publishing.files_of(base))
        if draft:
            async with self._deciding(draft, "approved", by):
                revision = await self._publish(files, base, by, comment)
            await self._bear(draft, revision)
        else:
            revision = await self._publish(files, base, by, comment)
        await self.forget(number)
        return revision

    async def _publish(self, files: Files, base: int, by: Agent, comment: str) -> Revision:
        return await self._publishing.publish(files, base=base, door=DOOR, author=signed(by), comment=comment)

    # --- who decides first ------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _deciding(self, number: int, state: str, by: Agent) -> AsyncIterator[None]:
        """The first one decides; what then fails leaves the proposal open. Raises Decided."""
        async with self._storage.turn() as conn:
            mine = Draft.filter(id=number, state="open").using_db(conn)
            if not await mine.update(state=state, decided_at=self._clock(), decided_by=signed(by)):
                row = await Draft.get(id=number, using_db=conn)
                raise Decided(row.state, row.decided_by)
        try:
            yield
        except BaseException:
            async with self._storage.turn() as conn:
                undone = Draft.filter(id=number, state=state, revision=None).using_db(conn)
                await undone.update(state="open", decided_at=None, decided_by="")
            raise

    async def _bear(self, number: int, revision: Revision) -> None:
        async with self._storage.turn() as conn:
            await Draft.filter(id=number).using_db(conn).update(revision=revision.number)


def signed(by: Agent) -> str:
    """As it stands in the history: names change, ids don't."""
    return f"{by.name} ({by.id})"


def is_known(files: Files, entry: str) -> bool:
    """Whether an entry of this id is there."""
    try:
        editing.source_of(files, entry)
    except Invalid:
        return False
    return True


def _why(proposal: Proposal) -> str:
    return f"{proposal.source}: {proposal.agent.name}" if proposal.agent.name else proposal.source


def _is_settled(row: Draft) -> bool:
    return row.state == "declined" or row.revision is not None


def _proposal(row: Draft) -> Proposal:
    return Proposal(
        number=row.id, at=row.at, agent=Agent(id=row.agent, name=row.agent_name), source=row.source,
        entry=row.entry, state=row.state, place=row.place, decided_at=row.decided_at,
        decided_by=row.decided_by, revision=row.revision,
    )  # fmt: skip
