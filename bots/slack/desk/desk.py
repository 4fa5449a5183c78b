"""Slack as the desk: cards, posts and marks on their way to the agents."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from bots.slack.api import NO_PREVIEWS, Refused, SlackApi
from bots.slack.desk.accidents import WHY, accident
from bots.slack.desk.buttons import under
from bots.slack.desk.bylines import byline, face, unformatted
from bots.slack.desk.card_fields import address
from bots.slack.desk.cards import draw
from bots.slack.desk.files import beside_a_file
from bots.slack.desk.whispers import Whispers
from bots.slack.lengths import COMMENT, FILE_NAME, TEXT, cut, cut_markup, length
from bots.slack.lookup import metadata, posted
from bots.slack.text import clean, safe
from core.desk import Card, Mark, Post, Whisper
from core.errors import Rejected, RetryLater, ThreadGone, Unreachable
from core.messages import Attachment, Say, Thread
from core.ports import Fetched, Finding, Keep

log = structlog.get_logger()

SIGNS: Mapping[Mark, str] = {
    "waiting": "hourglass_flowing_sand",
    "sent": "white_check_mark",
    "failed": "warning",
    "held": "double_vertical_bar",
    "private": "lock",
}

TIER_3 = 50
"""Calls a minute that Slack takes of ``chat.update``, and of ``reactions.add``, beside one post a second."""

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes; more than any platform that people write on takes from a bot."""

_AS_IT_WAS = frozenset({"already_reacted", "no_reaction", "message_not_found"})
"""What Slack says of a mark when there is nothing left to do."""


class SlackDesk:
    """Where agents work. ``text`` renders in the desk's language, ``department`` tells what one is called in it."""

    def __init__(
        self,
        api: SlackApi,
        text: Callable[[Say], str],
        department: Callable[[str], str] = str,
        *,
        posts_per_second: float = 1.0,
    ) -> None:
        self.rate_per_channel = posts_per_second
        self.edits_per_minute = self.marks_per_minute = int(TIER_3 * posts_per_second)
        self._api = api
        self._text = text
        self._department = department
        self.whispers = Whispers(api, text)

    async def open(self, key: str, card: Card) -> Thread:
        """Raises RetryLater, Rejected or Unconfirmed."""
        drawn = draw(card, self._text, self._department)
        with self._in_words():
            answer = await self._api.call(
                "chat.postMessage",
                channel=card.channel,
                text=drawn.text,
                blocks=list(drawn.blocks),
                metadata=metadata(key),
                **NO_PREVIEWS,
            )
        return Thread(channel=str(answer.get("channel") or card.channel), id=_ts(answer))

    async def post(self, key: str, thread: Thread, post: Post, keep: Keep) -> str:
        """A person's words under their name, a file with it as the comment, a notice as the app itself.

        Words that are too long for a message come as a text file, unless there is something to press under them: a
        file bears no buttons. Raises RetryLater, Rejected or Unconfirmed.
        """
        if post.attachments:
            for file in post.attachments:
                id = await self._upload(thread, post, file, keep)
            return id
        text = _called(post, safe(post.text))
        if length(text) > TEXT and not post.buttons:
            return await self._post_as_file(thread, post, keep)
        return await self._post_text(key, thread, post, text)

    async def update(self, thread: Thread, card: Card) -> None:
        """Raises RetryLater or Rejected."""
        drawn = draw(card, self._text, self._department)
        with self._in_words():
            await self._api.call(
                "chat.update",
                channel=thread.channel,
                ts=thread.id,
                text=drawn.text,
                blocks=list(drawn.blocks),
            )

    async def mark(self, thread: Thread, post: str, mark: Mark, before: Mark | None) -> None:
        """The new mark first, so that the message is never without; on the usual path that is one call.

        Raises RetryLater or Rejected.
        """
        await self._react("reactions.add", thread, post, mark)
        if before and before != mark:
            await self._react("reactions.remove", thread, post, before)

    async def find(
        self, key: str, trace: str, channel: str, thread: Thread | None, since: datetime
    ) -> str | None:
        """Raises RetryLater, or Rejected where Slack doesn't let the app look."""
        with self._in_words():
            if trace:
                return trace if await self._api.arrived(trace, channel) else None
            return await posted(self._api, key, channel, thread, since)

    async def whisper(self, thread: Thread, agent: str, whisper: Whisper) -> None:
        """Shown to one agent alone; may be lost, never raises."""
        await self.whispers.tell(thread, agent, whisper)

    async def fetch(self, attachment: Attachment) -> Fetched:
        """Raises RetryLater or Rejected."""
        with self._in_words():
            found = await self._api.download(await self._address(attachment.ref), LARGEST_FILE)
        return replace(found, mime=attachment.mime or found.mime, name=attachment.name or found.name)

    async def check(self) -> Sequence[Finding]:
        """Nothing of its own: the support channel and the scopes are looked at in ``bots/slack/checkup.py``."""
        return ()

    # --- posts ----------------------------------------------------------------------------------------------

    async def _post_text(self, key: str, thread: Thread, post: Post, text: str) -> str:
        shown = cut_markup(text, TEXT) if text.strip() else self._text(Say(name="desk.blank"))
        blocks = list(under(text, post.ticket, post.buttons, self._text))
        with self._in_words():
            answer = await self._api.call(
                "chat.postMessage",
                channel=thread.channel,
                thread_ts=thread.id or None,
                text=shown,
                metadata=metadata(key),
                mrkdwn=bool(post.calls or post.see),
                link_names=False,
                **({"blocks": blocks} if blocks else {}),
                **_face(post),
                **NO_PREVIEWS,
            )
            if thread.id and _may_have_left_its_thread(answer) and await self._is_gone(thread):
                await self._api.call("chat.delete", channel=thread.channel, ts=_ts(answer))
                raise ThreadGone(self._text(Say(name="desk.thread_gone")))
        return _ts(answer)

    async def _is_gone(self, thread: Thread) -> bool:
        try:
            await self._api.call("conversations.replies", channel=thread.channel, ts=thread.id, limit=1)
        except Refused as refused:
            return refused.code == "thread_not_found"
        except RetryLater:
            log.info("a thread can't be looked at now; the post counts as arrived", thread=thread.id)
        return False

    async def _post_as_file(self, thread: Thread, post: Post, keep: Keep) -> str:
        said = self._text(Say(name="desk.long", params={"count": len(post.text)}))
        name = self._text(Say(name="desk.long_file"))
        data = post.text.encode("utf-8", "replace")
        return await self._share(thread, data, name, _comment(post, said), keep)

    async def _upload(self, thread: Thread, post: Post, file: Attachment, keep: Keep) -> str:
        try:
            data = await asyncio.to_thread(Path(file.path).read_bytes)
        except OSError as failure:
            log.error("a file of the file store can't be read", path=file.path, why=type(failure).__name__)
            raise Rejected(self._text(Say(name="desk.file_gone"))) from failure
        beside = (self._text(say) for say in beside_a_file(file))
        comment = _comment(post, post.text, *beside)
        name = cut(clean(file.name), FILE_NAME) or Path(file.path).name
        return await self._share(thread, data, name, comment, keep)

    async def _share(self, thread: Thread, data: bytes, name: str, comment: str, keep: Keep) -> str:
        with self._in_words():
            return await self._api.upload(
                data=data, name=name, channel=thread.channel, thread=thread.id, comment=comment, keep=keep
            )

    async def _address(self, ref: str) -> str:
        """Of a file from a shared Slack channel the event tells no more than its id."""
        if "://" in ref:
            return ref
        file = (await self._api.call("files.info", file=ref)).get("file") or {}
        return str(file.get("url_private") or "")

    # --- refusals -------------------------------------------------------------------------------------------

    async def _react(self, method: str, thread: Thread, post: str, mark: Mark) -> None:
        with self._in_words(but_for=_AS_IT_WAS):
            await self._api.call(method, channel=thread.channel, timestamp=post, name=SIGNS[mark])

    @contextmanager
    def _in_words(self, but_for: frozenset[str] = frozenset()) -> Iterator[None]:
        """Refusals leave as Rejected, in words for the people who can mend it; ``but_for`` are no failures."""
        try:
            yield
        except Refused as refused:
            if refused.code in but_for:
                return
            say = Say(name=WHY.get(refused.code, "desk.refused"), params={"code": refused.code})
            raise accident(refused.code, self._text(say)) from refused
        except Unreachable as refused:
            raise Rejected(self._text(Say(name="desk.refused", params={"code": str(refused)}))) from refused


def _face(post: Post) -> Mapping[str, str]:
    if not post.author:
        return {}
    return {"username": byline(post.author, post.platform), "icon_emoji": face(post.platform).icon}


def _called(post: Post, text: str) -> str:
    """A notice with whom it calls before it, and the thread that it links to after it."""
    calls = " ".join(f"<!subteam^{id}>" if id.startswith("S") else f"<@{id}>" for id in post.calls)
    see = f"<{address(post.see)}>" if post.see else ""
    return " ".join(filter(None, [calls, text, see]))


def _comment(post: Post, *words: str) -> str:
    """A file is shared by the app itself, so whose it is stands beside it; a comment is always read as mrkdwn."""
    who = f"*{unformatted(byline(post.author, post.platform))}*" if post.author else ""
    return "\n".join(filter(None, [who, *(unformatted(cut(part, COMMENT)) for part in words)]))


def _ts(answer: Mapping[str, Any]) -> str:
    return str(answer["ts"])


def _may_have_left_its_thread(answer: Mapping[str, Any]) -> bool:
    """Under a parent that is gone, Slack posts into the Slack channel itself and calls it well."""
    message = answer.get("message")
    return isinstance(message, Mapping) and not message.get("thread_ts")
