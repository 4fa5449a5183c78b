"""The composition root: every part is made here by a plain constructor call, and the process lives and ends here."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from aiohttp import web
from redis.asyncio import Redis

from bots import menus
from bots.adapters import Platforms, adapters
from bots.played import sandbox_config
from bots.running import Work, led, opening, pause, working
from bots.sandbox.server import Sandbox
from bots.settings import SHIPPED, Settings
from bots.slack.app import SlackPlatform
from bots.slack.desk.events import DeskEvents
from bots.slack.desk.members import Members
from bots.telegram import webhook as telegram_webhook
from bots.telegram.channel import TelegramChannel
from bots.telegram.polling import poll
from bots.web import Readiness, make_web
from bots.wechat import webhook as wechat_webhook
from core.delivery.files import FileStore
from core.delivery.leases import oldest_due
from core.delivery.media import MediaFetcher
from core.delivery.outbox import Outbox
from core.delivery.pacing import MemoryPacing, RedisPacing
from core.delivery.timers import Timers
from core.delivery.wakeup import MemoryWakeup, RedisWakeup
from core.errors import DatabaseAway
from core.helpdesk.agents import Agents
from core.helpdesk.quarantine import Quarantine
from core.helpdesk.users import Users
from core.messages import Say
from core.metrics import Metrics
from core.publishing import Publishing
from core.storage import views
from core.storage.engine import Storage
from core.storage.migrate import migrate as migrate_storage
from core.storage.turns import Turns

log = structlog.get_logger()

LOOK = 5.0
"""Seconds between two looks at whether the database is there, and how much waits in it."""
WEB_GRACE, SEND_GRACE = 5.0, 4.5
"""Seconds that turns, then sends, in hand get at the end: together less than ten."""


def clock() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What stands between the platforms' doors and the database."""

    storage: Storage
    redis: Redis | None
    publishing: Publishing
    platforms: Platforms
    wakeup: MemoryWakeup | RedisWakeup
    metrics: Metrics
    users: Users
    agents: Agents
    quarantine: Quarantine


async def migrate(settings: Settings) -> list[str]:
    """Bring the database up to date; the names of what was applied. Raises DatabaseAway."""
    return await migrate_storage(settings.database_url)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Storage]:
    """The database, up to date, for reading. Raises DatabaseAway."""
    await migrate(settings)
    storage = await Storage.open(settings.database_url)
    try:
        yield storage
    finally:
        await storage.close()


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Parts]:
    """Every part but what listens and what works in the background. Raises DatabaseAway or Invalid."""
    async with AsyncExitStack() as stack:
        publishing = content(settings)
        await publishing.load()
        storage = await stack.enter_async_context(opened(settings))
        redis = Redis.from_url(settings.redis_url, socket_timeout=2) if settings.redis_url else None
        if redis:
            stack.push_async_callback(redis.aclose)
        platforms = await stack.enter_async_context(
            adapters(settings, redis, partial(_desk_text, publishing))
        )
        wakeup = RedisWakeup(redis) if redis else MemoryWakeup()
        metrics, turns = Metrics(), Turns(storage, clock)
        quarantine = Quarantine(turns, metrics)
        support_channel = settings.slack.support_channel if settings.slack else ""
        users = Users(
            turns=turns, publishing=publishing, channels=platforms.channels, support_channel=support_channel,
            wakeup=wakeup, metrics=metrics, quarantine=quarantine,
        )  # fmt: skip
        agents = Agents(
            turns=turns, publishing=publishing, support_channel=support_channel, wakeup=wakeup,
            metrics=metrics, quarantine=quarantine,
        )  # fmt: skip
        yield Parts(
            storage=storage, redis=redis, publishing=publishing, platforms=platforms, wakeup=wakeup,
            metrics=metrics, users=users, agents=agents, quarantine=quarantine,
        )  # fmt: skip


def content(settings: Settings) -> Publishing:
    """FAQ and texts, not yet read."""
    return Publishing(
        faq_dir=settings.faq_dir, texts_dir=settings.texts_dir, shipped_texts=SHIPPED / "texts",
        desk_language=settings.slack.language if settings.slack else "en",
    )  # fmt: skip


def _desk_text(publishing: Publishing, say: Say) -> str:
    return publishing.current.desk_text(say)


def _hint(publishing: Publishing, language: str) -> str:
    return publishing.current.texts.render(Say(name="choices.hint"), language)


async def serve(settings: Settings, roles: frozenset[str], announce: Callable[[str], None]) -> None:
    """Run the roles (web, worker) until SIGINT or SIGTERM; then finish what is in hand, within 10 s."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with running(settings, roles) as sandbox:
        if sandbox:
            announce(f"Onethread's sandbox is at {sandbox.url}")
        log.info("running", roles=sorted(roles))
        await stop.wait()
        log.info("stopping")


@asynccontextmanager
async def running(settings: Settings, roles: frozenset[str]) -> AsyncIterator[Sandbox | None]:
    """All that the roles need, ready to take traffic; in the order in which it is closed backwards."""
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(assembled(settings))
        sandbox = Sandbox(sandbox_config(settings)) if settings.sandbox.enabled and "web" in roles else None
        if sandbox:
            await sandbox.start()
            stack.push_async_callback(sandbox.stop)
        readiness = Readiness("database")
        works: dict[str, Work] = {
            "content": parts.publishing.watch,
            "looks": partial(_look, parts, readiness),
        }
        if isinstance(parts.wakeup, RedisWakeup):
            works["wakeup"] = parts.wakeup.run
        if "worker" in roles:
            works |= workers(settings, parts)
        slack = slack_of(settings, parts) if "web" in roles else None
        if slack:
            stack.push_async_callback(slack.close)
        works |= openings(parts, slack)
        if sandbox:
            works["opening menus"] = opening(
                "menus", partial(menus.publish, parts.platforms, parts.publishing, settings.played)
            )
        await stack.enter_async_context(working(works))
        if "web" in roles:
            await stack.enter_async_context(listening(settings, parts, slack, readiness))
        yield sandbox


def workers(settings: Settings, parts: Parts) -> dict[str, Work]:
    """What sends, fetches, wakes up and polls."""
    storage, platforms, wakeup = parts.storage, parts.platforms, parts.wakeup
    pacing = RedisPacing(parts.redis, clock) if parts.redis else MemoryPacing(clock)
    files = FileStore(settings.files_dir)
    outbox = Outbox(
        storage=storage, clock=clock, channels=platforms.channels, desk=platforms.desk,
        text=partial(_desk_text, parts.publishing),
        hint=partial(_hint, parts.publishing),
        card=partial(views.card, storage), wakeup=wakeup, pacing=pacing, files=files, metrics=parts.metrics,
        lost_send=settings.lost_send, grace=SEND_GRACE,
    )  # fmt: skip
    media = MediaFetcher(
        storage=storage, clock=clock, channels=platforms.channels, desk=platforms.desk, files=files,
        wakeup=wakeup,
    )  # fmt: skip
    timers = Timers(storage=storage, clock=clock, fire=parts.users.fired, wakeup=wakeup)
    polling = {
        f"polling {channel.account}": led(
            parts.redis, f"telegram:{channel.account}", partial(_poll, channel, parts.users)
        )
        for channel in platforms.telegram
        if channel.mode == "polling"
    }
    return {"outbox": outbox.run, "media": media.run, "timers": timers.run, **polling}


async def _poll(channel: TelegramChannel, users: Users, stop: asyncio.Event) -> None:
    await poll(channel, users, stop)


def slack_of(settings: Settings, parts: Parts) -> SlackPlatform | None:
    """Where Slack's events come in, for people and for agents."""
    api, desk = parts.platforms.api, parts.platforms.desk
    if settings.slack is None or api is None or desk is None:
        return None
    members = Members(api, settings.slack.support_channel, clock)
    events = DeskEvents(api, parts.agents, desk, members)
    return SlackPlatform(settings.slack, api, parts.users, events, clock)


def openings(parts: Parts, slack: SlackPlatform | None) -> dict[str, Work]:
    """A platform that is away when we start is opened later, and keeps nobody waiting."""
    opened_by = {f"telegram {channel.account}": channel.open for channel in parts.platforms.telegram}
    if slack:
        opened_by["slack"] = slack.open
    return {f"opening {name}": opening(name, open_) for name, open_ in opened_by.items()}


@asynccontextmanager
async def listening(
    settings: Settings, parts: Parts, slack: SlackPlatform | None, readiness: Readiness
) -> AsyncIterator[None]:
    """Take requests on ``[http] host, port``. Raises OSError where the port is taken."""
    routes = [
        *wechat_webhook.routes(parts.platforms.wechat, parts.users, clock),
        *telegram_webhook.routes(parts.platforms.telegram, parts.users),
        *(slack.routes() if slack else ()),
    ]
    runner = web.AppRunner(
        make_web(routes, readiness, parts.metrics), access_log=None, shutdown_timeout=WEB_GRACE
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.http.host, settings.http.port).start()
        yield
    finally:
        readiness.set("database", False)
        await runner.cleanup()


async def _look(parts: Parts, readiness: Readiness, stop: asyncio.Event) -> None:
    """Ready while the database answers; what waits in it is told to the metrics."""
    while not stop.is_set():
        try:
            counts = await views.counts(parts.storage)
            waited = await oldest_due(parts.storage, clock())
        except DatabaseAway:
            readiness.set("database", False)
        else:
            readiness.set("database", True)
            parts.metrics.outbox_due_age.set(waited)
            for what, count in counts.items():
                parts.metrics.stock.labels(what=what).set(count)
        await pause(stop, LOOK)
