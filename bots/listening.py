"""Where platforms come in: one HTTP server for their webhooks, one poller of many, and each opened when it can be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web
from redis.asyncio import Redis

from bots.adapters import Platforms
from bots.running import Work, led, opening
from bots.settings import Http
from bots.slack.app import SlackPlatform
from bots.slack.desk.events import DeskEvents
from bots.slack.entrance import AdminDoor
from bots.slack.settings import SlackSettings
from bots.telegram import webhook as telegram_webhook
from bots.telegram.channel import TelegramChannel
from bots.telegram.polling import poll
from bots.web import Readiness, make_web
from bots.wechat import webhook as wechat_webhook
from core.helpdesk.users import Users
from core.metrics import Metrics
from core.ports import Clock

GRACE = 5.0
"""Seconds that turns in hand get at the end."""


def routes_of(
    platforms: Platforms, users: Users, slack: SlackPlatform | None, clock: Clock
) -> Sequence[web.RouteDef]:
    """The webhooks of all accounts."""
    return [
        *wechat_webhook.routes(platforms.wechat, users, clock),
        *telegram_webhook.routes(platforms.telegram, users),
        *(slack.routes() if slack else ()),
    ]


def slack_of(
    settings: SlackSettings,
    platforms: Platforms,
    users: Users,
    desk: DeskEvents,
    admins: AdminDoor | None,
    clock: Clock,
) -> SlackPlatform | None:
    """Where Slack's events come in, for people, for agents and for admins."""
    if platforms.api is None:
        return None
    return SlackPlatform(settings, platforms.api, users, desk, clock, admins)


@asynccontextmanager
async def listening(
    http: Http, routes: Sequence[web.RouteDef], readiness: Readiness, metrics: Metrics
) -> AsyncIterator[None]:
    """Take requests on ``[http] host, port``. Raises OSError where the port is taken."""
    runner = web.AppRunner(make_web(routes, readiness, metrics), access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, http.host, http.port).start()
        yield
    finally:
        readiness.set("database", False)
        await runner.cleanup()


def openings(platforms: Platforms, slack: SlackPlatform | None) -> dict[str, Work]:
    """A platform that is away when we start is opened later, and keeps nobody waiting."""
    opened_by = {f"telegram {channel.account}": channel.open for channel in platforms.telegram}
    if slack:
        opened_by["slack"] = slack.open
    return {f"opening {name}": opening(name, open_) for name, open_ in opened_by.items()}


def pollings(platforms: Platforms, users: Users, redis: Redis | None) -> dict[str, Work]:
    """Telegram's accounts that have no webhook, each asked by one process of all."""
    return {
        f"polling {channel.account}": led(
            redis, f"telegram:{channel.account}", partial(_poll, channel, users)
        )
        for channel in platforms.telegram
        if channel.mode == "polling"
    }


async def _poll(channel: TelegramChannel, users: Users, stop: asyncio.Event) -> None:
    await poll(channel, users, stop)
