"""Cards and marks: one row each, rendered from the truth when it leaves, and armed again when the truth changed."""

from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from core.messages import Thread
from core.storage.engine import rows

_AGAIN = """
    done = delivery.done + 1,
    due_at = CASE WHEN delivery.state = 'due' AND delivery.due_at < {due} THEN delivery.due_at ELSE {due} END,
    attempts = CASE WHEN delivery.state = 'due' THEN delivery.attempts ELSE 0 END,
    created_at = CASE WHEN delivery.state = 'due' THEN delivery.created_at ELSE {now} END,
    state = 'due'
"""
"""A row that still waits keeps its earlier time. ``done`` counts how often it was armed: whoever has it in hand
finds at the end that it isn't what it was, and leaves it due."""

_ARM = f"""
INSERT INTO delivery (
    key, lane, desk, kind, priority, person_id, ticket_id, message_id, body, state, due_at, attempts, unconfirmed,
    fence, done, external_id, trace, error, created_at, channel, thread
) VALUES ($1, '', TRUE, $2, 9, $3, $4, $5, '{{}}', 'due', $6, 0, FALSE, 0, 1, '', '', '', $7, $8, $9)
ON CONFLICT (key) DO UPDATE SET {_AGAIN.format(due="excluded.due_at", now="excluded.created_at")}
"""

_ALL_SENT = """
AND NOT EXISTS (SELECT 1 FROM delivery other WHERE other.message_id = $1 AND NOT other.desk
                AND other.state NOT IN ('sent', 'cancelled'))
"""


async def arm(
    conn: BaseDBAsyncClient,
    *,
    key: str,
    person_id: int,
    ticket_id: int,
    due_at: datetime,
    now: datetime,
    message_id: int | None = None,
    place: Thread | None = None,
) -> None:
    """See to it that the card or mark ``key`` is rendered at ``due_at`` or earlier, and after this commit.

    One that somebody has in hand at this moment is rendered once more afterwards. A mark stays in its ``place``,
    however its ticket moves.
    """
    kind = key.partition(":")[0]
    channel, thread = (place.channel, place.id) if place else ("", "")
    await rows(conn, _ARM, [key, kind, person_id, ticket_id, message_id, due_at, now, channel, thread])


async def hand_on_mark(conn: BaseDBAsyncClient, before: int, after: int) -> None:
    """The mark of one message is another's from now on, since both stand in the same post."""
    await rows(
        conn, "UPDATE delivery SET message_id = $2 WHERE message_id = $1 AND kind = 'mark'", [before, after]
    )


async def rearm_mark(
    conn: BaseDBAsyncClient,
    message_id: int,
    now: datetime,
    *,
    if_all_sent: bool,
    at: datetime | None = None,
) -> None:
    """Something became of a delivery of this agent's message: its mark, if it has one, is looked at again.

    At once, or ``at`` the latest.
    """
    again = _AGAIN.format(due="$3", now="$2").replace("delivery.", "")
    mine = "message_id = $1 AND kind = 'mark'"
    statement = f"UPDATE delivery SET {again} WHERE {mine} {_ALL_SENT if if_all_sent else ''}"
    await rows(conn, statement, [message_id, now, at or now])
