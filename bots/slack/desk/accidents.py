"""What happens to the desk in Slack itself: cards deleted, Slack channels archived, the app taken out. Pure."""

from collections.abc import Mapping
from datetime import timedelta

from bots.slack.api import Me
from bots.slack.checkup import TOKEN_ERRORS
from bots.slack.shapes import Body, string
from core.errors import ChannelGone, Closed, Rejected, ThreadGone
from core.messages import Thread

AGAIN = timedelta(seconds=5)
"""How soon it is tried whether people have mended it: one call, for all that waits behind it waits."""

_THREAD = frozenset(
    {"thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts", "cant_update_message"}
)  # fmt: skip
"""The card is gone, or belongs to an earlier installation of the app and can't be kept true any more."""
_OUTSIDE = frozenset({"not_in_channel", "channel_not_found"})
"""The app was taken out of the Slack channel; a private one then looks as if it didn't exist."""
WHY: Mapping[str, str] = {
    **dict.fromkeys(_THREAD, "desk.thread_gone"),
    **dict.fromkeys(_OUTSIDE, "desk.channel_closed"),
    **dict.fromkeys(TOKEN_ERRORS, "desk.app_gone"),
    "is_archived": "desk.channel_archived",
    "missing_scope": "desk.scope_missing",
}
"""Slack's refusals in words that tell an agent or operator what to do."""

_GONE = {"message_changed": "message", "message_deleted": "previous_message"}


def accident(code: str, why: str) -> Rejected | Closed:
    """What follows from Slack's word; ``why`` tells people what to do."""
    if code == "is_archived":
        return ChannelGone(why)
    if code in _THREAD:
        return ThreadGone(why)
    if code in _OUTSIDE or code in TOKEN_ERRORS:
        return Closed(AGAIN, why, everywhere=code in TOKEN_ERRORS)
    return Rejected(why)


def deleted_card(body: Body, me: Me) -> Thread | None:
    """The thread of a message of ours that was just deleted; one with replies leaves a tombstone, so that looks like
    an edit. None for anything else.
    """
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") != "message":
        return None
    before, now = event.get("previous_message"), event.get(_GONE.get(string(event, "subtype"), ""))
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return None
    ours = bool(me.bot_id) and before.get("bot_id") == me.bot_id
    still_there = event.get("subtype") == "message_changed" and now.get("subtype") != "tombstone"
    ts, thread = string(before, "ts"), string(before, "thread_ts")
    if not ours or still_there or not ts or thread not in ("", ts):
        return None
    return Thread(channel=string(event, "channel"), id=ts)
