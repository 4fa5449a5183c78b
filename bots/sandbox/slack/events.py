"""Whatever changes in the workspace is told twice: to the page that shows it, and to the app as an event."""

import re
import secrets
from typing import Literal

from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.background import Background
from bots.sandbox.slack.courier import Courier, Delivery, parcel
from bots.sandbox.slack.shapes import message_json, page_message, page_view
from bots.sandbox.slack.workspace import APP, BOT, TEAM, Channel, Message, Workspace

MENTION = re.compile(rf"<@{BOT}(\||>)")
TYPES = {"channel": "C", "group": "G", "im": "D"}


class Events:
    """``origin`` is scheme and host under which the app reaches Slack: addresses of files begin with it."""

    def __init__(self, workspace: Workspace, hub: Hub, courier: Courier, background: Background) -> None:
        self.workspace = workspace
        self.origin = "http://127.0.0.1"
        self._hub = hub
        self._courier = courier
        self._background = background

    def json(self, message: Message, *, metadata: bool = False) -> Json:
        return message_json(message, self.workspace, self.origin, metadata=metadata)

    def posted(self, message: Message) -> list[Delivery]:
        """A new message; one that calls the app in a Slack channel goes out twice, as on Slack."""
        self.show(message)
        channel = self.workspace.channels[message.channel]
        event = {**self.json(message, metadata=True), **self._place(channel, message.ts)}
        if message.files and not message.subtype:
            event |= {"subtype": "file_share", "upload": False, "display_as_bot": False}
        if message.broadcast:
            root = channel.posts[message.thread]
            event |= {"subtype": "thread_broadcast", "root": self.json(root)}
        sent = self._tell(event, channel)
        if channel.kind != "im" and MENTION.search(message.text) and not message.by_app:
            bare = {name: event[name] for name in event if name not in ("subtype", "channel_type")}
            sent += self._tell({**bare, "type": "app_mention"}, channel)
        return sent

    def changed(self, message: Message, before: Json) -> list[Delivery]:
        """After an edit or an unfurl; ``before`` is the message's JSON from then."""
        self.show(message)
        return self._about(message, "message_changed", {"message": self.json(message)}, before)

    def deleted(self, message: Message, before: Json) -> list[Delivery]:
        """The first message of a thread leaves a tombstone: Slack calls that a change."""
        self.show(message)
        if self.workspace.channels[message.channel].replies(message.ts):
            return self._about(message, "message_changed", {"message": self.json(message)}, before)
        return self._about(message, "message_deleted", {"deleted_ts": message.ts}, before)

    def _about(self, message: Message, subtype: str, what: Json, before: Json) -> list[Delivery]:
        channel = self.workspace.channels[message.channel]
        ts = self.workspace.new_ts()
        head = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts}
        return self._tell({**head, **what, "previous_message": before, **self._place(channel, ts)}, channel)

    def reacted(self, message: Message, name: str, user: str) -> list[Delivery]:
        self.show(message)
        channel = self.workspace.channels[message.channel]
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        event = {"type": "reaction_added", "user": user, "reaction": name, "item": item}
        author = {} if message.by_app and message.username else {"item_user": message.user}
        return self._tell({**event, **author, "event_ts": self.workspace.new_ts()}, channel)

    def joined(self, message: Message) -> list[Delivery]:
        """``message`` is Slack's own line about it, by the one who came."""
        channel = self.workspace.channels[message.channel]
        place = {"channel": channel.id, "channel_type": TYPES[channel.kind], "team": TEAM}
        event = {"type": "member_joined_channel", "user": message.user, **place, "event_ts": message.ts}
        return [*self._tell(event, channel), *self.posted(message)]

    def opened_app(self, user: str, tab: Literal["home", "messages"]) -> list[Delivery]:
        dm = self.workspace.dm(user)
        event = {"type": "app_home_opened", "user": user, "channel": dm.id, "tab": tab}
        return self._tell({**event, "event_ts": self.workspace.new_ts()}, dm)

    def _place(self, channel: Channel, ts: str) -> Json:
        return {"channel": channel.id, "channel_type": channel.kind, "event_ts": ts}

    def _tell(self, event: Json, channel: Channel) -> list[Delivery]:
        """What happens where the app is not a member, it is never told."""
        if BOT not in channel.members:
            return []
        return [self._courier.send(parcel("events_api", self._envelope(event)), lane=channel.id)]

    def _envelope(self, event: Json) -> Json:
        authorization = {
            "enterprise_id": None,
            "team_id": TEAM,
            "user_id": BOT,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(float(event["event_ts"])),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": secrets.token_hex(12),
        }

    def show(self, message: Message) -> None:
        """Let the page draw the message as it is by then."""
        self._background.start(self._publish_message(message))

    async def _publish_message(self, message: Message) -> None:
        channel = self.workspace.channels.get(message.channel)
        if channel is None:
            return
        place = {"what": "dm", "user": channel.person} if channel.person else {"what": "channel"}
        await self._hub.publish({**place, "channel": channel.id, "message": page_message(message)})

    def show_view(self, user: str, view: Json | None, errors: Json | None = None) -> None:
        """The modal on top (None: all are closed), with what is wrong in it by ``block_id``."""
        shown = page_view(view, self.workspace) if view else None
        event = {"what": "modal", "user": user, "view": shown, "errors": errors or {}}
        self._background.start(self._hub.publish(event))

    def show_home(self, user: str, view: Json) -> None:
        self._background.start(self._hub.publish({"what": "home", "user": user, "view": view}))

    def show_people(self) -> None:
        self._background.start(self._hub.publish({"what": "phone", "platform": "slack"}))
