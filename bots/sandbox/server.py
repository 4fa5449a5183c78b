"""The sandbox: one local server that plays all three platforms and serves the page to play every side."""

import aiohttp
from aiohttp import web

from bots.sandbox.backend import Backend
from bots.sandbox.config import SandboxConfig
from bots.sandbox.guard import guard, harden, is_loopback
from bots.sandbox.hub import Hub, Json
from bots.sandbox.pace import REAL, Pace
from bots.sandbox.slack import SlackStand
from bots.sandbox.telegram.stand import TelegramStand
from bots.sandbox.wechat.stand import WeChatStand

BODY_LIMIT = 64 * 1024 * 1024
"""More than any platform takes, so that each refuses in its own words."""
GRACE = 0.2
"""Seconds that calls in hand get to end when the sandbox stops."""


class Sandbox:
    """Tests use it in process::

        sandbox = Sandbox(config)
        await sandbox.start()                      # sandbox.url is the platforms' api_base
        phone = sandbox.wechat.phone("shop")       # or sandbox.telegram
        pushed = await phone.say("怎么退货")        # pushed.status, pushed.text: the webhook's answer
        await sandbox.hub.until(lambda: phone.messages[-1]["from"] == "bot")
        sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="429"))
        await sandbox.stop()

    ``hub.until`` is woken by every change. ``slack`` is None where the configuration has no Slack.
    """

    def __init__(self, config: SandboxConfig, pace: Pace = REAL) -> None:
        self._config = config
        self._port = config.port
        self.hub = Hub()
        self.wechat = WeChatStand(config.wechat, self.hub, pace)
        self.telegram = TelegramStand(config.telegram, self.hub, pace)
        self.slack = (
            SlackStand(config.slack, self.hub, patience=pace.slack_patience, retries=pace.slack_retries)
            if config.slack
            else None
        )
        self._backend = Backend(self.hub, self._state, self._reset, pace)
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where it answers; with ``port`` 0 known once it has started."""
        host = "127.0.0.1" if self._config.host in ("0.0.0.0", "::", "") else self._config.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        # Whoever hangs up ends the call: time-outs on demand, long polls and the page's stream hang on that.
        self._runner = web.AppRunner(
            self._application(), access_log=None, handler_cancellation=True, shutdown_timeout=GRACE
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._config.host, self._config.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        self._http = aiohttp.ClientSession()
        await self.wechat.start(self._http, self.url)
        await self.telegram.start(self._http)
        if self.slack:
            await self.slack.start(self._http, self.url)

    async def stop(self) -> None:
        """End streams and pushes, then close."""
        await self._backend.stop()
        await self.wechat.stop()
        await self.telegram.stop()
        if self.slack:
            await self.slack.stop()
        if self._http:
            await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        exposed = not is_loopback(self._config.host)
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[guard(exposed)])
        if self.slack:
            app.add_routes(self.slack.routes())
        app.add_routes([*self.wechat.routes(), *self.telegram.routes(), *self._backend.routes()])
        app.on_response_prepare.append(harden)
        return app

    def _state(self) -> Json:
        slack = self.slack.state() if self.slack else {"slack_users": [], "dms": [], "channels": []}
        return {**self.wechat.state(), **self.telegram.state(), **slack}

    def _reset(self) -> None:
        self.wechat.reset()
        self.telegram.reset()
        if self.slack:
            self.slack.reset()
