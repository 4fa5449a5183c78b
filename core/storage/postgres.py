"""PostgreSQL for the ORM: turns on the pool, and failures that say whether the database is away."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.exceptions import DBConnectionError

from core.errors import DatabaseAway

AWAY = (
    OSError,
    TimeoutError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a query on a connection that is being told of its end
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
)
"""What trying again later may mend: the network, a restart, a fail-over, a deadlock that we lost."""

PATIENCE = 3.0
"""Seconds to wait for a connection: a platform that asked us gives up soon after."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except AWAY as failure:
        raise DatabaseAway(str(failure) or type(failure).__name__) from failure


async def as_it_is(connection: object) -> None:
    """Given back to the pool untidied: nothing of ours outlasts a transaction, so a round trip per use is saved."""


class Transaction(TransactionWrapper):
    """A connection of the pool while a turn holds it."""

    def __init__(self, client: AsyncpgDBClient, connection: Any) -> None:
        super().__init__(client)
        self._connection = connection

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        with _told():
            return await super()._translate_exceptions(func, *args, **kwargs)


class Client(AsyncpgDBClient):
    """A pool of connections."""

    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        with _told():
            return await super()._translate_exceptions(func, *args, **kwargs)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Transaction]:
        """One transaction."""
        with _told():
            if self._pool is None:
                async with self._pool_init_lock:
                    if self._pool is None:
                        await self.create_connection(with_db=True)
            assert self._pool is not None
            async with self._pool.acquire(timeout=PATIENCE) as connection, connection.transaction():
                yield Transaction(self, connection)


client_class = Client
"""The name under which the ORM looks for an engine's client."""
