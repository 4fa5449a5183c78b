"""A bot's updates: kept until the webhook took them or getUpdates confirmed them, in order within each lane."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import aiohttp

from bots.sandbox.going import Going
from bots.sandbox.hub import Hub, Json
from bots.sandbox.pace import Pace
from bots.sandbox.pushing import Pushed, post
from bots.sandbox.telegram.failure import Failure

CALLBACK_LIFE = timedelta(seconds=150)
UPDATE_LIFE = timedelta(hours=24)
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where updates are pushed. Plain http is taken only to this machine, as a local Bot API server does."""

    url: str
    secret: str = ""
    allowed: tuple[str, ...] = ()
    max_connections: int = 40


@dataclass(slots=True, kw_only=True)
class Update:
    """``lane`` keeps order: a chat, or a person's callback queries."""

    id: int
    lane: str
    body: Json
    until: datetime
    done: asyncio.Future[Pushed]


@dataclass(slots=True, kw_only=True)
class Trouble:
    """Why the last push failed."""

    at: datetime
    why: str


@dataclass(slots=True)
class Updates:
    """All updates of one bot that are still to be taken, and the way to its webhook."""

    hub: Hub
    pace: Pace
    going: Going
    next_id: int
    http: aiohttp.ClientSession | None = None
    webhook: Webhook | None = None
    allowed: tuple[str, ...] = ()
    """What getUpdates or setWebhook named last; empty: the usual ones."""
    trouble: Trouble | None = None
    last: bytes = b""
    """The last push's body, byte for byte."""
    pending: dict[int, Update] = field(default_factory=dict)
    polls: int = 0
    """How many getUpdates have been called; a new one ends the one before."""
    stopped: bool = False
    _busy: set[str] = field(default_factory=set)
    _change: asyncio.Event = field(default_factory=asyncio.Event)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, kind: str, content: Json, lane: str) -> asyncio.Future[Pushed]:
        """Queue one; what comes back is done when it was taken, or can't be any more."""
        done: asyncio.Future[Pushed] = asyncio.get_running_loop().create_future()
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if not wanted:
            done.set_result(Pushed(status=None, why="not among allowed_updates"))
            return done
        life = CALLBACK_LIFE if kind == "callback_query" else UPDATE_LIFE
        body = {"update_id": self.next_id, kind: content}
        update = Update(id=self.next_id, lane=lane, body=body, until=self.hub.now() + life, done=done)
        self.next_id += 1
        self.pending[update.id] = update
        self.stir()
        return done

    def stir(self) -> None:
        """Something changed: whoever polls looks again, and each lane with updates is drained."""
        self._change.set()
        self._change = asyncio.Event()
        if self.webhook is None:
            return
        for lane in {update.lane for update in self.pending.values()} - self._busy:
            self._busy.add(lane)
            self.going.start(self._drain(lane))

    def move(self, webhook: Webhook | None) -> None:
        """Push elsewhere from now on, at once; or (None) keep updates for getUpdates."""
        self.webhook, self.trouble = webhook, None
        self._moved.set()
        self._moved = asyncio.Event()
        self.stir()

    def drop(self) -> None:
        """Forget all that is pending."""
        for number in list(self.pending):
            self.finish(number, Pushed(status=None, why="dropped"))

    def finish(self, number: int, pushed: Pushed) -> None:
        """This update is over."""
        update = self.pending.pop(number, None)
        if update is not None and not update.done.done():
            update.done.set_result(pushed)

    async def push(self, body: bytes, secret: str | None = None) -> Pushed:
        """One request to the webhook with exactly this body; ``secret`` instead of the right one."""
        if self.webhook is None or self.http is None:
            return Pushed(status=None, why="there is no webhook")
        self.last = body
        headers = {"Content-Type": "application/json"}
        if known := self.webhook.secret if secret is None else secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = known
        return await post(self.http, self.webhook.url, body, headers, self.pace.telegram_patience)

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """getUpdates: waits up to ``seconds`` for the first one. Raises Failure 409."""
        self.polls += 1
        mine = self.polls
        self._confirm(offset)
        self.stir()
        await self.hub.publish({"what": "telegram_poll"})
        try:
            async with asyncio.timeout(seconds):
                while not (found := self._waiting(offset, limit)) and not self.stopped:
                    await self._change.wait()
                    self._check(mine)
        except TimeoutError:
            return []
        return found

    def _check(self, poll: int) -> None:
        if self.webhook is not None:
            raise Failure(409, "terminated by setWebhook request")
        if poll != self.polls:
            reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise Failure(409, reason)

    def _confirm(self, offset: int) -> None:
        numbers = sorted(self.pending)
        if offset < 0:
            offset = numbers[max(0, len(numbers) + offset)] if numbers else 0
        for number in numbers:
            if number < offset:
                self.finish(number, Pushed(status=200, why="taken by getUpdates"))

    def _waiting(self, offset: int, limit: int) -> list[Json]:
        now = self.hub.now()
        for number in [update.id for update in self.pending.values() if update.until <= now]:
            self.finish(number, Pushed(status=None, why="too old"))
        return [self.pending[number].body for number in sorted(self.pending)][:limit]

    async def _drain(self, lane: str) -> None:
        failures = 0
        while (update := self._next(lane)) is not None:
            pushed = replace(await self.push(json.dumps(update.body).encode()), tries=failures + 1)
            if pushed.ok:
                failures = 0
                self.trouble = None
                self.finish(update.id, pushed)
                continue
            failures += 1
            self.trouble = Trouble(at=self.hub.now(), why=_reason(pushed))
            await self.hub.publish({"what": "telegram_push_failed"})
            await self._pause(failures)
        self._busy.discard(lane)

    def _next(self, lane: str) -> Update | None:
        if self.webhook is None:
            return None
        now = self.hub.now()
        for update in [update for update in self.pending.values() if update.lane == lane]:
            if update.until > now:
                return update
            self.finish(update.id, Pushed(status=None, why="too old"))
        return None

    async def _pause(self, failures: int) -> None:
        """None after the first failure, then longer each time; a new webhook ends it."""
        if failures < 2:
            return
        pause = self.pace.telegram_first_pause * 2.0 ** min(failures - 2, 20)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(pause, self.pace.telegram_longest_pause)):
                await self._moved.wait()


def _reason(pushed: Pushed) -> str:
    if pushed.status is None:
        return pushed.why
    return f"Wrong response from the webhook: {pushed.status} {pushed.why}".rstrip()
