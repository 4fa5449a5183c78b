"""Publishing: every door leads here, and what was published last serves at every replica within a second."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from core.conversation.faq.editing import Files, ordered
from core.conversation.language import Languages
from core.delivery.wakeup import Wakeup
from core.errors import DatabaseAway, Invalid
from core.messages import Say
from core.metrics import Metrics
from core.ports import Clock
from core.publishing.conflict import Conflict
from core.publishing.content import Content, Published
from core.publishing.folder_door import FolderDoor, Refused, Told
from core.publishing.merging import Clash, merged
from core.publishing.serving import Serving
from core.publishing.step import Step
from core.publishing.watching import pause
from core.storage import revisions
from core.storage.engine import Storage
from core.storage.revisions import Revision, digest_of

log = structlog.get_logger()

LOOK = 0.5
"""Seconds between two looks at the newest number, where no notice came."""
REST = 0.1
"""Seconds between two looks at least: the notices of all that is committed wake us too."""


class Publishing:
    """Holds what is published, and takes what is to be."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        content: Content,
        step: Step,
        wakeup: Wakeup,
        metrics: Metrics,
    ) -> None:
        self._storage, self._clock, self._wakeup = storage, clock, wakeup
        self._step = step
        self._languages = Languages()
        self._serving = Serving(storage, content, metrics)
        self._door = FolderDoor(self, self._serving, storage, step)

    @property
    def current(self) -> Published:
        """What serves. ``load`` must have been awaited."""
        return self._serving.current

    @property
    def refused(self) -> tuple[str, ...]:
        """The problems of the folder's last change, if it was not published."""
        return self._door.refused

    def language(self, text: str, hint: str) -> str:
        """The language of a person's words."""
        return self._languages.of(text, hint)

    def desk_text(self, say: Say) -> str:
        """A text for agents, in the desk's language, as it is published now."""
        return self.current.desk_text(say)

    async def load(self) -> None:
        """Take up what was published last; with nothing published yet, the folder becomes revision 1.

        Raises DatabaseAway, and Invalid where nothing at all can be served.
        """
        if not await revisions.newest_number(self._storage):
            await self._door.first()
        else:
            try:
                await self._serving.begin()
            except Invalid as invalid:
                await self._door.instead(invalid)

    async def watch(
        self, stop: asyncio.Event, on_refused: Refused | None = None, on_published: Told | None = None
    ) -> None:
        """Publish each change in the folder within a second of its being saved, and take up within a second what was
        published elsewhere, until ``stop`` is set.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(stop))
            group.create_task(self._door.watch(stop, on_refused, on_published))

    async def tried(self, files: Files) -> Published:
        """What would serve with these files; nothing is published. Raises Invalid."""
        sizes = await asyncio.to_thread(self._step.folder.sizes)
        async with self._serving.one_at_a_time:
            return await self._serving.built(ordered(files), sizes)

    async def publish(
        self, files: Files, *, base: int, door: str, author: str, comment: str = ""
    ) -> Revision:
        """Publish files that were made from revision ``base`` (0: from nothing); what others published since is kept.

        Raises Invalid, Conflict, LookupError where there is no such base, DatabaseAway.
        """
        since = await self.files_of(base) if base else {}
        sizes = await asyncio.to_thread(self._step.folder.sizes)
        before = self.current.files
        head, after = await self.put(
            files, since, base=base, door=door, author=author, comment=comment, sizes=sizes
        )
        await self._step.written(before, after)
        return head

    async def rollback(self, number: int, *, door: str, author: str) -> Revision:
        """Publish an earlier revision once more, whole. Raises LookupError, Invalid, DatabaseAway."""
        files, before = await self.files_of(number), self.current.files
        comment = f"back to revision {number}"
        head, after = await self.put(files, None, base=number, door=door, author=author, comment=comment)
        await self._step.written(before, after)
        return head

    async def history(self, limit: int = 50, before: int = 0) -> Sequence[Revision]:
        """The newest first, below number ``before`` if one is given. Raises DatabaseAway."""
        return await revisions.history(self._storage, limit, before)

    async def files_of(self, number: int) -> Files:
        """What a revision holds. Raises LookupError, DatabaseAway."""
        return ordered(await self._serving.files_of(number))

    async def folder_files(self) -> Files:
        """What lies in the folder. Raises Invalid where it can't be read."""
        return (await asyncio.to_thread(self._step.folder.look)).files()

    async def put(
        self, files: Files, since: Files | None, *, base: int, door: str, author: str, comment: str = "",
        sizes: Mapping[str, int] | None = None,
    ) -> tuple[Revision, Files]:  # fmt: skip
        """Publish under the next number, whoever else takes numbers meanwhile, and serve it; with all it holds.

        ``since`` is what ``files`` were made from; None: whatever others published. Raises as ``publish``.
        """
        async with self._serving.one_at_a_time:
            while True:
                newest = (await revisions.history(self._storage, 1))[0]
                wanted = ordered(await self._brought_together(files, since, newest))
                digest = digest_of(wanted)
                if digest == newest.digest:
                    return newest, wanted
                published = await self._serving.built(wanted, sizes)
                head = Revision(
                    number=newest.number + 1, base=base, at=self._clock(), door=door, author=author,
                    comment=comment, digest=digest,
                )  # fmt: skip
                if await revisions.add(self._storage, head, wanted):
                    break
            self._serving.serve(published, head.number)
        await self._wakeup.notify()
        return head, wanted

    async def begun(self, files: Files, number: int, author: str, sizes: Mapping[str, int]) -> bool:
        """Publish the folder as it is under this number, and serve it; False if another replica was faster."""
        async with self._serving.one_at_a_time:
            published = await self._serving.built(ordered(files), sizes)
            head = Revision(
                number=number, base=number - 1, at=self._clock(), door="file", author=author, comment="",
                digest=digest_of(files),
            )  # fmt: skip
            if not await revisions.add(self._storage, head, files):
                return False
            self._serving.serve(published, number)
        await self._wakeup.notify()
        return True

    async def _brought_together(self, files: Files, since: Files | None, newest: Revision) -> Files:
        if since is None:
            return files
        try:
            return await asyncio.to_thread(merged, since, files, await self.files_of(newest.number))
        except Clash as clash:
            raise Conflict(newest, clash.differences) from clash

    async def _follow(self, stop: asyncio.Event) -> None:
        away = False
        while not stop.is_set():
            heard = self._wakeup.heard
            try:
                changed = await self._serving.take_up()
                away = False
            except DatabaseAway as failure:
                if not away:
                    log.warning(
                        "the newest revision can't be looked up; the last serves", reason=str(failure)
                    )
                away, changed = True, None
            if changed:
                await self._step.written(*changed)
                await self._door.again(stop)
            await pause(stop, int(REST * 1000))
            await self._wakeup.wait(LOOK - REST, heard)
