"""The door by which most changes come: somebody saves a file, and what changed in the folder is published."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

from core.conversation.faq.editing import Files
from core.errors import DatabaseAway, Invalid
from core.publishing.conflict import Conflict
from core.publishing.content import Published
from core.publishing.folder import Look
from core.publishing.merging import closest
from core.publishing.serving import Serving
from core.publishing.step import Step
from core.publishing.watching import LOOK, pause, settled
from core.storage import revisions
from core.storage.engine import Storage
from core.storage.revisions import Revision, digest_of

log = structlog.get_logger()

SO_FAR_BACK = 50
"""Revisions among which a folder that nobody remembers is looked for."""

Refused = Callable[[Sequence[str]], Awaitable[object]]
"""Told what is wrong with a change in the folder, once for each such change."""
Told = Callable[[Revision, Published], Awaitable[object]]
"""Told of what this process published from the folder, and what had served before."""


class _Publishing(Protocol):
    async def put(
        self, files: Files, since: Files | None, *, base: int, door: str, author: str, comment: str = "",
        sizes: Mapping[str, int] | None = None,
    ) -> tuple[Revision, Files]: ...  # fmt: skip

    async def begun(self, files: Files, number: int, author: str, sizes: Mapping[str, int]) -> bool: ...


class FolderDoor:
    """``refused`` are the problems of the folder's last change, if it was not published."""

    def __init__(self, publishing: _Publishing, serving: Serving, storage: Storage, step: Step) -> None:
        self._publishing, self._serving = publishing, serving
        self._storage, self._step = storage, step
        self._met = False
        self._waiting: Look | None = None
        self.refused: tuple[str, ...] = ()

    async def first(self) -> None:
        """The folder becomes revision 1, unless another replica is faster. Raises Invalid."""
        await self._as_it_is(1)

    async def instead(self, invalid: Invalid) -> None:
        """Nothing that was published can be served: the folder can, if somebody mended it. Raises Invalid."""
        look = await self._look()
        if await revisions.with_digest(self._storage, digest_of(look.files())):
            raise invalid
        await self._as_it_is(self._serving.newest + 1)

    async def watch(self, stop: asyncio.Event, on_refused: Refused | None, on_published: Told | None) -> None:
        """Let in each change, until ``stop`` is set."""
        async for look in settled(self._step.folder, stop):
            before, refused = self._serving.current, self.refused
            revision = await self._let_in(look, stop)
            if on_refused and self.refused and self.refused != refused:
                await on_refused(self.refused)
            if on_published and revision:
                await on_published(revision, before)

    async def again(self, stop: asyncio.Event) -> None:
        """What was refused may be right beside what others published now."""
        if self._waiting:
            await self._let_in(self._waiting, stop)

    async def _as_it_is(self, number: int) -> None:
        look = await self._look()
        files = look.files()
        if await self._publishing.begun(files, number, self._owner(files, {}), look.sizes):
            await self._step.taken_in(files)
        else:
            await self._serving.begin()

    async def _let_in(self, look: Look, stop: asyncio.Event) -> Revision | None:
        """Publish what lies in the folder; what is wrong with it is said in the log."""
        self._waiting = look
        while not stop.is_set():
            try:
                revision = await self._published(look)
            except DatabaseAway:
                await pause(stop, LOOK)
                continue
            except Invalid as invalid:
                self._refuse(invalid.problems)
            except Conflict as conflict:
                self._refuse(_in_words(conflict))
            else:
                self._waiting, self.refused = None, ()
                return revision
            return None
        return None

    def _refuse(self, problems: Sequence[str]) -> None:
        self.refused = tuple(problems)
        for told in problems:
            log.error("not published: the last good state stays", problem=told)

    async def _published(self, look: Look) -> Revision | None:
        """The revision that came of it; None where there was nothing new."""
        files = look.files()
        since = await self._since(files)
        if since is None:
            return None
        base = self._serving.newest
        head, wanted = await self._publishing.put(
            files, since, base=base, door="file", author=self._owner(files, since), sizes=look.sizes
        )
        await self._step.taken_in(files)
        await self._step.written(files, wanted)
        return head if head.number > base else None

    async def _since(self, files: Files) -> Files | None:
        """What the folder held when it was last in step with what is published; None: leave it alone.

        When the program starts, a folder that is an older revision may be an old copy: it is published only by a word
        of command.
        """
        known, met, self._met = await self._step.known(), self._met, True
        if files in (known, self._serving.current.files) or (met and known is not None):
            return files if known is None else known
        if number := await revisions.with_digest(self._storage, digest_of(files)):
            log.warning(
                "the folder holds an older revision and is left alone; `onethread faq publish` publishes it",
                revision=number,
                newest=self._serving.newest,
            )
            self._step.hold(files)
            return None
        if known is None and not self._step.own:
            log.info("the sample FAQ is left alone: others have published their own")
            self._step.hold(files)
            return None
        return known if known is not None else await self._closest(files)

    async def _closest(self, files: Files) -> Files:
        heads = await revisions.history(self._storage, SO_FAR_BACK)
        states = [(head.number, await self._serving.files_of(head.number)) for head in heads]
        number, since = await asyncio.to_thread(closest, files, states)
        log.info(
            "the folder was changed; it is compared with the revision that it is nearest to", revision=number
        )
        await self._step.taken_in(since)
        return since

    async def _look(self) -> Look:
        return await asyncio.to_thread(self._step.folder.look)

    def _owner(self, files: Files, since: Files) -> str:
        return self._step.folder.owner([name for name in files if files[name] != since.get(name)])


def _in_words(conflict: Conflict) -> list[str]:
    current = conflict.current
    return [
        f"{one.id}: {', '.join(change.name for change in one.fields)} changed here and, meanwhile, in revision"
        f" {current.number} by {current.author}; see `onethread faq diff`, take over what is published, or publish the"
        " folder as it is with `onethread faq publish`"
        for one in conflict.differences
    ]
