"""What operators ask for on the command line: a check-up, the menus, another try for what is in quarantine."""

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots import app, contents, ground, menus
from bots.adapters import adapters
from bots.settings import Settings
from bots.slack import checkup as slack_checkup
from bots.slack import codec as slack_codec
from bots.telegram import codec as telegram_codec
from bots.wechat import codec as wechat_codec
from core.errors import DatabaseAway, Invalid
from core.helpdesk.quarantine import Form, Reread, Taken
from core.messages import Inbound, Say
from core.ports import Channel, Finding
from core.storage import views
from core.storage.desk_queue import Queue, queues


async def doctor(settings: Settings) -> list[Finding]:
    """Database, Redis, content and every account's credentials; never raises."""
    database, redis, content, platforms = await asyncio.gather(
        _database(settings), _redis(settings), _content(settings), _platforms(settings)
    )
    return [*database, *redis, *content, *platforms]


async def _database(settings: Settings) -> list[Finding]:
    kind = settings.database_url.partition(":")[0]
    try:
        async with ground.opened(settings) as storage:
            counts = await views.counts(storage)
            late = [_late(one) for one in await queues(storage, ground.clock()) if one.is_late]
    except DatabaseAway as away:
        step = "start it, or mend database_url; for SQLite the folder must be writable"
        return [Finding(what=f"database ({kind})", ok=False, next_step=f"{away}: {step}")]
    found = [Finding(what=f"database ({kind}): up to date, {counts['tickets']} unresolved tickets", ok=True)]
    if counts["quarantine"]:
        step = "look with `onethread quarantine list`"
        found.append(Finding(what=f"quarantine: {counts['quarantine']} messages", ok=False, next_step=step))
    return [*found, *late]


def _late(queue: Queue) -> Finding:
    """Posts that wait because Slack is slow, or lets nobody in."""
    waiting = f"{queue.waiting} waiting, the oldest for {int(queue.age.total_seconds())} s"
    spread = (
        "Slack takes about one post a second in a Slack channel: give the department several in routing.yaml"
    )
    return Finding(what=f"posts for {queue.channel}: {waiting}", ok=False, next_step=queue.why or spread)


async def _redis(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return [Finding(what="redis: not configured, and not needed for one process", ok=True)]
    client = Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3)
    try:
        await client.get("onethread")
    except (RedisError, OSError) as failure:
        return [Finding(what="redis", ok=False, next_step=f"{failure}: start it, or mend redis_url")]
    finally:
        await client.aclose()
    return [Finding(what="redis", ok=True)]


async def _content(settings: Settings) -> list[Finding]:
    try:
        entries = (await contents.checked(settings)).entries
    except Invalid as invalid:
        return [Finding(what="FAQ and texts", ok=False, next_step=problem) for problem in invalid.problems]
    return [Finding(what=f"FAQ and texts: {len(entries)} entries", ok=True)]


async def _platforms(settings: Settings) -> list[Finding]:
    played = settings.played
    found = [Finding(what=f"{name}: played by the sandbox", ok=True) for name in sorted(played)]
    if settings.slack is None:
        step = "tickets have nowhere to go: fill in [slack] in the configuration"
        found.append(Finding(what="slack", ok=False, next_step=step))
    async with adapters(settings, None, _silent) as platforms:
        checked = [
            _checked(channel) for channel in platforms.channels.values() if _name(channel) not in played
        ]
        for findings in await asyncio.gather(*checked):
            found.extend(findings)
        if platforms.api and "slack" not in " ".join(played):
            found.extend(await slack_checkup.of_departments(platforms.api, await _channels(settings)))
    return found


async def _channels(settings: Settings) -> Sequence[str]:
    """Departments' own; a file that is wrong is a finding elsewhere."""
    try:
        routing = (await contents.checked(settings)).desk.routing
    except Invalid:
        return ()
    return list(dict.fromkeys(id for one in routing.departments for id in one.channels))


def _silent(say: Say) -> str:
    """Nobody at the desk is told anything by a chore."""
    return say.name


async def _checked(channel: Channel) -> Sequence[Finding]:
    return await channel.check()


def _name(channel: Channel) -> str:
    return f"{channel.platform} {channel.account}"


async def menu_difference(settings: Settings) -> list[str]:
    """How the menus and commands at WeChat and Telegram differ from ours."""
    async with contents.published(settings) as publishing, adapters(settings, None, _silent) as platforms:
        return await menus.difference(platforms, publishing)


async def menu_publish(settings: Settings) -> None:
    """Set them."""
    async with contents.published(settings) as publishing, adapters(settings, None, _silent) as platforms:
        await menus.publish(platforms, publishing)


async def retry_quarantined(settings: Settings, number: int) -> None:
    """Take one in again. Raises LookupError if there is none, ValueError if it can't be understood yet."""
    async with app.assembled(settings) as parts:
        verbs: dict[Form, Taken] = {
            "inbound": parts.users.take, "words": parts.agents.take_words, "act": parts.agents.take_act,
        }  # fmt: skip
        await parts.quarantine.retry(number, verbs, _reread(parts))


def _reread(parts: app.Parts) -> Reread:
    async def reread(platform: str, account: str, payload: bytes) -> Sequence[Inbound]:
        match platform:
            case wechat_codec.PLATFORM:
                event = wechat_codec.reread(payload, account)
            case telegram_codec.PLATFORM:
                channel = next(one for one in parts.platforms.telegram if one.account == account)
                event = telegram_codec.reread(payload, account, channel.username)
            case slack_codec.PLATFORM if parts.platforms.api:
                me = await parts.platforms.api.identify()
                event = slack_codec.reread(payload, me, {}, ground.clock())
            case _:
                raise ValueError("it came from the desk; ask the agent to write it again")
        return [event] if event else []

    return reread
