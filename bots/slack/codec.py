"""What people do in Slack as our values, out of events, buttons and commands; pure.

A mention arrives as ``message`` and as ``app_mention`` with two event ids, so messages are known by team, Slack
channel, ts and edit. ``decode`` gives None for what is no matter of ours.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from bots.slack.api import Me, SlackUser
from bots.slack.attached import attachments
from bots.slack.shapes import TS, Body, NotUnderstood, direct, id_of, ids, mapping, string, ts_of, when
from bots.slack.text import clean, ids_in, to_plain
from core.messages import Address, Inbound

PLATFORM = ACCOUNT = "slack"
CHOOSE = "choose"
"""How the ``action_id`` of a choice's button begins; the number that follows keeps them apart in one message."""

People = Mapping[str, SlackUser]

SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})
OTHERS = frozenset(
    {"view_submission", "view_closed", "shortcut", "message_action", "block_suggestion", "app_rate_limited"}
)
"""Kinds of payload that are the desk's, or nobody's."""
NOBODY = frozenset({"USLACKBOT"})


def decode(body: Body, me: Me, people: People, now: datetime) -> Inbound | None:
    """What a person did, or None. ``people`` by user id gives names; ``now`` is when the payload came.

    Raises NotUnderstood.
    """
    kind = body.get("type")
    if kind == "event_callback":
        return _event(body, me, people)
    if kind == "block_actions":
        return _chosen(body, people)
    if kind is None and "command" in body:
        return _commanded(body, people, now)
    if (isinstance(kind, str) and kind in OTHERS) or "ssl_check" in body:
        return None
    raise NotUnderstood("no event, button or command of Slack")


def reread(payload: bytes, me: Me, people: People, now: datetime) -> Inbound | None:
    """What a quarantined payload says, with today's understanding. Raises NotUnderstood."""
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        raise NotUnderstood("no JSON") from None
    return decode(mapping(body, "the payload"), me, people, now)


def people_in(body: Body) -> frozenset[str]:
    """The users whose names ``decode`` wants: who wrote directly to us, and whom they mention."""
    event = body.get("event")
    if not isinstance(event, Mapping):
        user = body.get("user")
        return ids(user.get("id") if isinstance(user, Mapping) else body.get("user_id"))
    if event.get("type") != "message" or not direct(event.get("channel")):
        return frozenset()
    message = event.get("message")
    said: Body = message if isinstance(message, Mapping) else event
    return ids(said.get("user")) | ids_in(string(said, "text"))


# --- events -------------------------------------------------------------------------------------------------


def _event(body: Body, me: Me, people: People) -> Inbound | None:
    event = mapping(body.get("event"), "event")
    kind = string(event, "type")
    if not kind:
        raise NotUnderstood("an event without a type")
    if kind not in ("message", "app_mention") or _is_a_bot(event, me):
        return None
    if not direct(event.get("channel")):
        return _mentioned(body, event, me)
    if kind == "app_mention":
        return None  # in a direct chat the message itself comes too
    return _message(body, event, me, people)


def _message(body: Body, event: Body, me: Me, people: People) -> Inbound | None:
    subtype = event.get("subtype")
    if subtype == "message_changed":
        return _edited(body, event, me, people)
    if subtype == "message_deleted":
        return _deleted(body, event, me)
    return _said(body, event, people) if _spoken(subtype) else None


def _said(body: Body, event: Body, people: People) -> Inbound:
    user, ts = id_of(event, "user"), ts_of(event, "ts")
    chat = id_of(event, "channel")
    text = to_plain(_words(event), _names(people))
    files = tuple(attachments(event))
    thread = string(event, "thread_ts")
    return Inbound(
        id=_message_id(body, event, chat, ts),
        kind="said",
        sender=_address(user, chat),
        sent_at=when(ts),
        name=_name(people, user),
        language=_language(people, user),
        text=text,
        attachments=files,
        refers_to=thread if thread != ts and TS.fullmatch(thread) else "",
        external_id=ts,
        unknown_type="" if text.strip() or files else string(event, "subtype") or "message",
    )


def _edited(body: Body, event: Body, me: Me, people: People) -> Inbound | None:
    """An edit; a link preview that unfurls looks like one, but leaves the text as it was."""
    message = mapping(event.get("message"), "message")
    if message.get("subtype") == "tombstone":  # deleted, though its thread stays
        return _deleted(body, event, me)
    if _is_a_bot(message, me):
        return None
    before = event.get("previous_message")
    text = string(message, "text")
    if isinstance(before, Mapping) and string(before, "text") == text:
        return None
    user, ts, chat = id_of(message, "user"), ts_of(message, "ts"), id_of(event, "channel")
    edited = message.get("edited")
    at = ts_of(edited, "ts") if isinstance(edited, Mapping) else ts_of(event, "ts")
    return Inbound(
        id=f"{_team(body)}:{chat}:{ts}:{at}",
        kind="edited",
        sender=_address(user, chat),
        sent_at=when(at),
        name=_name(people, user),
        language=_language(people, user),
        text=to_plain(text, _names(people)),
        refers_to=ts,
        external_id=ts,
    )


def _deleted(body: Body, event: Body, me: Me) -> Inbound | None:
    before = event.get("previous_message")
    if not isinstance(before, Mapping) or _is_a_bot(before, me):
        return None  # whose it was can't be told, or it was ours
    gone = ts_of(event, "deleted_ts") if "deleted_ts" in event else ts_of(before, "ts")
    return Inbound(
        id=_event_id(body),
        kind="deleted",
        sender=_address(id_of(before, "user"), id_of(event, "channel")),
        sent_at=when(ts_of(event, "ts")),
        refers_to=gone,
    )


def _mentioned(body: Body, event: Body, me: Me) -> Inbound | None:
    """A call in a Slack channel that others read too."""
    called = event.get("type") == "app_mention" or me.user_id in ids_in(string(event, "text"))
    if not called or not _spoken(event.get("subtype")):
        return None
    chat, ts = id_of(event, "channel"), ts_of(event, "ts")
    return Inbound(
        id=_message_id(body, event, chat, ts),
        kind="mentioned",
        sender=_address(id_of(event, "user"), chat),
        sent_at=when(ts),
        text=to_plain(string(event, "text"), {}),
        external_id=ts,
    )


def _spoken(subtype: object) -> bool:
    return subtype is None or (isinstance(subtype, str) and subtype in SPOKEN)


def _is_a_bot(message: Body, me: Me) -> bool:
    user = message.get("user")
    return bool(message.get("bot_id")) or (isinstance(user, str) and (user == me.user_id or user in NOBODY))


def _words(event: Body) -> str:
    """What was written; of a forwarded message, which has no text of its own, what that one said."""
    if text := string(event, "text"):
        return text
    forwarded = event.get("attachments")
    parts = [part for part in forwarded if isinstance(part, Mapping)] if isinstance(forwarded, list) else []
    return "\n".join(filter(None, (string(part, "text") or string(part, "fallback") for part in parts)))


# --- buttons and commands -----------------------------------------------------------------------------------


def _chosen(body: Body, people: People) -> Inbound | None:
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions:
        raise NotUnderstood("a press on no button")
    action = mapping(actions[0], "action")
    container = body.get("container")
    if not string(action, "action_id").startswith(CHOOSE) or not isinstance(container, Mapping):
        return None
    if not direct(container.get("channel_id")):
        return None
    user, chat = id_of(mapping(body.get("user"), "user"), "id"), id_of(container, "channel_id")
    at = ts_of(action, "action_ts")
    return Inbound(
        id=f"{_team(body)}:{chat}:{user}:{at}",
        kind="chose",
        sender=_address(user, chat),
        sent_at=when(at),
        name=_name(people, user),
        language=_language(people, user),
        choice=clean(string(action, "value"))[:60],
        refers_to=ts_of(container, "message_ts"),
    )


def _commanded(body: Body, people: People, now: datetime) -> Inbound:
    """A command counts as its words, said directly: Slack takes a user's id for the chat with them."""
    user = id_of(body, "user_id")
    text = string(body, "text").strip() or string(body, "command").lstrip("/")
    return Inbound(
        id=f"{_team(body)}:{user}:{clean(string(body, 'trigger_id'))[:100] or now.isoformat()}",
        kind="said",
        sender=_address(user, user),
        sent_at=now,
        name=_name(people, user),
        language=_language(people, user),
        text=to_plain(text, _names(people)),
    )


# --- parts --------------------------------------------------------------------------------------------------


def _address(user: str, chat: str) -> Address:
    return Address(platform=PLATFORM, account=ACCOUNT, user=user, chat=chat)


def _names(people: People) -> dict[str, str]:
    return {id: user.name for id, user in people.items()}


def _name(people: People, user: str) -> str:
    return people[user].name if user in people else ""


def _language(people: People, user: str) -> str:
    return people[user].language if user in people else ""


def _message_id(body: Body, event: Body, chat: str, ts: str) -> str:
    edited = event.get("edited")
    return f"{_team(body)}:{chat}:{ts}:{ts_of(edited, 'ts') if isinstance(edited, Mapping) else ''}"


def _event_id(body: Body) -> str:
    id = string(body, "event_id")
    if not id.isalnum() or not id.isascii():
        raise NotUnderstood("an event without an event_id")
    return id[:60]


def _team(body: Body) -> str:
    """A button's payload names it inside, and none there where the app serves a whole organisation."""
    team, user = body.get("team"), body.get("user")
    if isinstance(team, Mapping):
        return id_of(team, "id")
    return id_of(user if isinstance(user, Mapping) else body, "team_id")
