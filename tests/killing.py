"""The product as real processes, to be killed and started again, beside a sandbox in the test's own process."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bots.demo import MADE_UP
from bots.played import sandbox_config
from bots.sandbox.pace import Pace
from bots.sandbox.server import Sandbox
from bots.settings import Settings
from core.storage.engine import Storage, rows
from tests.cut_line import Line
from tests.waiting import until
from tests.world import settings_for

PROGRAM = Path(sys.executable).parent / "onethread"
STARTS_WITHIN = 60.0
"""Seconds; a process starts in two where nobody else is at work."""

INSISTENT = Pace(
    wechat_patience=4, wechat_lead=0.05, slack_retries=(0.5, 2.5, 6), telegram_first_pause=0.2,
    telegram_longest_pause=0.5,
)  # fmt: skip
"""Platforms that come as often as the real ones, within the time that a killed process needs to come back."""


@dataclass(slots=True, kw_only=True)
class Process:
    """``onethread <role>``; what it says stands in ``log``."""

    role: str
    config: Path
    log: Path
    web: str = ""
    """Where it listens; "" if it doesn't."""
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """It works when this returns."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                PROGRAM, self.role, "--config", self.config, stdout=log, stderr=log, cwd=self.config.parent
            )
        await until(partial(self._works, begin), STARTS_WITHIN)

    async def kill(self) -> None:
        """At once and without a word: SIGKILL."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def terminate(self) -> None:
        """Ask it to end: SIGTERM."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float = 10) -> int:
        """Its exit code. Raises TimeoutError if it takes longer."""
        assert self._process
        async with asyncio.timeout(seconds):
            return await self._process.wait()

    async def _works(self, begin: int) -> bool:
        assert self._process
        assert self._process.returncode is None, self.log.read_text()[-3000:]
        if not self.web:
            return '"running"' in self.log.read_bytes()[begin:].decode()
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.web}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A sandbox, a configuration file for it, and the processes that were started with that."""

    settings: Settings
    sandbox: Sandbox
    line: Line
    """By which the processes call the platforms."""
    config: Path
    looks: asyncio.Lock
    """Of all stages of a test: the ORM can't have two kinds of database open at a time."""
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the process with the webhooks listens."""
        return self.settings.local_url

    async def start(self, *roles: str) -> list[Process]:
        """One process for each role, at the same time."""
        started = [self._process(role) for role in roles]
        await asyncio.gather(*(process.start() for process in started))
        return started

    async def command(self, *words: str) -> tuple[int, str]:
        """Run ``onethread <words>`` to its end: exit code, and all that it said."""
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, "--config", self.config, cwd=self.config.parent,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Storage]:
        """The database, for reading."""
        async with self.looks:
            storage = await Storage.open(self.settings.database_url)
            try:
                yield storage
            finally:
                await storage.close()

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """A look into the database."""
        async with self.database() as storage:
            return await rows(storage.reading, sql, values)

    async def status(self, path: str) -> int:
        """What the web process answers there."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}{path}") as answer:
            return answer.status

    async def page(self, path: str) -> str:
        """What stands there."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}{path}") as answer:
            return await answer.text()

    def logs(self) -> str:
        """All that the processes said."""
        return "\n".join(process.log.read_text() for process in self.processes)

    def _process(self, role: str) -> Process:
        log = self.config.with_name(f"{role}-{len(self.processes)}.log")
        web = "" if role == "worker" else self.url
        self.processes.append(process := Process(role=role, config=self.config, log=log, web=web))
        return process


@asynccontextmanager
async def stage(folder: Path, looks: asyncio.Lock | None = None, **given: Any) -> AsyncIterator[Stage]:
    """``given`` are keys as in the configuration file. At the end nothing is left running."""
    settings = settings_for(folder, given)
    sandbox = Sandbox(sandbox_config(settings), INSISTENT)
    await sandbox.start()
    line = Line(port=settings.sandbox.port)
    await line.open()
    config = folder / "onethread.toml"
    config.write_text(_toml(_outside(settings, line.url, given)), encoding="utf-8")
    here = Stage(settings=settings, sandbox=sandbox, line=line, config=config, looks=looks or asyncio.Lock())
    try:
        yield here
    finally:
        await asyncio.gather(*(process.kill() for process in here.processes))
        await line.cut()
        await sandbox.stop()


def _outside(settings: Settings, platforms: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What an operator would write, with one address for all platforms."""
    accounts = {name: _at(given.get(name, made_up), platforms) for name, made_up in MADE_UP.items()}
    return {
        "public_url": settings.local_url,
        "database_url": settings.database_url,
        "kept_dir": str(settings.kept_dir),
        **{name: value for name, value in given.items() if name not in accounts},
        "http": {"port": settings.http.port},
        **accounts,
    }


def _at(part: Any, address: str) -> Any:
    if isinstance(part, list):
        return [_at(account, address) for account in part]
    return {"api_base": address, **part}


def _toml(given: Mapping[str, Any]) -> str:
    """JSON's strings, numbers and truth values are TOML's too."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in given.items() if _is_plain(value)]
    tables = [
        f"{head}\n{_toml(table)}"
        for key, value in given.items()
        if not _is_plain(value)
        for head, table in _tables(key, value)
    ]
    return "\n".join([*plain, *tables])


def _is_plain(value: Any) -> bool:
    tables = value if isinstance(value, list | tuple) else [value]
    return not any(isinstance(one, Mapping) for one in tables)


def _tables(key: str, value: Any) -> Sequence[tuple[str, Any]]:
    return [(f"[[{key}]]", one) for one in value] if isinstance(value, list) else [(f"[{key}]", value)]
