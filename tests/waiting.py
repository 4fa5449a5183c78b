"""Waiting for what nobody tells of: a row in the database, a page's answer."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

GLANCE = 0.05
"""Seconds between two looks."""


async def until(look: Callable[[], Awaitable[Any] | Any], seconds: float = 10) -> Any:
    """Look again and again until something is found, and return that. Fails when it takes longer."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        found = look()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < end, "it did not come to pass"
        await asyncio.sleep(GLANCE)
