"""What the app writes: checked as Slack checks it, then put among the messages."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.slack.blocks import message_mistakes, named
from bots.sandbox.slack.calls import Args
from bots.sandbox.slack.workspace import BOT, Channel, Message, Refused, Workspace

LONGEST = 40_000
"""What is longer, Slack cuts off."""

EVENT_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppWords:
    """``None``: was not given."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None

    @property
    def empty(self) -> bool:
        return not self.text and not self.blocks and not self.attachments


def app_words(args: Args) -> AppWords:
    """Raises Refused."""
    blocks = args.parsed("blocks", "invalid_blocks_format")
    if blocks is not None and not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if blocks and (mistakes := message_mistakes(blocks)):
        raise Refused("invalid_blocks", errors=mistakes, response_metadata={"messages": mistakes})
    attachments = args.parsed("attachments", "invalid_attachments")
    if attachments is not None and not isinstance(attachments, list):
        raise Refused("invalid_attachments")
    return AppWords(
        text=args.text("text")[:LONGEST] if "text" in args else None,
        blocks=None if blocks is None else named(blocks, lambda: secrets.token_urlsafe(4)),
        attachments=attachments,
        metadata=_metadata(args.parsed("metadata", "invalid_metadata_format")),
    )


def _metadata(given: Any) -> Json | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Refused("invalid_metadata_format")
    kind, payload = given.get("event_type"), given.get("event_payload")
    if not isinstance(kind, str) or not EVENT_TYPE.fullmatch(kind) or not isinstance(payload, dict):
        raise Refused("invalid_metadata_schema")
    return {"event_type": kind, "event_payload": payload}


def root_of(thread: str, channel: Channel) -> str:
    """The thread that a new message may hang on ("": none). Raises Refused."""
    if not thread:
        return ""
    root = channel.posts.get(thread)
    if root is None or root.whispered_to or (root.deleted and not channel.replies(thread)):
        raise Refused("thread_not_found")
    if root.thread:
        raise Refused("cannot_reply_to_message")
    return thread


def write_as_app(workspace: Workspace, channel: Channel, words: AppWords, thread: str = "") -> Message:
    """A new message by the app, not yet among the others. Raises Refused."""
    if words.empty:
        raise Refused("no_text")
    return Message(
        ts=workspace.new_ts(),
        channel=channel.id,
        user=BOT,
        text=words.text or "",
        thread=root_of(thread, channel),
        blocks=words.blocks or [],
        attachments=words.attachments or [],
        metadata=words.metadata,
    )
