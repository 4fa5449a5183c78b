"""Looking back at the start: what agents wrote while nobody listened is taken in as if Slack told it now.

Bounded, and harmless when it has come already: what is taken in has the same ids as events have.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bots.slack.api import Refused, SlackApi
from bots.slack.shapes import Body, string
from core.errors import Rejected
from core.messages import Thread

log = structlog.get_logger()

THREADS, MESSAGES = 200, 100
"""At most so many threads, and so many messages of each."""
LONGEST = timedelta(days=3)
"""Older words would only surprise whoever gets them."""
OVERLAP = timedelta(seconds=30)
"""Events that were on their way when we ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """``since`` is when we listened last. ``take`` gets events, ``gone`` threads whose card was deleted, ``known`` says
    which messages we have. What was looked at isn't again, however often Slack says not now.
    """

    api: SlackApi
    since: datetime
    threads: Callable[[int], Awaitable[Sequence[Thread]]]
    known: Callable[[Collection[str]], Awaitable[frozenset[str]]]
    take: Callable[[Body], Awaitable[object]]
    gone: Callable[[Thread], Awaitable[None]]
    clock: Callable[[], datetime]
    _done: set[Thread] = field(default_factory=set)

    async def look(self) -> None:
        """At each open thread once. Raises RetryLater, and goes on from there when it is called again; DatabaseAway."""
        if not self.api.me.user_id:
            await self.api.identify()
        oldest = max(self.since, self.clock() - LONGEST) - OVERLAP
        for thread in await self.threads(THREADS):
            if thread not in self._done:
                await self._thread(thread, oldest)
                self._done.add(thread)
        log.info("looked back at the desk", since=oldest.isoformat(), threads=len(self._done))

    async def _thread(self, thread: Thread, oldest: datetime) -> None:
        try:
            answer = await self.api.call(
                "conversations.replies", channel=thread.channel, ts=thread.id, oldest=f"{oldest.timestamp():.6f}",
                limit=MESSAGES,
            )  # fmt: skip
        except Refused as refused:
            if refused.code == "thread_not_found":
                await self.gone(thread)
            return
        except Rejected:
            return
        messages = [one for one in answer.get("messages") or () if isinstance(one, Mapping)]
        if any(string(one, "subtype") == "tombstone" and string(one, "ts") == thread.id for one in messages):
            await self.gone(thread)
        if answer.get("has_more"):
            log.warning("more was written than is looked back at", channel=thread.channel, thread=thread.id)
        replies = [one for one in messages if string(one, "ts") > f"{oldest.timestamp():.6f}"]
        await self._take(thread, [one for one in replies if string(one, "ts") != thread.id], oldest)

    async def _take(self, thread: Thread, replies: Sequence[Body], oldest: datetime) -> None:
        known = await self.known([string(one, "ts") for one in replies])
        for message in replies:
            if event := _event(message, string(message, "ts") in known, oldest):
                place = {"channel": thread.channel, "channel_type": "channel"}
                await self.take({"team_id": self.api.me.team_id, "event": {**event, **place}})


def _event(message: Body, known: bool, oldest: datetime) -> Mapping[str, Any] | None:
    """What Slack would have told us: new words as they are by now, or an edit of known ones; else None."""
    if not known:
        return {**message, "type": "message"}
    edited = message.get("edited")
    at = string(edited, "ts") if isinstance(edited, Mapping) else ""
    if at <= f"{oldest.timestamp():.6f}":
        return None
    return {"type": "message", "subtype": "message_changed", "ts": at, "message": message}
