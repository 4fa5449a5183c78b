"""Looking after a folder: what lies there, whenever it changed and nobody is writing any more."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

from watchfiles import awatch

from core.publishing.folder import Folder, Look

LOOK = 500
"""Milliseconds between two looks at the folders: some appear later, some are replaced, some tell no changes (NFS)."""
SETTLED = 50
"""Milliseconds between two looks that must find the same: until then somebody is still writing."""


async def settled(folder: Folder, stop: asyncio.Event) -> AsyncIterator[Look]:
    """What lies there now, then each other state within half a second of its being saved, until ``stop`` is set."""
    seen: Look | None = None
    async for _ in _stirrings(folder, stop):
        look = await _at_rest(folder, stop, seen)
        if look is not None:
            seen = look
            yield look


async def pause(stop: asyncio.Event, milliseconds: int) -> None:
    """Wait, but not beyond ``stop``."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), milliseconds / 1000)


async def _stirrings(folder: Folder, stop: asyncio.Event) -> AsyncIterator[None]:
    """At once, then whenever the system tells of a change, and every ``LOOK`` anyway."""
    while not stop.is_set():
        yield
        there = folder.there()
        try:
            async with contextlib.aclosing(_told(there, stop)) as changes:
                async for _ in changes:
                    yield
                    if folder.there() != there:
                        break
        except OSError:  # the folder went just now, or the system has no watch left: looking is enough
            await pause(stop, LOOK)


async def _told(there: list[Path], stop: asyncio.Event) -> AsyncGenerator[None, None]:
    changes = awatch(
        *there,
        watch_filter=None,
        stop_event=stop,
        step=SETTLED,
        debounce=LOOK,
        rust_timeout=LOOK,
        yield_on_timeout=True,
    )
    async with contextlib.aclosing(changes):
        async for _ in changes:
            yield


async def _at_rest(folder: Folder, stop: asyncio.Event, seen: Look | None) -> Look | None:
    """What two looks find the same; None if that is what was seen last."""
    look = await asyncio.to_thread(folder.look)
    while look != seen and not stop.is_set():
        await pause(stop, SETTLED)
        before, look = look, await asyncio.to_thread(folder.look)
        if look == before:
            return look
    return None
