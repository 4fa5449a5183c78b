"""What a message event in a ticket's thread means: an agent's words, a change of them, or noise. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bots.slack.api import Me
from bots.slack.attached import attachments
from bots.slack.shapes import Body, NotUnderstood, id_of, mapping, string, ts_of, when
from bots.slack.text import ids_in, to_plain
from core.messages import Agent, AgentWords, Attachment, Thread

SAID = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""The subtypes under which people's words come; every other one is Slack's own noise."""

_CALL = re.compile(r"<!(?:subteam\^|here|channel|everyone)")

ROOMS = ("channel", "group", None)
"""Where tickets' threads can be; an ``app_mention`` doesn't say."""

_INSIDE = {"message_changed": "message", "message_deleted": "previous_message"}
"""Where the message itself stands in an event of these subtypes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote in a ticket's thread, still in Slack's markup."""

    id: str
    kind: Literal["said", "edited", "deleted"]
    thread: Thread
    post: str
    user: str
    sent_at: datetime
    markup: str = ""
    files: tuple[Attachment, ...] = ()
    us: str = ""
    """Our own user id: a mention of the app is no call to a teammate."""

    @property
    def called(self) -> frozenset[str]:
        """The people who are called by it."""
        return self.mentioned - {self.us}

    @property
    def calls_somebody(self) -> bool:
        """A person, a user group, or everybody here."""
        return bool(self.called) or _CALL.search(self.markup) is not None

    @property
    def mentioned(self) -> frozenset[str]:
        """The users whose names the text wants."""
        return ids_in(self.markup)

    @property
    def is_empty(self) -> bool:
        """Said, but nothing that could be passed on: a forwarded message, an app's blocks."""
        return self.kind == "said" and not to_plain(self.markup, {}).strip() and not self.files

    def as_words(self, agent: Agent, names: Mapping[str, str], mentioned: Sequence[Agent] = ()) -> AgentWords:
        """``mentioned`` are those who are called, with their roles.

        Links to files that lie elsewhere join the text, since there is nothing to fetch.
        """
        links = [file.name for file in self.files if file.kind == "link"]
        return AgentWords(
            id=self.id,
            kind=self.kind,
            thread=self.thread,
            post=self.post,
            agent=agent,
            sent_at=self.sent_at,
            text="\n".join(filter(None, [to_plain(self.markup, names), *links])),
            attachments=tuple(file for file in self.files if file.kind != "link"),
            mentions=self.calls_somebody,
            mentioned=tuple(mentioned),
        )


def thread_of(body: Body) -> Thread | None:
    """The thread that a message event is about; None for anything that is no reply in a Slack channel's thread.

    Reads with care, since it also meets events that are not for the desk.
    """
    message = _message_in(body)
    if message is None:
        return None
    channel, thread = string(body["event"], "channel"), string(message, "thread_ts")
    if not channel or not thread or thread == message.get("ts"):
        return None
    return Thread(channel=channel, id=thread)


def is_echo(body: Body, me: Me) -> bool:
    """Slack tells the app of its own posts and edits too."""
    message = _message_in(body)
    return message is not None and bool(me.bot_id) and message.get("bot_id") == me.bot_id


def _message_in(body: Body) -> Body | None:
    """The message that an event in a Slack channel is about, if it is about one."""
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") not in ("message", "app_mention"):
        return None
    if event.get("channel_type") not in ROOMS:
        return None
    part = _INSIDE.get(string(event, "subtype"))
    message = event.get(part) if part else event
    return message if isinstance(message, Mapping) else None


def read(body: Body, thread: Thread, me: Me) -> Written | None:
    """What was written, or None for noise. Raises NotUnderstood.

    A mention of the app comes a second time as ``app_mention``, without what the message holds besides: noise.
    """
    event = mapping(body.get("event"), "event")
    if event.get("type") == "app_mention":
        return None
    match string(event, "subtype"):
        case "message_changed":
            return _edited(body, event, thread, me)
        case "message_deleted":
            return _deleted(body, event, thread, me)
        case _:
            return _said(body, event, thread, me)


def _said(body: Body, event: Body, thread: Thread, me: Me) -> Written | None:
    if not _is_words(event, me):
        return None
    ts = ts_of(event, "ts")
    return Written(
        id=_id(body, thread, ts),
        kind="said",
        thread=thread,
        post=ts,
        user=id_of(event, "user"),
        sent_at=when(ts),
        markup=string(event, "text"),
        files=_files(event),
        us=me.user_id,
    )


def _edited(body: Body, event: Body, thread: Thread, me: Me) -> Written | None:
    """An edit. Slack also tells so of unfurled links, of new replies and of files that were taken away."""
    message = mapping(event.get("message"), "message")
    edited, before = message.get("edited"), event.get("previous_message")
    if not _is_words(message, me) or not isinstance(edited, Mapping):
        return None
    if isinstance(before, Mapping) and string(before, "text") == string(message, "text"):
        return None
    ts, at = ts_of(message, "ts"), ts_of(edited, "ts")
    return Written(
        id=_id(body, thread, ts, at),
        kind="edited",
        thread=thread,
        post=ts,
        user=id_of(message, "user"),
        sent_at=when(at),
        markup=string(message, "text"),
        us=me.user_id,
    )


def _deleted(body: Body, event: Body, thread: Thread, me: Me) -> Written | None:
    before = mapping(event.get("previous_message"), "previous_message")
    if not _is_words(before, me):
        return None
    ts = ts_of(before, "ts")
    return Written(
        id=_id(body, thread, ts, "deleted"),
        kind="deleted",
        thread=thread,
        post=ts,
        user=id_of(before, "user"),
        sent_at=when(ts_of(event, "ts")),
    )


def _files(event: Body) -> tuple[Attachment, ...]:
    if not isinstance(event.get("files", []), list):
        raise NotUnderstood("files is no list")
    return tuple(
        attachments({**event, "files": [one for one in event.get("files", []) if not _is_mail(one)]})
    )


def _is_mail(file: Any) -> bool:
    """A whole e-mail that somebody shared here is for colleagues; a person never gets it."""
    return isinstance(file, Mapping) and "email" in (file.get("mode"), file.get("filetype"))


def _is_words(message: Body, me: Me) -> bool:
    """Not the app's own, not another bot's, not Slack's."""
    return string(message, "subtype") in SAID and not (
        message.get("bot_id") or message.get("user") in (me.user_id, "USLACKBOT")
    )


def _id(body: Body, thread: Thread, ts: str, edited: str = "") -> str:
    return f"{string(body, 'team_id')}:{thread.channel}:{ts}:{edited}"
