"""People of the workspace as tests play them: ``stand.agent("UMEI").reply(ts, "Hello")``.

Everything happens in the workspace at once and returns an ``Act``; the app is told in the background. Whoever needs
the webhook's final answer awaits it: ``await stand.agent("UMEI").reply(ts, "Hello").answer()``. What Slack would not
let them do raises ``Refused``. Text is as it is typed: ``@Tom`` becomes a mention, ``<`` is escaped.
"""

import mimetypes
from dataclasses import dataclass
from typing import Literal

from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.acts import Act, Acts
from bots.sandbox.slack.desktops import Desktop, Desktops
from bots.sandbox.slack.interactions import Interactions
from bots.sandbox.slack.workspace import Message, Refused, User, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One user. Messages are named by their ts alone: in this workspace it is never given twice."""

    user: User
    workspace: Workspace
    acts: Acts
    interactions: Interactions
    desktops: Desktops
    hub: Hub

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def dm(self) -> str:
        """The Slack channel of the direct messages with the app."""
        return self.workspace.dm(self.id).id

    @property
    def messages(self) -> list[Message]:
        """The direct messages with the app, both ways, oldest first, whispers among them."""
        return self.seen(self.dm)

    @property
    def answers(self) -> list[str]:
        """The words of what the app said in the direct messages (text and blocks), oldest first."""
        return [message.words for message in self.messages if message.by_app]

    @property
    def whispers(self) -> list[Message]:
        """What was said to this user alone, wherever."""
        everywhere = self.workspace.channels.values()
        return [one for place in everywhere for one in place.posts.values() if one.whispered_to == self.id]

    @property
    def desktop(self) -> Desktop:
        """Modals and the app's home tab."""
        return self.desktops.of(self.id)

    def seen(self, channel: str) -> list[Message]:
        """What this user sees in a Slack channel."""
        posts = self.workspace.channel(channel).posts.values()
        return [one for one in posts if not one.deleted and one.whispered_to in ("", self.id)]

    def say(self, text: str) -> Act:
        """To the app, directly."""
        return self.post(text, channel=self.dm)

    def post(self, text: str, *, channel: str = "") -> Act:
        """Into a Slack channel, the support channel unless said otherwise. ``/words`` are a command."""
        return self._write(channel or self.workspace.support.id, text, "", False)

    def reply(self, thread: str, text: str, *, broadcast: bool = False) -> Act:
        """In a thread; ``broadcast`` shows it in the Slack channel too."""
        return self._write(self._where(thread), text, thread, broadcast)

    def _write(self, channel: str, text: str, thread: str, broadcast: bool) -> Act:
        if text.startswith("/"):
            return self.interactions.command(self.id, channel, text, thread)
        return self.acts.post(self.id, channel, text, thread=thread, broadcast=broadcast)

    def _where(self, ts: str) -> str:
        return self.workspace.find(ts).channel

    def upload(
        self, *files: tuple[str, bytes], text: str = "", thread: str = "", channel: str = "", mime: str = ""
    ) -> Act:
        """Files (name and bytes) in one message: into a thread, a Slack channel, or (neither given) to the app."""
        place = self._where(thread) if thread else channel or self.dm
        kept = [
            self.hub.keep(data, name, mime or mimetypes.guess_type(name)[0] or "application/octet-stream")
            for name, data in files
        ]
        return self.acts.post(self.id, place, text, thread=thread, files=kept)

    def press(self, ts: str, action_id: str, *, value: str = "", block_id: str = "") -> Act:
        """A button by its ``action_id``; in a menu the option ``value``."""
        where = self._where(ts)
        return self.interactions.press(self.id, where, ts, action_id, value=value, block_id=block_id)

    def tap(self, action_id: str, *, value: str = "", block_id: str = "", values: Json | None = None) -> Act:
        """A button of the modal on top; ``values`` are what was filled in so far."""
        return self.interactions.press_in_modal(
            self.id, action_id, value=value, block_id=block_id, values=values
        )

    def tap_at_home(self, action_id: str, *, value: str = "", block_id: str = "") -> Act:
        """A button on the app's home tab."""
        return self.interactions.press_at_home(self.id, action_id, value=value, block_id=block_id)

    def shortcut(self, ts: str, callback_id: str) -> Act:
        """One of the app's shortcuts on a message."""
        return self.interactions.shortcut(self.id, self._where(ts), ts, callback_id)

    def choose(self, label: str) -> Act:
        """The button that reads so, on the newest of the app's direct messages that has one."""
        for message in reversed(self.messages):
            for button in message.buttons:
                if button.label == label:
                    return self.press(message.ts, button.action_id, block_id=button.block_id)
        raise Refused("no such button")

    def edit(self, ts: str, text: str) -> Act:
        return self.acts.edit(self.id, self._where(ts), ts, text)

    def delete(self, ts: str) -> Act:
        return self.acts.delete(self.id, self._where(ts), ts)

    def react(self, ts: str, name: str) -> Act:
        return self.acts.react(self.id, self._where(ts), ts, name)

    def unreact(self, ts: str, name: str) -> Act:
        return self.acts.unreact(self.id, self._where(ts), ts, name)

    def join(self, channel: str = "") -> Act:
        return self.acts.join(self.id, channel or self.workspace.support.id)

    def leave(self, channel: str = "") -> None:
        self.acts.leave(self.id, channel or self.workspace.support.id)

    def open_app(self, tab: Literal["home", "messages"] = "messages") -> Act:
        return self.acts.open_app(self.id, tab)

    def close(self) -> None:
        """The modal on top."""
        self.interactions.close(self.id)

    def submit(self, values: Json | None = None) -> Act:
        """Send the modal on top, ``{block_id: {action_id: value}}`` filled in."""
        return self.interactions.submit(self.id, values or {})
