"""Slack's servers, played on this machine: a workspace with our app in it, strict where the real ones are."""

from collections.abc import Mapping, Sequence

import aiohttp
from aiohttp import web

from bots.sandbox.config import SlackSide
from bots.sandbox.hub import Hub, Json
from bots.sandbox.slack.acts import Act, Acts
from bots.sandbox.slack.background import Background
from bots.sandbox.slack.calls import Args, Call
from bots.sandbox.slack.courier import JSON, PATIENCE, RETRIES, Answer, Courier, Delivery
from bots.sandbox.slack.desktops import Desktops
from bots.sandbox.slack.events import Events
from bots.sandbox.slack.faults import Faults
from bots.sandbox.slack.file_server import FileServer
from bots.sandbox.slack.interactions import Interactions
from bots.sandbox.slack.page_actions import PageActions
from bots.sandbox.slack.players import Player
from bots.sandbox.slack.reply_addresses import ReplyAddresses
from bots.sandbox.slack.shapes import page_state
from bots.sandbox.slack.socket_mode import SocketMode
from bots.sandbox.slack.triggers import Triggers
from bots.sandbox.slack.web_api import SCOPES, WebApi
from bots.sandbox.slack.workspace import Channel, Message, Role, Workspace

COMMANDS = frozenset({"/onethread"})


class SlackStand:
    """One workspace. Tests play its people and look at what the app did:

    ``mei = stand.agent("UMEI")``; ``await hub.until(lambda: stand.support.messages)`` waits for a card;
    ``mei.reply(card.ts, "Hello")`` answers, ``await mei.press(card.ts, "claim").answer()`` gives the webhook's answer;
    ``stand.customer("ULIN").say("運費多少？")`` asks; ``stand.thread(ts)`` is a thread with its first message.

    ``patience`` and ``retries`` are seconds: how long the app may take, and the pauses before further attempts.
    ``scopes`` can be taken away, ``post_interval`` set, ``triggers.lives`` prolonged. ``stop`` it before the server.
    """

    def __init__(
        self,
        side: SlackSide,
        hub: Hub,
        *,
        patience: float = PATIENCE,
        retries: Sequence[float] = RETRIES,
        commands: frozenset[str] = COMMANDS,
    ) -> None:
        self._hub = hub
        self._background = Background()
        self._faults = Faults(hub)
        self.scopes = set(SCOPES)
        self.workspace = Workspace(side, hub.now)
        self.sockets = SocketMode(hub, self._background)
        self._courier = Courier(side, hub, self.sockets, self._background, patience=patience, retries=retries)
        self._events = Events(self.workspace, hub, self._courier, self._background)
        self._acts = Acts(self.workspace, self._events, hub)
        self.triggers = Triggers(hub)
        self._desktops = Desktops(self._events)
        self._replies = ReplyAddresses(self._events, hub)
        self._interactions = Interactions(
            self._events, self._acts, self._courier, self.triggers, self._replies, self._desktops, commands
        )
        self._api = WebApi(side, self._world(), self._faults)
        self._file_server = FileServer(side, self.workspace, self.scopes, hub, self._faults)
        self._page = PageActions(self.workspace, self._acts, self._interactions, hub)

    def _world(self) -> Call:
        return Call(
            args=Args(),
            scopes=self.scopes,
            workspace=self.workspace,
            events=self._events,
            acts=self._acts,
            triggers=self.triggers,
            desktops=self._desktops,
            hub=self._hub,
            socket_address=self.sockets.address,
        )

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/{method}", self._api.handle),
            web.post("/api/{method}", self._api.handle),
            web.get("/link/", self.sockets.connect),
            web.post("/upload/v1/{key}", self._file_server.upload),
            web.get("/files-pri/{file}/{key}", self._file_server.download),
            web.get("/files-pri/{file}/download/{key}", self._file_server.download),
            web.post("/actions/{team}/{key}", self._replies.answered),
            web.post("/sandbox/slack/{user}/{verb}", self._page.act),
            web.post("/sandbox/people/slack", self._page.newcomer),
        ]

    def state(self) -> Json:
        """``slack_users``, ``dms`` and ``channels`` for the page."""
        return page_state(self.workspace)

    async def start(self, http: aiohttp.ClientSession, origin: str = "") -> None:
        """From now on events leave for the app. ``origin``: where files are fetched, until it calls and we know."""
        self._events.origin = origin or self._events.origin
        self._courier.open(http)

    async def stop(self) -> None:
        """Give up what is under way, end the websockets. The server can then close without waiting."""
        self._faults.stop()
        await self._background.stop()
        await self.sockets.stop()

    def reset(self) -> None:
        """An empty workspace again; what was on its way to the app is given up."""
        self._background.drop()
        for part in (
            self.workspace,
            self._courier,
            self.triggers,
            self._desktops,
            self._replies,
            self.sockets,
        ):
            part.reset()

    # What tests see and do besides playing people.

    def agent(self, id: str = "UMEI") -> Player:
        return self._player(id, "agent")

    def admin(self, id: str = "UADA") -> Player:
        """Steers the FAQ, and answers nobody."""
        return self._player(id, "admin")

    def customer(self, id: str = "ULIN") -> Player:
        return self._player(id, "customer")

    def colleague(self, id: str = "UPAT") -> Player:
        """Works here, but is no member of the support channel."""
        return self._player(id, "colleague")

    def newcomer(self, name: str = "", locale: str = "") -> Player:
        """Another customer."""
        user = self.workspace.newcomer(name, locale)
        self._events.show_people()
        return self._player(user.id, "customer")

    def _player(self, id: str, role: Role) -> Player:
        user = self.workspace.user(id)
        assert user.role == role, f"{id} is no {role}"
        return Player(
            user=user,
            workspace=self.workspace,
            acts=self._acts,
            interactions=self._interactions,
            desktops=self._desktops,
            hub=self._hub,
        )

    @property
    def support(self) -> Channel:
        return self.workspace.support

    def channel(self, id: str) -> Channel:
        return self.workspace.channel(id)

    def thread(self, ts: str) -> list[Message]:
        """The message and the replies that hang on it, oldest first."""
        root = self.workspace.find(ts)
        return [root, *self.workspace.channel(root.channel).replies(ts)]

    @property
    def deliveries(self) -> list[Delivery]:
        """All that was sent to the app so far, oldest first."""
        return list(self._courier.sent)

    @property
    def post_interval(self) -> float:
        """Seconds between two posts in one Slack channel; 0: no limit. On Slack about 1."""
        return self._api.post_interval

    @post_interval.setter
    def post_interval(self, seconds: float) -> None:
        self._api.post_interval = seconds

    @property
    def shut_out(self) -> str:
        """Slack's word for why the app may do nothing here (``token_revoked``, ``account_inactive``); "": it may."""
        return self._api.shut_out

    @shut_out.setter
    def shut_out(self, why: str) -> None:
        self._api.shut_out = why

    @property
    def called(self) -> Mapping[str, int]:
        """How often each method was called, those included that were refused for coming too often."""
        return self._api.called

    def remove(self, ts: str) -> Act:
        """An administrator deletes a message, whoever wrote it."""
        return self._acts.remove(ts)

    def by_other_app(self, thread: str, text: str) -> Act:
        """Another app's bot writes in a thread."""
        return self._acts.by_other_app(thread, text)

    async def repeat(self, delivery: Delivery | None = None) -> Answer:
        """The last thing sent (or this one) exactly again, as a retry whose first answer was lost."""
        again = delivery or self._courier.sent[-1]
        headers = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
        return await self._courier.push(again.body, again.content_type, headers=headers)

    async def push(
        self,
        body: bytes,
        content_type: str = JSON,
        *,
        headers: Mapping[str, str] | None = None,
        secret: str | None = None,
        timestamp: str | None = None,
    ) -> Answer:
        """Any bytes to the webhook; ``secret`` and ``timestamp`` forge the signature."""
        return await self._courier.push(
            body, content_type, headers=headers, secret=secret, timestamp=timestamp
        )

    def unfurl(self, ts: str, title: str = "A link") -> Act:
        """Slack adds a preview to a message: an edit that nobody made."""
        return self._acts.unfurl(self.workspace.find(ts).channel, ts, title)
