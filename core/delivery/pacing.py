"""How often a platform may be called: rates of an account, a chat, a Slack channel, shared among all processes."""

import itertools
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.ports import Clock

log = structlog.get_logger()

MANY = 10_000
"""Chats kept in memory before the quiet ones are dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``count`` sends in any ``seconds`` under a key; 0: as many as you like, unless the key is held."""

    key: str
    count: int = 0
    seconds: float = 0.0

    @property
    def window(self) -> str:
        """Where the sends are counted: a key may have several rates."""
        return f"{self.key}/{self.seconds:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why a send may not go now: in ``seconds`` the key may have room again."""

    key: str
    seconds: float


class Pacing(Protocol):
    """Asked before each send; what may go is counted at once."""

    async def take(self, asks: Sequence[Sequence[Limit]]) -> Sequence[Pause | None]:
        """For each send, in order: None if all of its limits have room, which it then takes; else how long to wait."""

    async def hold(self, key: str, until: datetime) -> None:
        """The platform asked for quiet: nothing goes under this key before."""


class MemoryPacing:
    """Within one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: dict[str, deque[float]] = {}
        self._held: dict[str, float] = {}

    async def take(self, asks: Sequence[Sequence[Limit]]) -> Sequence[Pause | None]:
        now = self._clock().timestamp()
        if len(self._sent) + len(self._held) > MANY:
            self._forget(now)
        return [self._take(limits, now) for limits in asks]

    async def hold(self, key: str, until: datetime) -> None:
        self._held[key] = max(until.timestamp(), self._held.get(key, 0.0))

    def _take(self, limits: Sequence[Limit], now: float) -> Pause | None:
        longest = max(
            (Pause(key=limit.key, seconds=self._pause(limit, now)) for limit in limits),
            key=lambda pause: pause.seconds,
            default=None,
        )
        if longest and longest.seconds > 0:
            return longest
        for limit in limits:
            if limit.count:
                self._sent.setdefault(limit.window, deque(maxlen=limit.count)).append(now)
        return None

    def _pause(self, limit: Limit, now: float) -> float:
        held = self._held.get(limit.key, 0.0) - now
        sent = self._sent.get(limit.window)
        if sent is None or len(sent) < limit.count:
            return held
        return max(held, sent[0] + limit.seconds - now)

    def _forget(self, now: float) -> None:
        """Drop what can't matter any more; no platform counts over more than an hour."""
        self._held = {key: until for key, until in self._held.items() if until > now}
        self._sent = {key: sent for key, sent in self._sent.items() if sent[-1] > now - 3600}


_TAKE = """
local now, member, at, key = tonumber(ARGV[1]), ARGV[2], 3, 1
local answers = {}
while at <= #ARGV do
  local limits, longest, reason, first = tonumber(ARGV[at]), 0, 0, at + 1
  for i = 0, limits - 1 do
    local hold, window = KEYS[key + 2 * i], KEYS[key + 2 * i + 1]
    local count, seconds = tonumber(ARGV[first + 2 * i]), tonumber(ARGV[first + 2 * i + 1])
    local pause = (tonumber(redis.call('GET', hold) or '0')) - now
    if count > 0 and redis.call('ZCARD', window) >= count then
      local oldest = redis.call('ZRANGE', window, -count, -count, 'WITHSCORES')[2]
      pause = math.max(pause, tonumber(oldest) + seconds - now)
    end
    if pause > longest then longest, reason = pause, i end
  end
  if longest <= 0 then
    for i = 0, limits - 1 do
      local window, count = KEYS[key + 2 * i + 1], tonumber(ARGV[first + 2 * i])
      if count > 0 then
        redis.call('ZADD', window, ARGV[1], member .. ':' .. at)
        redis.call('ZREMRANGEBYRANK', window, 0, -count - 1)
        redis.call('PEXPIRE', window, math.ceil(tonumber(ARGV[first + 2 * i + 1]) * 1000) + 60000)
      end
    end
  end
  table.insert(answers, tostring(longest))
  table.insert(answers, reason)
  at, key = at + 1 + 2 * limits, key + 2 * limits
end
return answers
"""
"""Per ask: how long it has to wait (0: taken), and which of its limits says so."""


class RedisPacing:
    """Shared by all processes, one round trip for all asks; while Redis is away each process counts for itself."""

    def __init__(self, client: Redis, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._alone = MemoryPacing(clock)
        self._script = client.register_script(_TAKE)
        self._me = uuid.uuid4().hex
        self._asked = itertools.count()
        self._away = False

    async def take(self, asks: Sequence[Sequence[Limit]]) -> Sequence[Pause | None]:
        keys = [key for limits in asks for limit in limits for key in _keys(limit)]
        try:
            answers = await self._script(keys=keys, args=self._arguments(asks))
        except (RedisError, OSError) as failure:
            self._lost(failure)
            return await self._alone.take(asks)
        self._away = False
        return [
            _pause(limits, float(answers[2 * at]), int(answers[2 * at + 1])) for at, limits in enumerate(asks)
        ]

    async def hold(self, key: str, until: datetime) -> None:
        await self._alone.hold(key, until)
        lasts = max(1, int((until - self._clock()).total_seconds() * 1000))
        try:
            await self._client.set(_held(key), repr(until.timestamp()), px=lasts)
        except (RedisError, OSError) as failure:
            self._lost(failure)

    def _arguments(self, asks: Sequence[Sequence[Limit]]) -> list[str | int | float]:
        arguments: list[str | int | float] = [
            repr(self._clock().timestamp()),
            f"{self._me}:{next(self._asked)}",
        ]
        for limits in asks:
            arguments.append(len(limits))
            for limit in limits:
                arguments += [limit.count, limit.seconds]
        return arguments

    def _lost(self, failure: Exception) -> None:
        if not self._away:
            log.warning("redis is away: each process keeps the rates for itself", reason=str(failure))
        self._away = True


def _keys(limit: Limit) -> tuple[str, str]:
    return _held(limit.key), f"onethread:sent:{limit.window}"


def _held(key: str) -> str:
    return f"onethread:held:{key}"


def _pause(limits: Sequence[Limit], seconds: float, reason: int) -> Pause | None:
    return Pause(key=limits[reason].key, seconds=seconds) if seconds > 0 else None
