"""Listening to the desk: what was missed is looked for at the start, and from then on it is kept that we listen."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from bots.running import Work, pause
from bots.slack.api import SlackApi
from bots.slack.desk.lookback import LookBack
from bots.slack.shapes import Body
from core.errors import DatabaseAway, Rejected, RetryLater, Unreachable
from core.helpdesk.listening import Listening
from core.ports import AgentDoor

log = structlog.get_logger()

KEPT = 5.0
"""Seconds between two times that it is written down."""


async def listening_to_desk(
    listening: Listening, api: SlackApi, take: Callable[[Body], Awaitable[object]], door: AgentDoor
) -> Work:
    """Ask for it before anybody is let in: what comes then counts as heard. Raises DatabaseAway."""
    since = await listening.heard()
    look = since and LookBack(
        api=api, since=since, threads=listening.threads, known=listening.known, take=take, gone=door.card_deleted,
        clock=listening.clock,
    )  # fmt: skip
    return partial(_listen, listening, look or None)


async def _listen(listening: Listening, look: LookBack | None, stop: asyncio.Event) -> None:
    """Only what was looked at counts as heard: whoever ends in between looks again."""
    while not stop.is_set():
        seconds = KEPT
        try:
            if look:
                await look.look()
                look = None
            await listening.hears()
        except RetryLater as busy:
            seconds = busy.after.total_seconds()
        except (Rejected, Unreachable, DatabaseAway) as failure:
            log.warning("the desk can't be looked back at yet", reason=str(failure))
        await pause(stop, seconds)
