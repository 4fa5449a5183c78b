"""Work that goes on after an answer was given: deliveries, the page's stream."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Background:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Nothing new begins after ``stop``."""
        if self._stopped:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("sandbox_work_failed", platform="slack", exc_info=error)

    def drop(self) -> list[asyncio.Task[None]]:
        """Give up all of it; what is returned is still ending."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        return tasks

    async def stop(self) -> None:
        self._stopped = True
        await asyncio.gather(*self.drop(), return_exceptions=True)
