"""What leaves for people who write to the app directly, and what comes back when we look or fetch."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bots.slack.api import NO_PREVIEWS, SOON, Refused, SlackApi
from bots.slack.checkup import TOKEN_ERRORS, findings
from bots.slack.codec import ACCOUNT, CHOOSE, PLATFORM
from bots.slack.lookup import metadata, posted
from bots.slack.text import literal, safe
from core.errors import Closed, Rejected, RetryLater, Unreachable
from core.messages import Address, Attachment, Capabilities, Choice, MediaLimit, Outbound, Rate
from core.ports import Fetched, Finding, Keep

TEXT_LIMIT = 3000
BUTTONS = 25
LABEL_LIMIT = 75
FILE_LIMIT = 100 * 1024 * 1024
"""Bytes; Slack takes up to 1 GB, but we hold a file in memory while it is sent."""

HOME = "<@onethread>"
"""Stands for a mention of the app until a text leaves; only then it must be known who we are."""

GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
GONE_ALREADY = frozenset({"message_not_found", "file_not_found", "file_deleted"})
CHANGES: Mapping[str, str] = {
    "message_not_found": "the message is no longer in the chat",
    "cant_update_message": "Slack lets nobody change this message any more",
    "edit_window_closed": "the time in which this workspace lets messages be changed is over",
    "msg_too_long": "the new words are longer than Slack lets a message become",
}
DELETIONS: Mapping[str, str] = {
    "cant_delete_message": "Slack lets the app take this message back no more; the person still sees it",
    "cant_delete_file": "Slack lets the app take this file back no more; the person still sees it",
    "compliance_exports_prevent_deletion": "this workspace keeps all messages; the person still sees it",
}
FILE = re.compile("F[A-Z0-9]+")
"""What a file's id looks like; a message's is a time."""
LOOK_AGAIN = timedelta(minutes=5)


class SlackChannel:
    """Slack as a platform that end users write to: direct messages to the app."""

    platform = PLATFORM
    account = ACCOUNT
    home = HOME
    capabilities = Capabilities(
        text_limit=TEXT_LIMIT,
        text_length="chars",
        title="Slack",
        choices=BUTTONS,
        choice_label_limit=LABEL_LIMIT,
        rates=(Rate(scope="chat", count=1, seconds=1.0),),
        media={
            "image": MediaLimit(bytes=FILE_LIMIT),
            "voice": MediaLimit(bytes=FILE_LIMIT),
            "video": MediaLimit(bytes=FILE_LIMIT),
            "file": MediaLimit(bytes=FILE_LIMIT),
        },
        lookup=True,
        edits=True,
        deletes=True,
    )

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def send(self, message: Outbound, keep: Keep) -> str:
        """The message's ts, or the file's id. Raises RetryLater, Unreachable, Rejected or Unconfirmed."""
        with _refused({}):
            if message.attachments:
                return await self._upload(message.attachments[0], await self._chat(message.to), keep)
            return await self._post(message)

    async def find(self, message: Outbound, trace: str, since: datetime) -> str | None:
        """A text by our key in its metadata, a file by the id that its upload began with. Raises RetryLater."""
        try:
            chat = await self._chat(message.to)
            if message.attachments:
                return trace if trace and await self._api.arrived(trace, chat) else None
            return await posted(self._api, message.key, chat, None, since)
        except Refused as refused:
            if refused.code in GONE:
                return None
            raise RetryLater(LOOK_AGAIN, f"look-up: {refused.code}") from None
        except Unreachable:
            return None

    async def edit(self, message: Outbound, external_id: str) -> None:
        """Raises RetryLater, Unreachable, Rejected."""
        with _refused(CHANGES):
            await self._api.call(
                "chat.update",
                channel=await self._chat(message.to),
                ts=external_id,
                text=await self._written(message.text),
            )

    async def delete(self, to: Address, external_id: str) -> None:
        """A message by its ts, a file by its id; what is gone already is well. Raises as ``send``."""
        with _refused(DELETIONS, but_for=GONE_ALREADY):
            if FILE.fullmatch(external_id):
                await self._api.call("files.delete", file=external_id)
            else:
                await self._api.call("chat.delete", channel=await self._chat(to), ts=external_id)

    async def fetch(self, attachment: Attachment) -> Fetched:
        """The bytes; ``ref`` is the file's address, or its id where Slack gave none. Raises RetryLater, Rejected."""
        url = attachment.ref
        if not url.startswith(("http://", "https://")):
            file = (await self._api.call("files.info", file=url)).get("file") or {}
            url = str(file.get("url_private") or "")
        found = await self._api.download(url, FILE_LIMIT)
        return Fetched(data=found.data, mime=attachment.mime or found.mime, name=attachment.name)

    async def typing(self, to: Address) -> None:
        """Slack shows no typing of apps in direct messages."""

    async def check(self) -> Sequence[Finding]:
        """The token, its scopes, Socket Mode and the support channel; never raises."""
        return await findings(self._api)

    async def _post(self, message: Outbound) -> str:
        answer = await self._api.call(
            "chat.postMessage",
            channel=message.to.chat,
            text=await self._written(message.text),
            mrkdwn=False,
            metadata=metadata(message.key),
            **NO_PREVIEWS,
            **({"blocks": list(_blocks(message))} if message.choices else {}),
        )
        return str(answer.get("ts", ""))

    async def _written(self, text: str) -> str:
        if HOME not in text:
            return safe(text)
        me = self._api.me if self._api.me.user_id else await self._api.identify()
        return safe(text.replace(HOME, f"<@{me.user_id}>"), f"<@{me.user_id}>")

    async def _upload(self, attachment: Attachment, chat: str, keep: Keep) -> str:
        try:
            data = await asyncio.to_thread(Path(attachment.path).read_bytes)
        except OSError as failure:
            raise Rejected(f"The file can't be read from the file store ({failure.strerror}).") from None
        name = literal(attachment.name).strip() or Path(attachment.path).name
        return await self._api.upload(data=data, name=name, channel=chat, keep=keep)

    async def _chat(self, to: Address) -> str:
        """The direct chat's own id, which files and look-ups need; a post takes a user's id as well."""
        if to.chat != to.user:
            return to.chat
        opened = (await self._api.call("conversations.open", users=to.user)).get("channel") or {}
        return str(opened.get("id", ""))


@contextmanager
def _refused(words: Mapping[str, str], but_for: frozenset[str] = frozenset()) -> Iterator[None]:
    """Slack's refusals in ``words``, or as Unreachable where the chat is gone; ``but_for`` are no failures."""
    try:
        yield
    except Refused as refused:
        if refused.code in but_for:
            return
        if refused.code in GONE:
            raise Unreachable(refused.code) from None
        if refused.code in TOKEN_ERRORS:
            raise Closed(SOON, refused.code, everywhere=True) from None
        if refused.code in words:
            raise Rejected(f"{words[refused.code]} ({refused.code})") from None
        raise


def _blocks(message: Outbound) -> Iterator[dict[str, Any]]:
    """The text, literally, and a row of buttons."""
    text = literal(message.text)
    for start in range(0, len(text), TEXT_LIMIT):
        part = text[start : start + TEXT_LIMIT]
        yield {"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}}
    buttons = [_button(number, choice) for number, choice in enumerate(message.choices[:BUTTONS], 1)]
    yield {"type": "actions", "block_id": "choices", "elements": buttons}


def _button(number: int, choice: Choice) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"{CHOOSE}:{number}",
        "value": choice.id,
        "text": {"type": "plain_text", "text": literal(choice.label)[:LABEL_LIMIT] or "…", "emoji": False},
    }
