"""Valkey away and back, with web and worker as processes of their own: everything goes on, only not at once."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bots.sandbox.wechat.phone import WeChatPhone
from tests.killing import Stage, stage
from tests.servers import valkey_server
from tests.waiting import until

pytestmark = [pytest.mark.slow_faults, pytest.mark.timeout(150)]

TOPIC = "onethread:wakeup"


async def greeted(here: Stage, phone: WeChatPhone) -> None:
    """A greeting is answered 2 s later by the worker, with a send that needs WeChat's token."""
    before = len(phone.messages)
    assert (await phone.say("在吗")).ok
    await here.sandbox.hub.until(lambda: len(phone.messages) > before + 1)


async def both_listen(address: str) -> bool:
    async with Redis.from_url(address) as redis:
        return (await redis.pubsub_numsub(TOPIC))[0][1] == 2


async def silent_listeners(address: str) -> bool:
    """Both have heard nothing for longer than the client's time-out (2 s), which nobody may take for a break."""
    async with Redis.from_url(address) as redis:
        idle = [int(client["idle"]) for client in await redis.client_list(_type="pubsub")]
        return len(idle) == 2 and min(idle) > 2


async def kept_token(address: str) -> bool:
    async with Redis.from_url(address) as redis:
        return bool(await redis.keys("onethread:wechat:token:*"))


async def notices_come(here: Stage, address: str) -> bool:
    """What one process commits, the other one hears of."""
    async with Redis.from_url(address) as redis, redis.pubsub(ignore_subscribe_messages=True) as heard:
        await heard.subscribe(TOPIC)
        assert (await here.sandbox.telegram.phone("shop").start()).ok
        async with asyncio.timeout(5):
            return bool(await anext(heard.listen()))


async def test_while_valkey_is_away_all_goes_on_and_wakeups_resume_when_it_is_back(tmp_path: Path) -> None:
    with valkey_server() as server:
        async with stage(tmp_path, redis_url=server.address) as here:
            phone = here.sandbox.wechat.phone("shop")
            await here.start("web", "worker")
            await until(lambda: both_listen(server.address))
            await greeted(here, phone)
            assert await kept_token(server.address)

            await asyncio.to_thread(server.stop)
            await greeted(here, phone)
            assert await here.status("/readyz") == 200

            await asyncio.to_thread(server.start)
            await until(lambda: both_listen(server.address))
            assert await notices_come(here, server.address)
            await greeted(here, phone)
            assert await kept_token(server.address)
            await until(lambda: silent_listeners(server.address))
            assert here.logs().count("look every half second instead") == 2
