"""Slack's way in: the webhook and Socket Mode lead through one Bolt app to one entrance."""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bots.slack.api import SlackApi
from bots.slack.entrance import AdminDoor, DeskDoor, Entrance
from bots.slack.settings import SlackSettings
from bots.slack.shapes import Body
from bots.slack.sockets import Socket
from bots.slack.webhook import Outcome, Signatures, Webhook
from core.errors import DatabaseAway
from core.ports import Clock, UserDoor

log = structlog.get_logger()

RECEIVED = "received"
"""Where the Bolt context carries the bytes as they came."""


class SlackPlatform:
    """Everything that Slack tells us, for the desk and for people who write to the app directly."""

    def __init__(
        self,
        settings: SlackSettings,
        api: SlackApi,
        users: UserDoor,
        desk: DeskDoor,
        clock: Clock,
        admins: AdminDoor | None = None,
    ) -> None:
        self._api = api
        self._desk = desk
        self._admins = admins
        self._entrance = Entrance(api, users, desk, admins, clock)
        self._bolt = AsyncApp(
            name="onethread",
            client=api.client,
            before_authorize=_Everything(self._entrance),
            request_verification_enabled=False,  # done by the webhook, by our clock; Socket Mode has no signatures
            ssl_check_enabled=False,  # it would answer unsigned requests
            ignoring_self_events_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
        )
        secret, app_token = settings.signing_secret.get_secret_value(), settings.app_token.get_secret_value()
        self._webhook = Webhook(Signatures(secret, clock), self._dispatch) if secret else None
        self._socket = Socket(api, app_token, self._dispatch) if app_token else None

    def routes(self) -> list[web.RouteDef]:
        """None without a signing secret: what can't be verified is not let in."""
        return self._webhook.routes() if self._webhook else []

    async def open(self) -> None:
        """Ask Slack who we are, and connect where Socket Mode is set. Raises RetryLater or Rejected."""
        await self._api.identify()
        if self._socket:
            await self._socket.open()

    async def hears(self) -> bool:
        """Whether Slack can tell us of anything now: by the webhook always, as far as we know."""
        return self._socket is None or await self._socket.is_open()

    async def close(self) -> None:
        """Finish what came over Socket Mode, hang up, and finish what agents and admins asked for."""
        if self._socket:
            await self._socket.close()
        await self._desk.close()
        if self._admins:
            await self._admins.close()

    async def _dispatch(self, body: Body, payload: bytes) -> Outcome:
        """200 done or kept, 503 come again."""
        try:
            request = AsyncBoltRequest(body=dict(body), mode="socket_mode", context={RECEIVED: payload})
        except (TypeError, ValueError, AttributeError, LookupError, RecursionError):
            return await self._keep(payload)  # Bolt wants ids at once and trips over odd shapes
        answer = await self._bolt.async_dispatch(request)
        return Outcome(status=answer.status, body=answer.body)

    async def _keep(self, payload: bytes) -> Outcome:
        try:
            await self._entrance.keep(payload, "a shape that isn't Slack's")
        except DatabaseAway:
            return Outcome(status=503)
        return Outcome(status=200)


class _Everything(AsyncMiddleware):
    """Answers each request itself, so that nothing of Bolt's comes after it.

    A function as middleware would do, but before it is called Bolt reads the body again and may trip.
    """

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        try:
            answer = await self._entrance.take(req.body, req.context[RECEIVED])
        except DatabaseAway as away:
            log.warning("slack_must_come_again", why=str(away))
            return BoltResponse(status=503)
        return BoltResponse(status=200, body=dict(answer) if answer else "")
