"""Where the access token is kept: the same contract in memory and in a real Redis."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bots.wechat.api import MemoryTokens, RedisTokens, Token, Tokens
from bots.wechat.outcomes import Refusal
from tests.servers import free_port


class Asked:
    """Gives another token each time, after a moment in which others come as well."""

    def __init__(self, lasts: timedelta = timedelta(hours=2)) -> None:
        self.times = 0
        self._lasts = lasts

    async def __call__(self) -> Token:
        await asyncio.sleep(0)
        self.times += 1
        return Token(value=f"token-{self.times}", lasts=self._lasts)


@pytest.fixture
def app_id() -> str:
    return f"wx{uuid.uuid4().hex}"


@pytest.fixture(params=["memory", "redis", "redis of strings"])
async def replicas(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Tokens, Tokens]]:
    """What two parts of the system see that share one token."""
    if request.param == "memory":
        tokens = MemoryTokens()
        yield tokens, tokens
        return
    url = request.getfixturevalue("redis_url")
    as_text = request.param == "redis of strings"
    async with Redis.from_url(url, decode_responses=as_text) as one, Redis.from_url(url) as other:
        yield RedisTokens(one), RedisTokens(other)


async def test_a_token_is_asked_for_once_however_many_need_it(
    replicas: tuple[Tokens, Tokens], app_id: str
) -> None:
    ask = Asked()
    got = await asyncio.gather(*(replicas[n % 2].token(app_id, ask) for n in range(8)))
    assert set(got) == {"token-1"}
    assert ask.times == 1


async def test_a_dead_token_is_replaced_once(replicas: tuple[Tokens, Tokens], app_id: str) -> None:
    ask = Asked()
    dead = await replicas[0].token(app_id, ask)
    got = await asyncio.gather(*(replicas[n % 2].token(app_id, ask, dead) for n in range(8)))
    assert set(got) == {"token-2"}
    assert await replicas[1].token(app_id, ask) == "token-2"
    assert ask.times == 2


async def test_a_token_is_asked_for_anew_when_its_time_is_over(
    replicas: tuple[Tokens, Tokens], app_id: str
) -> None:
    ask = Asked(lasts=timedelta(milliseconds=1))
    assert await replicas[0].token(app_id, ask) == "token-1"
    async with asyncio.timeout(5):
        while await replicas[1].token(app_id, ask) == "token-1":
            pass
    assert ask.times >= 2


async def test_accounts_have_tokens_of_their_own(replicas: tuple[Tokens, Tokens], app_id: str) -> None:
    ask = Asked()
    assert await replicas[0].token(app_id, ask) == "token-1"
    assert await replicas[0].token(f"{app_id}-2", ask) == "token-2"
    assert await replicas[0].token(app_id, ask) == "token-1"


async def test_a_refusal_is_passed_on_and_frees_the_lock(
    replicas: tuple[Tokens, Tokens], app_id: str
) -> None:
    async def refused() -> Token:
        raise Refusal(40125, "invalid appsecret")

    with pytest.raises(Refusal):
        await replicas[0].token(app_id, refused)
    assert await replicas[1].token(app_id, Asked()) == "token-1"


async def test_without_redis_each_process_asks_for_itself(app_id: str) -> None:
    ask = Asked()
    async with Redis.from_url(f"redis://127.0.0.1:{free_port()}/0") as redis:
        tokens = RedisTokens(redis)
        with capture_logs() as lines:
            assert await tokens.token(app_id, ask) == "token-1"
            assert await tokens.token(app_id, ask) == "token-1"
    assert {line["event"] for line in lines} == {"wechat_token_without_redis"}
    assert "token-1" not in str(lines)
