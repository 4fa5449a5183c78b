"""``conversations.*``: which Slack channels there are, who is in them, what was said."""

from collections.abc import Mapping
from decimal import Decimal

from bots.sandbox.hub import Json
from bots.sandbox.slack.calls import Call, Method, moment, paged
from bots.sandbox.slack.shapes import channel_json
from bots.sandbox.slack.workspace import BOT, Channel, Message, Refused

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im"}


def history(call: Call) -> Json:
    """Newest first, without threads' replies."""
    channel = call.joined_channel()
    standing = [one for one in channel.posts.values() if _stands(one, channel)]
    top = [one for one in standing if not one.thread or one.broadcast]
    found, more = paged(call, _within(call, top)[::-1], lambda one: one.ts, default=100, most=999)
    return {**_messages(call, found, more), "pin_count": 0}


def _stands(message: Message, channel: Channel) -> bool:
    """A deleted message is still there, as a tombstone, while replies hang on it."""
    return not message.whispered_to and (not message.deleted or bool(channel.replies(message.ts)))


def _within(call: Call, messages: list[Message]) -> list[Message]:
    oldest = moment(call, "oldest") or Decimal(0)
    latest = moment(call, "latest") or Decimal("Infinity")
    edges = (oldest, latest) if call.args.flag("inclusive") else ()
    times = [(Decimal(one.ts), one) for one in messages]
    return [one for ts, one in times if oldest < ts < latest or ts in edges]


def _messages(call: Call, messages: list[Message], more: Json) -> Json:
    metadata = call.args.flag("include_all_metadata")
    shown = [call.events.json(one, metadata=metadata) for one in messages]
    cursor = more["response_metadata"]["next_cursor"]
    return {"messages": shown, "has_more": bool(cursor), **(more if cursor else {})}


def replies(call: Call) -> Json:
    """Oldest first; the message that they hang on stands at the head of every page."""
    channel = call.joined_channel()
    root = channel.posts.get(call.args.needed("ts"))
    if root is None or not _stands(root, channel):
        raise Refused("thread_not_found")
    found, more = paged(
        call, _within(call, channel.replies(root.ts)), lambda one: one.ts, default=1000, most=1000
    )
    return _messages(call, [root, *found], more)


def info(call: Call) -> Json:
    channel = call.channel()
    counted = {"num_members": len(channel.members)} if call.args.flag("include_num_members") else {}
    locale = {"locale": "en-US"} if call.args.flag("include_locale") else {}
    return {"channel": {**channel_json(channel), **counted, **locale}}


def members(call: Call) -> Json:
    found, more = paged(call, call.channel().members, str, default=100, most=1000)
    return {"members": found, **more}


def list_channels(call: Call) -> Json:
    kinds = [TYPES.get(one) for one in call.args.text("types", "public_channel").split(",")]
    if None in kinds:
        raise Refused("invalid_types")
    everywhere = call.workspace.channels.values()
    seen = [one for one in everywhere if one.kind in kinds and (one.kind == "channel" or BOT in one.members)]
    found, more = paged(call, seen, lambda one: one.id, default=100, most=999)
    return {"channels": [channel_json(one) for one in found], **more}


def open_dm(call: Call) -> Json:
    """Direct messages with one user."""
    if call.args.text("channel"):
        return {"channel": channel_json(call.channel()), "no_op": True, "already_open": True}
    users = [one for one in call.args.text("users").split(",") if one]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("method_not_supported_for_channel_type")
    if users == [BOT]:
        raise Refused("cannot_dm_bot")
    known = set(call.workspace.channels)
    dm = call.workspace.dm(users[0])
    shown = channel_json(dm) if call.args.flag("return_im") else {"id": dm.id}
    opened = {"no_op": True, "already_open": True} if dm.id in known else {}
    return {"channel": shown, **opened}


METHODS: Mapping[str, Method] = {
    "conversations.history": Method(run=history, scope="{kind}:history", form_only=True),
    "conversations.replies": Method(run=replies, scope="{kind}:history", form_only=True),
    "conversations.info": Method(run=info, scope="{kind}:read", form_only=True),
    "conversations.members": Method(run=members, scope="{kind}:read", form_only=True),
    "conversations.list": Method(run=list_channels, scope="channels:read", form_only=True),
    "conversations.open": Method(run=open_dm, scope="im:write"),
}
