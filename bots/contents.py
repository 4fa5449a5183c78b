"""Where what is published comes from: the operator's folder, and what was shipped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from redis.asyncio import Redis

from bots.ground import clock, opened
from bots.settings import SHIPPED, Settings
from core.delivery.wakeup import MemoryWakeup, RedisWakeup, Wakeup
from core.messages import Say
from core.metrics import Metrics
from core.ports import Clock
from core.publishing import REPLIES, ROUTING, Content, Folder, Published, Publishing, Step, Written
from core.storage.engine import Storage
from core.storage.kept import kept_in


async def checked(settings: Settings) -> Written:
    """What the operator's folder says, when all that lies there is right; needs no database. Raises Invalid."""
    look = await asyncio.to_thread(folder(settings).look)
    return await asyncio.to_thread(partial(content(settings).read, look.files(), sizes=look.sizes))


async def drafted(settings: Settings) -> Published:
    """What lies in the operator's folder, as it would serve; needs no database. Raises Invalid."""
    look = await asyncio.to_thread(folder(settings).look)
    return await asyncio.to_thread(partial(content(settings).of, look.files(), sizes=look.sizes))


@asynccontextmanager
async def shared(settings: Settings) -> AsyncIterator[Redis | None]:
    """What the replicas share, if it is configured."""
    if not settings.redis_url:
        yield None
        return
    redis = Redis.from_url(settings.redis_url, socket_timeout=2)
    try:
        yield redis
    finally:
        await redis.aclose()


@asynccontextmanager
async def published(settings: Settings) -> AsyncIterator[Publishing]:
    """What is published, for a command; what it publishes is announced to all. Raises DatabaseAway or Invalid."""
    async with opened(settings) as storage, shared(settings) as redis:
        wakeup = RedisWakeup(redis) if redis else MemoryWakeup()
        publishing = publisher(settings, storage, clock, wakeup, Metrics())
        await publishing.load()
        yield publishing
        if isinstance(wakeup, RedisWakeup):
            await wakeup.close()


def publisher(
    settings: Settings, storage: Storage, clock: Clock, wakeup: Wakeup, metrics: Metrics
) -> Publishing:
    """The publishing of one process, not yet loaded."""
    own = settings.file is not None and settings.faq_dir.parent == settings.file.parent
    step = Step(folder(settings), settings.files_dir.with_name("folder.json"), own=own)
    return Publishing(
        storage=storage, clock=clock, content=content(settings), step=step, wakeup=wakeup, metrics=metrics
    )


def folder(settings: Settings) -> Folder:
    """The files beside the configuration file; where it has no FAQ beside it, the shipped one."""
    own = settings.file.parent if settings.file else SHIPPED
    return Folder(
        {"faq/": settings.faq_dir, "texts/": own / "texts", ROUTING: own / ROUTING, REPLIES: own / REPLIES}
    )


def content(settings: Settings) -> Content:
    """What builds from files what serves."""
    kept = kept_in(settings.kept_dir)
    return Content(
        shipped_texts=SHIPPED / "texts", shipped_desk=SHIPPED,
        desk_language=settings.slack.language if settings.slack else "en",
        encoder=kept.encoder, embed=kept.embed, measure=kept.measure, caution=settings.faq.caution,
    )  # fmt: skip


def department_name(publishing: Publishing, id: str) -> str:
    """What a department is called at the desk."""
    current = publishing.current
    return current.routing.department(id).name_in(current.desk_language)


def hint(publishing: Publishing, language: str) -> str:
    """How to pick from a numbered list, told beneath it."""
    return publishing.current.texts.render(Say(name="choices.hint"), language)
