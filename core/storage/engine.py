"""The database: opened once, written in turns, read beside them. SQLite and PostgreSQL alike."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext

from core.errors import DatabaseAway
from core.storage import postgres, sqlite

MODELS = ("core.storage.models", "core.storage.faq_models", "core.storage.desk_models")
POOL = 12
"""Connections a process may hold; PostgreSQL gives 100 to all."""

_SQLITE = {"synchronous": "NORMAL", "busy_timeout": 5000}


class Storage:
    """Give it to whoever reads; only turns write."""

    def __init__(self, context: TortoiseContext, writing: "sqlite.Client | postgres.Client") -> None:
        self._context = context
        self._writing = writing
        self.postgres = isinstance(writing, postgres.Client)
        self.reading: BaseDBAsyncClient = writing if self.postgres else context.connections.get("reading")

    @classmethod
    async def open(cls, url: str) -> "Storage":
        """Open ``sqlite:///path`` or ``postgres://…``; does not migrate. Raises DatabaseAway.

        SQLite has one connection for turns and one that can only read, so that pages never wait for a turn.
        """
        EXECUTOR_CACHE.clear()  # it would keep statements of another kind of database
        context = TortoiseContext()
        context.__enter__()  # and never left: tasks that are started from here on inherit it
        await context.init(config=_config(url))
        writing = context.connections.get("default")
        assert isinstance(writing, sqlite.Client | postgres.Client)
        storage = cls(context, writing)
        await rows(writing, "SELECT 1")
        return storage

    async def close(self) -> None:
        """Close every connection; without it the process would not end."""
        await self._context.close_connections()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[BaseDBAsyncClient]:
        """One transaction, committed at the end of the block. Raises DatabaseAway."""
        async with self._writing.turn() as connection:
            yield connection


async def rows(conn: BaseDBAsyncClient, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """A hand-written statement with $1, $2 … for both kinds of database, RETURNING included.

    SQLite gives times back as text, in a form that sorts as they do.
    """
    if isinstance(conn, sqlite.Client | sqlite.Transaction):
        sql = sql.replace("$", "?")
    return await conn.execute_query_dict(sql, list(values))


def moment(value: object) -> datetime:
    """A time from a hand-written statement: SQLite gives it back as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _config(url: str) -> dict[str, Any]:
    connections = {"default": _connection(url)}
    if url.startswith("sqlite:"):
        connections["reading"] = _connection(url, query_only="ON")
    return {
        "connections": connections,
        "apps": {"models": {"models": [*MODELS], "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, **pragmas: str) -> dict[str, Any]:
    if url.startswith("sqlite:"):
        credentials = {"file_path": str(sqlite_file(url)), **_SQLITE, **pragmas}
        return {"engine": sqlite.__name__, "credentials": credentials}
    parts = urlsplit(url)
    credentials = {
        "host": parts.hostname, "port": parts.port or 5432, "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None, "database": parts.path.lstrip("/"),
        "minsize": 1, "maxsize": POOL, "timeout": postgres.PATIENCE, "command_timeout": 30,
        "reset": postgres.as_it_is,
    }  # fmt: skip
    return {"engine": postgres.__name__, "credentials": credentials}


def sqlite_file(url: str) -> Path:
    """The file that a ``sqlite://`` address names, in a folder that exists. Raises DatabaseAway."""
    path = Path(url.removeprefix("sqlite://").partition("?")[0])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise DatabaseAway(f"{path}: {failure.strerror}") from failure
    return path
