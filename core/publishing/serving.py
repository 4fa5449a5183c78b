"""What serves: the newest revision that this program can build, swapped whole."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import structlog

from core.conversation.faq.editing import Files
from core.errors import Invalid
from core.metrics import Metrics
from core.publishing.content import Content, Published
from core.storage import revisions
from core.storage.engine import Storage
from core.storage.outcomes import outcomes

log = structlog.get_logger()

SO_FAR_BACK = 50
"""Revisions that a program which can't build the newest looks through for one that it can."""


class Serving:
    """``newest`` is the highest number known here; it is above ``current.revision`` where that can't be built.

    Hold ``one_at_a_time`` while building.
    """

    def __init__(self, storage: Storage, content: Content, metrics: Metrics) -> None:
        self._storage = storage
        self._content = content
        self._metrics = metrics
        self._current: Published | None = None
        self.newest = 0
        self.one_at_a_time = asyncio.Lock()

    @property
    def current(self) -> Published:
        """``Publishing.load`` must have been awaited."""
        assert self._current is not None, "load() first"
        return self._current

    async def files_of(self, number: int) -> Files:
        """What a revision holds. Raises LookupError, DatabaseAway."""
        if self._current and number == self._current.revision:
            return self._current.files
        return await revisions.files_of(self._storage, number)

    async def built(self, files: Files, sizes: Mapping[str, int] | None = None) -> Published:
        """Beside what serves meanwhile. Raises Invalid, DatabaseAway."""
        told = await outcomes(self._storage)
        build = partial(self._content.of, files, before=self._current, sizes=sizes, outcomes=told)
        return await asyncio.to_thread(build)

    def serve(self, published: Published, number: int) -> None:
        """From now on, as revision ``number``."""
        self._current = replace(published, revision=number)
        self._know(number)
        self._metrics.revision.set(number)
        log.info(
            "published",
            revision=number,
            entries=len(published.faq.entries),
            texts=len(published.texts.by_name),
        )

    async def begin(self) -> None:
        """With the newest revision that can be built. Raises Invalid (why the newest can't) if there is none."""
        problems: list[str] = []
        async with self.one_at_a_time:
            for head in await revisions.history(self._storage, SO_FAR_BACK):
                self._know(head.number)
                try:
                    self.serve(await self.built(await self.files_of(head.number)), head.number)
                    return
                except Invalid as invalid:
                    problems = problems or invalid.problems
                    self._refuse(head.number, invalid)
        raise Invalid(problems)

    async def take_up(self) -> tuple[Files, Files] | None:
        """Serve the newest revision, and give the files before and after; one that can't be built is told once."""
        newest = await revisions.newest_number(self._storage)
        if newest <= self.newest:
            return None
        async with self.one_at_a_time:
            if newest <= self.newest:
                return None
            files, before = await self.files_of(newest), self.current
            self._know(newest)
            try:
                self.serve(await self.built(files), newest)
            except Invalid as invalid:
                self._refuse(newest, invalid)
                return None
        return before.files, files

    def _know(self, number: int) -> None:
        self.newest = max(self.newest, number)
        self._metrics.newest_revision.set(self.newest)

    def _refuse(self, number: int, invalid: Invalid) -> None:
        log.error(
            "this program can't serve a revision; the last one that it can stays",
            revision=number,
            problems=invalid.problems[:5],
        )
