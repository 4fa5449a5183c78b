"""What the three stand-ins share: the live stream for the page, faults on demand, files, waiting for a condition."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
"""JSON as the platforms and the page speak it: here, at the very edge, shapes are theirs."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """The next ``count`` calls of ``method`` at ``platform`` fail in the way ``fault`` names.

    An HTTP status (``429``, ``500``), a WeChat error code (``-1``, ``45015``), ``timeout`` (no answer at all, nothing
    done) or ``drop_answer`` (done, but the answer is lost).
    """

    platform: str
    method: str
    fault: str
    count: int = 1
    retry_after: int = 1
    why: str = ""
    """Telegram: the words behind the status, by which bots tell one refusal from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A picture, voice message … that somebody sent; the page finds it under ``url``."""

    id: str
    data: bytes
    name: str
    mime: str

    @property
    def url(self) -> str:
        return f"/sandbox/files/{self.id}"


@dataclass(slots=True)
class Hub:
    """One for a sandbox. ``changed`` after every change that somebody could wait for."""

    faults: list[Fault] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    _listeners: list[asyncio.Queue[Json]] = field(default_factory=list)
    _change: asyncio.Condition = field(default_factory=asyncio.Condition)

    def now(self) -> datetime:
        """The stand-ins' own clock: real time, as on the platforms."""
        return datetime.now(UTC)

    async def publish(self, event: Json) -> None:
        """Tell the page (``event["what"]`` says what happened) and whoever waits."""
        for queue in self._listeners:
            queue.put_nowait(event)
        async with self._change:
            self._change.notify_all()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue of all events from now on."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._listeners.append(queue)
        try:
            yield queue
        finally:
            self._listeners.remove(queue)

    async def until(self, condition: Callable[[], Any], seconds: float = 10) -> Any:
        """Wait until ``condition()`` is true and return what it gave. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._change:
            while not (found := condition()):
                await self._change.wait()
            return found

    def arm(self, fault: Fault) -> None:
        """Let the next calls fail."""
        self.faults.append(fault)

    def fault(self, platform: str, method: str) -> Fault | None:
        """The fault for this call, if one is armed; it is used up by asking."""
        for fault in self.faults:
            if (fault.platform, fault.method) == (platform, method):
                fault.count -= 1
                if fault.count <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def keep(self, data: bytes, name: str, mime: str) -> File:
        """Keep a file under a new id."""
        file = File(id=secrets.token_hex(12), data=data, name=name, mime=mime)
        self.files[file.id] = file
        return file
