"""Bringing a database up to date: hand-written SQL for both kinds, each file once, under a lock among replicas."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiosqlite
import asyncpg

from core.errors import DatabaseAway
from core.storage.engine import sqlite_file
from core.storage.postgres import AWAY, PATIENCE

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6F6E6574
"""PostgreSQL's advisory lock, ours by its number ("onet")."""
_APPLIED = "CREATE TABLE IF NOT EXISTS migration (name VARCHAR(80) NOT NULL PRIMARY KEY)"


class _Connection(Protocol):
    """What both drivers have once they are wrapped: statements, and a list of names."""

    async def run(self, sql: str) -> None: ...

    async def names(self) -> Sequence[str]: ...


async def migrate(url: str) -> list[str]:
    """Apply what is missing, all of it in one transaction, and return the names. Raises DatabaseAway."""
    kind, opened = ("sqlite", _sqlite) if url.startswith("sqlite:") else ("postgres", _postgres)
    async with opened(url) as connection:
        await connection.run(_APPLIED)
        known = set(await connection.names())
        missing = [file for file in sorted(FOLDER.glob(f"*.{kind}.sql")) if _name(file) not in known]
        for file in missing:
            for statement in statements(file.read_text(encoding="utf-8")):
                await connection.run(statement)
            await connection.run(f"INSERT INTO migration (name) VALUES ('{_name(file)}')")
    return [_name(file) for file in missing]


def statements(sql: str) -> list[str]:
    """A file's statements: each ends with a semicolon at the end of a line."""
    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";\n") if part.strip().rstrip(";")]


def _name(file: Path) -> str:
    return file.name.partition(".")[0]


class _Sqlite:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def names(self) -> Sequence[str]:
        return [row[0] for row in await self._connection.execute_fetchall("SELECT name FROM migration")]


class _Postgres:
    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def run(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def names(self) -> Sequence[str]:
        return [row["name"] for row in await self._connection.fetch("SELECT name FROM migration")]


@asynccontextmanager
async def _sqlite(url: str) -> AsyncIterator[_Connection]:
    """Foreign keys are off, so that a table that is built anew takes no rows of others with it."""
    path = sqlite_file(url)
    try:
        async with aiosqlite.connect(path, isolation_level=None, timeout=30) as connection:
            await connection.execute("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA foreign_keys = OFF")
            await connection.execute("BEGIN IMMEDIATE")
            yield _Sqlite(connection)
            await connection.commit()
    except aiosqlite.OperationalError as failure:
        raise DatabaseAway(f"{path}: {failure}") from failure


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[_Connection]:
    try:
        connection = await asyncpg.connect(url, timeout=PATIENCE)
    except AWAY as failure:
        raise DatabaseAway(str(failure) or type(failure).__name__) from failure
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield _Postgres(connection)
    finally:
        await connection.close()
