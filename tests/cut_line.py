"""The product with a wire between it and the platforms' servers, which can be cut, or kept from answering."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bots.played import sandbox_config
from bots.sandbox.pace import Pace
from bots.sandbox.server import Sandbox
from bots.settings import Settings
from tests.servers import free_port
from tests.world import SOON, World, settings_for

CHUNK = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Line:
    """Passes bytes on from ``url`` to a server on this machine's ``port``; webhooks don't travel on it."""

    port: int
    own_port: int = field(default_factory=free_port)
    quick: asyncio.Event = field(default_factory=asyncio.Event)
    """While it isn't set, answers are held back."""
    _server: asyncio.Server | None = None
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.own_port}"

    async def open(self) -> None:
        """Calls get through from now on."""
        self.quick.set()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.own_port)

    async def cut(self) -> None:
        """Calls that are under way break off, and new ones are refused."""
        if self._server:
            self._server.close()
        for end in self._ends:
            end.transport.abort()
        self.quick.set()
        await asyncio.gather(*self._calls)
        if self._server:
            await self._server.wait_closed()

    def _take(self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        call = asyncio.create_task(self._carry(caller, to_caller))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _carry(self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self.port)
        ends = {to_caller, to_server}
        self._ends |= ends
        passing = self._pass(caller, to_server), self._answer(server, to_caller)
        await asyncio.gather(*passing, return_exceptions=True)
        self._ends -= ends
        for end in ends:
            end.close()

    async def _answer(self, server: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        while data := await server.read(CHUNK):
            await self.quick.wait()
            to_caller.write(data)
            await to_caller.drain()
        to_caller.close()

    async def _pass(self, caller: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while data := await caller.read(CHUNK):
            to_server.write(data)
            await to_server.drain()
        to_server.close()


@asynccontextmanager
async def wired(folder: Path, pace: Pace = SOON, **given: Any) -> AsyncIterator[tuple[World, Line]]:
    """As ``world``, with all calls to platforms on one line."""
    known = settings_for(folder, given)
    sandbox = Sandbox(sandbox_config(known), pace)
    await sandbox.start()
    line = Line(port=known.sandbox.port)
    await line.open()
    here = World(settings=_on_the_line(known, line.url), sandbox=sandbox)
    try:
        await here.start()
        yield here, line
    finally:
        await here.stop()
        await line.cut()
        await sandbox.stop()


def _on_the_line(known: Settings, url: str) -> Settings:
    there = {"api_base": url}
    assert known.slack
    return known.model_copy(
        update={
            "public_url": known.local_url,
            "sandbox": known.sandbox.model_copy(update={"enabled": False}),
            "slack": known.slack.model_copy(update=there),
            "telegram": tuple(account.model_copy(update=there) for account in known.telegram),
            "wechat": tuple(account.model_copy(update=there) for account in known.wechat),
        }
    )
