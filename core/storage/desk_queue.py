"""How long posts wait for the desk: Slack takes about one a second in a Slack channel, so queues are to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.storage.engine import Storage, moment, rows

SHOWN_AFTER = timedelta(seconds=10)
"""Shorter waits are Slack's own pace."""

_QUEUES = """
SELECT COALESCE(NULLIF(d.channel, ''), t.channel) AS channel, COUNT(*) AS waiting, MIN(d.created_at) AS since,
       MAX(d.error) AS why
FROM delivery d JOIN ticket t ON t.id = d.ticket_id
WHERE d.state = 'due' AND d.desk AND d.kind IN ('open', 'post', 'file', 'ask') GROUP BY 1 ORDER BY 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for one Slack channel; ``why`` is what the last try came to, if there was one."""

    channel: str
    waiting: int
    age: timedelta
    why: str = ""

    @property
    def is_late(self) -> bool:
        """Long enough that somebody should know."""
        return self.age >= SHOWN_AFTER


async def queues(storage: Storage, now: datetime) -> Sequence[Queue]:
    """Of every Slack channel for which something waits, the longest wait first."""
    return [
        Queue(
            channel=row["channel"], waiting=row["waiting"], why=row["why"],
            age=max(now - moment(row["since"]), timedelta()),
        )
        for row in await rows(storage.reading, _QUEUES)
    ]  # fmt: skip
