"""Asking Telegram for updates where nothing can call us. What was not committed is asked for again."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog
from telegram.error import Conflict

from bots.telegram.api import asking
from bots.telegram.channel import TelegramChannel
from bots.telegram.codec import NotUnderstood, Polled
from bots.telegram.webhook import take
from core.errors import DatabaseAway, Rejected, RetryLater
from core.ports import UserDoor

log = structlog.get_logger()

Answer = TypeVar("Answer")

FIRST_WAIT, LONGEST_WAIT = 0.25, 30.0
"""Seconds after the first failure in a row, and at most."""


async def poll(channel: TelegramChannel, door: UserDoor, stop: asyncio.Event) -> None:
    """Take in updates until ``stop``; the turns in hand are finished."""
    offset, failures = 0, 0
    while not stop.is_set():
        least = timedelta()
        try:
            updates = await _unless(stop, _ask(channel, offset)) or []
            still_open = await _take_all(updates, channel, door)
            offset = min(still_open, default=_after(updates))
            failures = failures + 1 if still_open else 0
        except (RetryLater, Rejected) as failure:
            failures += 1
            least = failure.after if isinstance(failure, RetryLater) else timedelta(seconds=LONGEST_WAIT)
            log.warning("polling_failed", account=channel.account, why=str(failure), failures=failures)
        if failures:
            await _pause(stop, failures, least)


def _after(updates: Sequence[Polled]) -> int:
    """Where to go on. 0 once nothing is left: after a quiet week Telegram starts from another id, maybe a lower one."""
    return max((update.id + 1 for update in updates), default=0)


async def _ask(channel: TelegramChannel, offset: int) -> list[Polled]:
    """The next updates. Raises RetryLater or Rejected."""
    with asking():
        try:
            return await channel.api.updates(offset)
        except Conflict as conflict:
            if "webhook" not in str(conflict).lower():
                raise  # another process asks for the same bot: Telegram serves whoever asked last
            await channel.forget_webhook()
            raise RetryLater(timedelta(), "a webhook was set and is deleted now") from None
        except NotUnderstood as reason:
            raise RetryLater(timedelta(seconds=LONGEST_WAIT), str(reason)) from None


async def _take_all(updates: Sequence[Polled], channel: TelegramChannel, door: UserDoor) -> list[int]:
    """Take in a batch, chats side by side, each in its order; the first id of each chat that is still open."""
    lanes: defaultdict[str, list[Polled]] = defaultdict(list)
    for update in updates:
        lanes[update.lane].append(update)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_take_lane(lane, channel, door)) for lane in lanes.values()]
    return [found for task in tasks if (found := task.result()) is not None]


async def _take_lane(updates: Sequence[Polled], channel: TelegramChannel, door: UserDoor) -> int | None:
    for update in updates:
        try:
            await take(update.payload, channel, door)
        except DatabaseAway:
            log.warning("database_away", account=channel.account)
            return update.id
    return None


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, Answer]) -> Answer | None:
    """What ``work`` gives; None as soon as it shall stop."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


async def _pause(stop: asyncio.Event, failures: int, least: timedelta) -> None:
    seconds = max(least.total_seconds(), min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - 1, 10)))
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
