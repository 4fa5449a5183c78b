"""What everything stands on: the one clock and the database. Commands that need no more start quickly."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bots.settings import Settings
from core.storage.engine import Storage
from core.storage.migrate import migrate as migrate_storage


def clock() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


async def migrate(settings: Settings) -> list[str]:
    """Bring the database up to date; the names of what was applied. Raises DatabaseAway."""
    return await migrate_storage(settings.database_url)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Storage]:
    """The database, up to date. Raises DatabaseAway."""
    await migrate(settings)
    storage = await Storage.open(settings.database_url)
    try:
        yield storage
    finally:
        await storage.close()
