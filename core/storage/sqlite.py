"""SQLite for the ORM: turns that begin IMMEDIATE, and failures that say whether the database is away.

A deferred transaction that turns into a writer fails at once under contention, whatever the busy time-out.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.exceptions import OperationalError

from core.errors import DatabaseAway

T = TypeVar("T")

_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_READONLY")


async def _told(call: Callable[..., Awaitable[T]], *arguments: object) -> T:
    """The call's result; raises DatabaseAway where trying again later may help."""
    try:
        return await call(*arguments)
    except (OperationalError, sqlite3.OperationalError) as failure:
        cause = failure.args[0] if isinstance(failure, OperationalError) else failure
        if str(getattr(cause, "sqlite_errorname", "")).startswith(_AWAY):
            raise DatabaseAway(str(cause)) from failure
        raise


class Transaction(SqliteTransactionWrapper):
    """The writing connection while a turn holds it."""

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return await _told(super().execute_insert, query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        return await _told(super().execute_query, query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return await _told(super().execute_query_dict, query, values)


class Client(SqliteClient):
    """One connection to one file."""

    async def create_connection(self, with_db: bool) -> None:
        await _told(super().create_connection, with_db)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        return await _told(super().execute_query, query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return await _told(super().execute_query_dict, query, values)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Transaction]:
        """One transaction. Statements run in the order they are given, so a cancelled one is rolled back behind it."""
        async with self._lock:
            if self._connection is None:
                await self.create_connection(with_db=True)
            assert self._connection is not None
            try:
                await _told(self._connection.execute, "BEGIN IMMEDIATE")
                yield Transaction(self)
                await _told(self._connection.commit)
            except BaseException:
                await self._connection.rollback()
                raise


client_class = Client
"""The name under which the ORM looks for an engine's client."""
