"""How the folder and what is published stay in step: what was taken in from it, and what is written back into it."""

import asyncio
import json
from pathlib import Path

import structlog

from core.conversation.faq.editing import Files
from core.publishing.folder import Folder, replace_file

log = structlog.get_logger()


class Step:
    """``memory`` is a small file of ours that outlasts a restart: what the folder held when it was last taken in.

    ``own``: the folder is the operator's, so edits by other doors are written into it; the sample that came with the
    program only serves until something was published.
    """

    def __init__(self, folder: Folder, memory: Path, *, own: bool) -> None:
        self.folder = folder
        self.own = own
        self._memory = memory
        self._held: Files | None = None

    async def known(self) -> Files | None:
        """What the folder held when it was last in step; None if nobody remembers."""
        return await asyncio.to_thread(self._remembered)

    async def taken_in(self, files: Files) -> None:
        """The folder holds this, and what is published has regard to it."""
        await asyncio.to_thread(self._remember, files)

    def hold(self, files: Files) -> None:
        """The same, until the program ends."""
        self._held = files

    async def written(self, before: Files, after: Files) -> None:
        """Write a change that came by another door into the folder, wherever it still holds what was before."""
        if before != after:
            await asyncio.to_thread(self._write, before, after)

    def _write(self, before: Files, after: Files) -> None:
        known = self._remembered()
        for name in sorted({*before, *after}):
            was, text = before.get(name), after.get(name)
            if was != text and self._put(name, was, text) and known is not None:
                known = {one: kept for one, kept in known.items() if one != name}
                known |= {} if text is None else {name: text}
        if known is not None:
            self._remember(known)

    def _put(self, name: str, was: str | None, text: str | None) -> bool:
        """Whether the folder holds it now."""
        if self.own:
            return self.folder.write(name, was, text)
        return self.folder.text(name) == text

    def _remembered(self) -> Files | None:
        """As this process knows it; what other processes of this machine wrote down counts when it starts."""
        if self._held is None:
            try:
                self._held = json.loads(self._memory.read_bytes())
            except (OSError, ValueError):
                return None
        return self._held

    def _remember(self, files: Files) -> None:
        if files == self._remembered():
            return
        self._held = files
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._memory, json.dumps(dict(files), ensure_ascii=False))
        except OSError as error:
            log.warning(
                "what the folder held can't be remembered", file=str(self._memory), reason=error.strerror
            )
