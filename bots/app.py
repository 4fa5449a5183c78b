"""The composition root: every part is made here by a plain constructor call, and the process lives and ends here."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from redis.asyncio import Redis

from bots import menus
from bots.adapters import Platforms, adapters
from bots.contents import department_name, hint, publisher, shared
from bots.desk_side import desk_of, proposing
from bots.ground import clock, opened
from bots.hearing import Hears, listening_to_desk
from bots.listening import listening, openings, pollings, routes_of, slack_of
from bots.played import sandbox_config
from bots.running import Work, led, opening, pause, working
from bots.sandbox.server import Sandbox
from bots.settings import Settings
from bots.slack.admin.side import AdminSide
from bots.slack.desk.bench import Reads, Verbs
from bots.slack.desk.events import DeskEvents
from bots.web import Readiness
from core.delivery.files import FileStore
from core.delivery.leases import oldest_due
from core.delivery.media import MediaFetcher
from core.delivery.outbox import Outbox
from core.delivery.pacing import MemoryPacing, RedisPacing
from core.delivery.timers import Timers
from core.delivery.wakeup import MemoryWakeup, RedisWakeup
from core.errors import DatabaseAway
from core.helpdesk import away
from core.helpdesk.admins import Admins
from core.helpdesk.agents import Agents
from core.helpdesk.desk_timers import is_desks
from core.helpdesk.hiding import hide
from core.helpdesk.learning import Learning
from core.helpdesk.lessons import Lessons
from core.helpdesk.listening import Listening
from core.helpdesk.quarantine import Quarantine
from core.helpdesk.users import Users
from core.metrics import Metrics
from core.publishing import Publishing
from core.storage import desk_answers, desk_views, views
from core.storage.desk_queue import queues
from core.storage.engine import Storage
from core.storage.turns import Turns

log = structlog.get_logger()

LOOK = 5.0
"""Seconds between two looks at whether the database is there, and how much waits in it."""
SEND_GRACE = 4.5
"""Seconds that sends in hand get at the end, after the turns' own: together less than ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What stands between the platforms' doors and the database."""

    storage: Storage
    redis: Redis | None
    publishing: Publishing
    platforms: Platforms
    wakeup: MemoryWakeup | RedisWakeup
    turns: Turns
    metrics: Metrics
    users: Users
    agents: Agents
    admins: Admins
    learning: Learning
    quarantine: Quarantine


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Parts]:
    """Every part but what listens and what works in the background. Raises DatabaseAway or Invalid."""
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(opened(settings))
        redis = await stack.enter_async_context(shared(settings))
        metrics, turns = Metrics(), Turns(storage, clock)
        wakeup = RedisWakeup(redis) if redis else MemoryWakeup()
        publishing = publisher(settings, storage, clock, wakeup, metrics)
        await publishing.load()
        platforms = await stack.enter_async_context(
            adapters(settings, redis, publishing.desk_text, partial(department_name, publishing))
        )
        quarantine = Quarantine(turns, metrics)
        support_channel = settings.slack.support_channel if settings.slack else ""
        users = Users(
            turns=turns, publishing=publishing, channels=platforms.channels, support_channel=support_channel,
            wakeup=wakeup, metrics=metrics, quarantine=quarantine,
        )  # fmt: skip
        agents = Agents(
            turns=turns, publishing=publishing, channels=platforms.channels, support_channel=support_channel,
            hide=partial(hide, publishing, clock), wakeup=wakeup, metrics=metrics, quarantine=quarantine,
        )  # fmt: skip
        yield Parts(
            storage=storage, redis=redis, publishing=publishing, platforms=platforms, turns=turns,
            wakeup=wakeup, metrics=metrics, users=users, agents=agents, quarantine=quarantine,
            admins=Admins(storage=storage, publishing=publishing, clock=clock),
            learning=Learning(
                storage=storage, publishing=publishing, clock=clock, confirmations=settings.faq.confirmations
            ),
        )  # fmt: skip


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
        admins = admins_of(settings, parts)
        works: dict[str, Work] = {
            "content": partial(parts.publishing.watch, on_refused=admins.tidings.refused if admins else None),
            "looks": partial(_look, parts, readiness),
        }
        if isinstance(parts.wakeup, RedisWakeup):
            works["wakeup"] = parts.wakeup.run
        if "worker" in roles:
            works |= workers(settings, parts)
        if admins:
            works["tidings"] = admins.tidings.run
        slack = None
        if settings.slack and "web" in roles and (desk := _desk(settings, parts)):
            events = admins.events if admins else None
            slack = slack_of(settings.slack, parts.platforms, parts.users, desk, events, clock)
            if slack:
                works["listening"] = await _listening(parts, desk, slack.hears)
                stack.push_async_callback(slack.close)
        works |= openings(parts.platforms, slack)
        if sandbox:
            works["opening menus"] = opening(
                "menus", partial(menus.publish, parts.platforms, parts.publishing, settings.played)
            )
        await stack.enter_async_context(working(works))
        if "web" in roles:
            routes = routes_of(parts.platforms, parts.users, slack, clock)
            await stack.enter_async_context(listening(settings.http, routes, readiness, parts.metrics))
        yield sandbox


def workers(settings: Settings, parts: Parts) -> dict[str, Work]:
    """What sends, fetches, wakes up and polls."""
    storage, platforms, wakeup = parts.storage, parts.platforms, parts.wakeup
    pacing = RedisPacing(parts.redis, clock) if parts.redis else MemoryPacing(clock)
    files = FileStore(settings.files_dir)
    outbox = Outbox(
        storage=storage, clock=clock, channels=platforms.channels, desk=platforms.desk,
        text=parts.publishing.desk_text,
        hint=partial(hint, parts.publishing),
        card=partial(views.card, storage), wakeup=wakeup, pacing=pacing, files=files, metrics=parts.metrics,
        lost_send=settings.lost_send, grace=SEND_GRACE,
    )  # fmt: skip
    media = MediaFetcher(
        storage=storage, clock=clock, channels=platforms.channels, desk=platforms.desk, files=files,
        wakeup=wakeup, faq=settings.faq_dir,
    )  # fmt: skip
    timers = Timers(storage=storage, clock=clock, fire=partial(_fire, parts), wakeup=wakeup)
    return {
        "outbox": outbox.run,
        "media": media.run,
        "timers": timers.run,
        "learning": led(parts.redis, "learning", parts.learning.run),
        **pollings(platforms, parts.users, parts.redis),
    }


async def _fire(parts: Parts, person_id: int, timer: str) -> None:
    """A person's own timer, or one of the desk's."""
    fired = parts.agents.fired if is_desks(timer) else parts.users.fired
    await fired(person_id, timer)


def _desk(settings: Settings, parts: Parts) -> DeskEvents | None:
    storage = parts.storage
    reads = Reads(
        card=partial(views.card, storage), history=partial(desk_views.history, storage),
        pictures=partial(desk_answers.pictures, storage), question=partial(desk_views.last_question, storage),
        answered=partial(desk_answers.answered, storage), home=partial(desk_views.home, storage),
    )  # fmt: skip
    verbs = Verbs(
        leave=partial(away.leave, parts.turns), come_back=partial(away.come_back, parts.turns),
        propose=proposing(settings, parts.admins),
    )  # fmt: skip
    return desk_of(settings, parts.platforms, parts.agents, parts.publishing, reads, verbs, clock)


async def _listening(parts: Parts, desk: DeskEvents, hears: Hears) -> Work:
    """To the desk, and to what it said while nobody did."""
    assert parts.platforms.api
    listens = Listening(storage=parts.storage, clock=clock)
    return await listening_to_desk(listens, parts.platforms.api, desk.take, parts.agents, hears)


def admins_of(settings: Settings, parts: Parts) -> AdminSide | None:
    """The admins' side, where somebody is listed as an admin."""
    api, storage, publishing = parts.platforms.api, parts.storage, parts.publishing
    if settings.slack is None or api is None or not settings.slack.admins:
        return None
    return AdminSide.of(
        settings.slack, api, publishing.desk_text, clock, publishing=publishing,
        admins=parts.admins,
        learning=parts.learning,
        lessons=Lessons(storage, publishing, clock),
    )  # fmt: skip


async def _look(parts: Parts, readiness: Readiness, stop: asyncio.Event) -> None:
    """Ready while the database answers; what waits in it is told to the metrics."""
    while not stop.is_set():
        try:
            counts = await views.counts(parts.storage)
            waited = await oldest_due(parts.storage, clock())
            waiting = await queues(parts.storage, clock())
        except DatabaseAway:
            readiness.set("database", False)
        else:
            readiness.set("database", True)
            parts.metrics.outbox_due_age.set(waited)
            parts.metrics.desk_queue_age.clear()
            for queue in waiting:
                parts.metrics.desk_queue_age.labels(channel=queue.channel).set(queue.age.total_seconds())
            for what, count in counts.items():
                parts.metrics.stock.labels(what=what).set(count)
        await pause(stop, LOOK)
