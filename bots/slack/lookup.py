"""Finding out whether a post arrived whose answer was lost: Slack keeps the delivery's key in its metadata."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bots.slack.api import Refused, SlackApi
from core.messages import Thread

EVENT_TYPE = "onethread_delivery"

SKEW = timedelta(minutes=1)
"""How far Slack's clock may be from ours."""

PAGE = 200
PAGES = 10


def metadata(key: str) -> Mapping[str, Any]:
    """What a post bears so that it is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


async def posted(api: SlackApi, key: str, channel: str, thread: Thread | None, since: datetime) -> str | None:
    """The id of the message that bears ``key``; None if it isn't there. Raises RetryLater or Rejected."""
    oldest = f"{(since - SKEW).timestamp():.6f}"
    asked: dict[str, Any] = {
        "channel": channel,
        "oldest": oldest,
        "limit": PAGE,
        "include_all_metadata": True,
    }
    method = "conversations.history"
    if thread:
        method, asked = "conversations.replies", asked | {"ts": thread.id}
    for _ in range(PAGES):
        try:
            answer = await api.call(method, **asked)
        except Refused as refused:
            if refused.code == "thread_not_found":
                return None
            raise
        for message in answer.get("messages") or ():
            if _bears(message, key):
                return str(message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
        asked["cursor"] = cursor
    return None


def _bears(message: Mapping[str, Any], key: str) -> bool:
    said = message.get("metadata") or {}
    return said.get("event_type") == EVENT_TYPE and (said.get("event_payload") or {}).get("key") == key
