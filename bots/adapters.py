"""The adapters of all accounts that are configured, made by plain constructor calls."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from redis.asyncio import Redis

from bots.settings import Settings
from bots.slack.api import SlackApi
from bots.slack.channel import SlackChannel
from bots.slack.desk.desk import SlackDesk
from bots.telegram.channel import TelegramChannel
from bots.wechat.api import MemoryTokens, RedisTokens
from bots.wechat.channel import WeChatChannel
from core.messages import Say
from core.ports import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Platforms:
    """The adapters of all accounts; ``slack`` and ``desk`` are there where ``[slack]`` is configured."""

    wechat: tuple[WeChatChannel, ...]
    telegram: tuple[TelegramChannel, ...]
    api: SlackApi | None
    slack: SlackChannel | None
    desk: SlackDesk | None

    @property
    def channels(self) -> Mapping[tuple[str, str], Channel]:
        """By platform and account."""
        slack: tuple[Channel, ...] = (self.slack,) if self.slack else ()
        found: tuple[Channel, ...] = (*self.wechat, *self.telegram, *slack)
        return {(channel.platform, channel.account): channel for channel in found}


@asynccontextmanager
async def adapters(
    settings: Settings,
    redis: Redis | None,
    desk_text: Callable[[Say], str],
    department: Callable[[str], str] = str,
) -> AsyncIterator[Platforms]:
    """Those of all accounts that are configured; ``department`` tells what one is called at the desk."""
    async with aiohttp.ClientSession() as http:
        tokens = RedisTokens(redis) if redis else MemoryTokens()
        api = SlackApi(settings.slack, http) if settings.slack else None
        platforms = Platforms(
            wechat=tuple(WeChatChannel(account, http, tokens) for account in settings.wechat),
            telegram=tuple(
                TelegramChannel(account, settings.public_for(account.api_base))
                for account in settings.telegram
            ),
            api=api,
            slack=SlackChannel(api) if api else None,
            desk=_desk(settings, api, desk_text, department),
        )
        try:
            yield platforms
        finally:
            for channel in platforms.telegram:
                await channel.close()


def _desk(
    settings: Settings, api: SlackApi | None, text: Callable[[Say], str], department: Callable[[str], str]
) -> SlackDesk | None:
    if api is None or settings.slack is None:
        return None
    return SlackDesk(api, text, department, posts_per_second=settings.slack.posts_per_second)
