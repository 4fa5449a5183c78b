"""What people do in the workspace with their hands: write, share, edit, delete, react, join."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bots.sandbox.hub import File, Hub
from bots.sandbox.slack.composer import composed
from bots.sandbox.slack.courier import Answer, Delivery
from bots.sandbox.slack.events import Events
from bots.sandbox.slack.workspace import Channel, Message, Refused, SharedFile, Workspace

LONGEST = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Done in the workspace at once; its deliveries to the app go on in the background."""

    message: Message | None = None
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def ts(self) -> str:
        assert self.message
        return self.message.ts

    async def answer(self) -> Answer:
        """The app's final answer to it (to the last of its deliveries, if it was told in several ways)."""
        assert self.deliveries, "the app is not told of this"
        answers = [await delivery.answer() for delivery in self.deliveries]
        return answers[-1]


class Acts:
    def __init__(self, workspace: Workspace, events: Events, hub: Hub) -> None:
        self._workspace = workspace
        self._events = events
        self._hub = hub

    def post(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread: str = "",
        files: Sequence[File] = (),
        broadcast: bool = False,
    ) -> Act:
        """Words, files or both. Raises Refused."""
        place = self.place(user, channel, thread)
        if not text.strip() and not files:
            raise Refused("no_text")
        if len(text) > LONGEST:
            raise Refused("msg_too_long")
        message = Message(
            ts=self._workspace.new_ts(),
            channel=place.id,
            user=user,
            text=composed(text, self._workspace),
            thread=thread,
            broadcast=broadcast and bool(thread),
            files=[self._shared(file, user) for file in files],
        )
        return self._posted(message)

    def place(self, user: str, channel: str, thread: str = "") -> Channel:
        """Where this user may write: whoever sees a public Slack channel may answer in its threads."""
        self._workspace.user(user)
        place = self._workspace.channel(channel)
        if place.archived:
            raise Refused("is_archived")
        member = user in place.members
        if not member and place.kind != "channel":
            raise Refused("channel_not_found")
        if not member and not thread:
            raise Refused("not_in_channel")
        root = place.posts.get(thread)
        if thread and (root is None or (root.deleted and not place.replies(thread))):
            raise Refused("message_not_found")
        if root and root.thread:
            raise Refused("cannot_reply_to_message")
        return place

    def _posted(self, message: Message) -> Act:
        self._workspace.add(message)
        return Act(message=message, deliveries=self._events.posted(message))

    def _shared(self, stored: File, owner: str) -> SharedFile:
        file = SharedFile(
            id=f"F{secrets.token_hex(5).upper()}",
            owner=owner,
            name=stored.name,
            title=stored.name,
            length=len(stored.data),
            created=int(self._hub.now().timestamp()),
            stored=stored,
            complete=True,
        )
        self._workspace.files[file.id] = file
        return file

    def edit(self, user: str, channel: str, ts: str, text: str) -> Act:
        """The same words again change nothing, and nobody is told."""
        message = self._own(user, channel, ts, "cant_update_message")
        words = composed(text, self._workspace)
        if not text.strip() and not message.files:
            raise Refused("no_text")
        if words == message.text:
            return Act(message=message)
        before = self._events.json(message)
        message.text = words
        message.edited = {"user": user, "ts": self._workspace.new_ts()}
        return Act(message=message, deliveries=self._events.changed(message, before))

    def delete(self, user: str, channel: str, ts: str) -> Act:
        message = self._own(user, channel, ts, "cant_delete_message")
        before = self._events.json(message)
        message.deleted = True
        return Act(message=message, deliveries=self._events.deleted(message, before))

    def remove(self, ts: str) -> Act:
        """An administrator of the workspace deletes anybody's message."""
        message = self._workspace.find(ts)
        before = self._events.json(message)
        message.deleted = True
        return Act(message=message, deliveries=self._events.deleted(message, before))

    def by_other_app(self, thread: str, text: str) -> Act:
        """Another app's bot writes in a thread."""
        channel, ts = self._workspace.find(thread).channel, self._workspace.new_ts()
        return self._posted(
            Message(ts=ts, channel=channel, user="UOTHERBOT", bot="BOTHER", text=text, thread=thread)
        )

    def _own(self, user: str, channel: str, ts: str, error: str) -> Message:
        message = self._workspace.message(channel, ts)
        if message.user != user or message.subtype == "channel_join":
            raise Refused(error)
        return message

    def react(self, user: str, channel: str, ts: str, name: str) -> Act:
        """Raises Refused."""
        message = self._workspace.message(channel, ts)
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise Refused("already_reacted")
        users.append(user)
        return Act(message=message, deliveries=self._events.reacted(message, name, user))

    def unreact(self, user: str, channel: str, ts: str, name: str) -> Act:
        """The app did not subscribe to this: only the page is told. Raises Refused."""
        message = self._workspace.message(channel, ts)
        users = message.reactions.get(name, [])
        if user not in users:
            raise Refused("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._events.show(message)
        return Act(message=message)

    def join(self, user: str, channel: str) -> Act:
        """Raises Refused."""
        place = self._workspace.channel(channel)
        if user in place.members:
            raise Refused("already_in_channel")
        place.members.append(user)
        text = f"<@{user}> has joined the channel"
        ts = self._workspace.new_ts()
        message = Message(ts=ts, channel=channel, user=user, text=text, subtype="channel_join")
        self._workspace.add(message)
        return Act(message=message, deliveries=self._events.joined(message))

    def leave(self, user: str, channel: str) -> None:
        """Raises Refused."""
        place = self._workspace.channel(channel)
        if user not in place.members:
            raise Refused("not_in_channel")
        place.members.remove(user)

    def open_app(self, user: str, tab: Literal["home", "messages"]) -> Act:
        return Act(deliveries=self._events.opened_app(user, tab))

    def unfurl(self, channel: str, ts: str, title: str) -> Act:
        """Slack shows what a link leads to: to the app it looks like an edit, but nobody's."""
        message = self._workspace.message(channel, ts)
        before = self._events.json(message)
        message.attachments = [
            {"id": 1, "title": title, "fallback": title, "from_url": "https://shop.example/"}
        ]
        return Act(message=message, deliveries=self._events.changed(message, before))
