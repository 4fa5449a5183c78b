"""People and agents who all write at once, and what must be true of their words afterwards, whatever happened."""

import asyncio
import contextlib
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bots import contents
from bots.sandbox.pushing import Pushed
from bots.sandbox.slack import SlackStand
from bots.sandbox.slack.players import Player
from bots.sandbox.slack.workspace import Message
from bots.sandbox.telegram.phone import TelegramPhone
from bots.sandbox.wechat.phone import WeChatPhone
from bots.slack.desk.cards import draw
from core.storage import views
from tests.killing import Stage
from tests.waiting import until

Phone = WeChatPhone | TelegramPhone

QUESTIONS = ("怎么退货", "运费多少钱", "可以開發票嗎")
"""The bot knows the answers."""
WAITING = """SELECT key, kind, state, due_at, lease_until, attempts, error FROM delivery
             WHERE state IN ('due', 'parked') LIMIT 5"""


@dataclass(slots=True, kw_only=True)
class Writer:
    """One person. ``taken`` are the words that we acknowledged, in order; the next leave once that is settled."""

    name: str
    phone: Phone
    taken: list[str] = field(default_factory=list)

    async def insist(self, text: str) -> None:
        """Write it again and again, as people do who get no answer, until it is acknowledged."""
        while not (await self.phone.say(text)).ok:
            continue
        self.taken.append(text)

    async def write(self, text: str) -> Pushed:
        """Write it once."""
        pushed = await self.phone.say(text)
        if pushed.ok:
            self.taken.append(text)
        return pushed


@dataclass(slots=True, kw_only=True)
class Crowd:
    """``troubled`` people have tickets and ``curious`` ones ask the bot; ``answered``: agents' words by thread."""

    stage: Stage
    chance: random.Random
    troubled: list[Writer] = field(default_factory=list)
    curious: list[Writer] = field(default_factory=list)
    answered: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _at_work: list[asyncio.Task[None]] = field(default_factory=list)

    async def gather(self, troubled: int, curious: int) -> None:
        """As many people, on WeChat and Telegram by turns."""
        for number in range(troubled + curious):
            phone = await (self._wechat() if number % 2 else self._telegram())
            group = self.troubled if number < troubled else self.curious
            group.append(Writer(name=f"p{number}", phone=phone))

    def begin(self, messages: int, replies: int) -> None:
        """All begin to write: so many messages for each ticket, so many replies of agents in each thread."""
        for writer in self.troubled:
            self._start(self._complain(writer, messages))
        for writer in self.curious:
            self._start(self._ask(writer, messages * 2))
        agents = itertools.cycle([self.desk.agent("UMEI"), self.desk.agent("UTOM")])
        self._start(self._answer_all(agents, replies))

    async def finish(self) -> None:
        """Wait until all have written what they wanted."""
        await asyncio.gather(*self._at_work)

    @property
    def desk(self) -> SlackStand:
        assert self.stage.sandbox.slack
        return self.stage.sandbox.slack

    @property
    def cards(self) -> list[Message]:
        return [one for one in self.desk.support.messages if one.by_app and not one.thread]

    async def _wechat(self) -> WeChatPhone:
        return await self.stage.sandbox.wechat.newcomer("shop", following=True)

    async def _telegram(self) -> TelegramPhone:
        phone = await self.stage.sandbox.telegram.newcomer("shop")
        phone.start()
        return phone

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._at_work.append(asyncio.create_task(work))

    async def _complain(self, writer: Writer, messages: int) -> None:
        await writer.insist("人工")
        for number in range(messages):
            await self._breathe(1.2)
            await writer.write(f"{writer.name} no. {number:02}")

    async def _ask(self, writer: Writer, messages: int) -> None:
        for _ in range(messages):
            await writer.write(self.chance.choice(QUESTIONS))
            await self._breathe(0.8)

    async def _answer_all(self, agents: "itertools.cycle[Player]", replies: int) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(len(self.troubled)):
                card = await self.stage.sandbox.hub.until(partial(self._card, number), 60)
                group.create_task(self._answer(next(agents), card.ts, replies))

    def _card(self, number: int) -> Message | None:
        return self.cards[number] if len(self.cards) > number else None

    async def _answer(self, agent: Player, thread: str, replies: int) -> None:
        for number in range(replies):
            await self._breathe(2)
            text = f"reply {number} in {thread}"
            if (await agent.reply(thread, text).answer()).ok:
                self.answered[thread].append(text)

    async def _breathe(self, seconds: float) -> None:
        """People type at their own pace."""
        await asyncio.sleep(self.chance.uniform(0.1, seconds))

    # --- afterwards -----------------------------------------------------------------------------------------

    async def until_calm(self, seconds: float) -> None:
        """Wait until nothing has to leave any more."""
        with contextlib.suppress(AssertionError):
            await until(self._nothing_waits, seconds)
        assert await self.stage.rows(WAITING) == []

    async def _nothing_waits(self) -> bool:
        return not await self.stage.rows(WAITING)

    async def check(self) -> None:
        """All that we promise of their words."""
        await self._nothing_is_left_in_hand()
        threads = await self._threads()
        assert sorted(threads.values()) == sorted(card.ts for card in self.cards)
        for writer in self.troubled:
            await self._words_arrived_once_in_order(writer, self.desk.thread(threads[writer.phone.user]))
        for writer in self.curious:
            assert set(Counter(writer.taken)) <= set(await self._timeline(writer))
        repeated = sum(self._repeats(writer, threads[writer.phone.user]) for writer in self.troubled)
        counted = await self.stage.rows("SELECT id FROM event WHERE name = 'delivery.repeated'")
        assert repeated <= len(counted)
        await self._cards_are_true()

    async def _nothing_is_left_in_hand(self) -> None:
        assert await self.stage.rows("SELECT id FROM delivery WHERE lease_until IS NOT NULL") == []
        assert await self.stage.rows("SELECT id, reason FROM quarantine") == []
        dead = await self.stage.rows("SELECT id, key, error FROM delivery WHERE state = 'dead'")
        repeated = "SELECT data FROM event WHERE name = 'delivery.repeated'"
        twice = " ".join(str(row["data"]) for row in await self.stage.rows(repeated))
        assert [row for row in dead if f'"{row["key"]}"' not in twice] == []  # killed in both of its sends

    async def _threads(self) -> dict[str, str]:
        """Each person's thread, by their user id."""
        asked = "SELECT i.user, t.thread FROM ticket t JOIN identity i ON i.id = t.identity_id"
        return {
            row["user"]: row["thread"] for row in await self.stage.rows(asked.replace("i.user", 'i."user"'))
        }

    async def _timeline(self, writer: Writer) -> list[str]:
        asked = """SELECT m.text FROM message m JOIN identity i ON i.id = m.identity_id
                   WHERE i."user" = $1 AND m.by = 'person' AND m.kind = 'said' ORDER BY m.id"""
        return [row["text"] for row in await self.stage.rows(asked, writer.phone.user)]

    async def _words_arrived_once_in_order(self, writer: Writer, thread: list[Message]) -> None:
        def numbered(text: str) -> bool:
            return text.startswith(f"{writer.name} no.")

        timeline = list(filter(numbered, await self._timeline(writer)))
        lines = [line for one in thread if one.by_app for line in one.text.splitlines()]
        posted = list(filter(numbered, lines))
        assert timeline == sorted(set(timeline))
        assert posted == timeline
        assert set(filter(numbered, writer.taken)) <= set(timeline)

    def _repeats(self, writer: Writer, thread: str) -> int:
        """How often agents' words came a second time; they came in order, and never a third time."""
        shown = [
            str(one.get("plain") or one["text"]) for one in writer.phone.messages if one["from"] == "bot"
        ]
        seen = [
            (at, text) for at, words in enumerate(shown) for text in self.answered[thread] if text in words
        ]
        times = Counter(text for _, text in seen)
        firsts = list(dict.fromkeys(text for _, text in seen))
        assert firsts == self.answered[thread]
        assert all(count <= 2 for count in times.values())
        return sum(times.values()) - len(firsts)

    async def _cards_are_true(self) -> None:
        drafted = await contents.drafted(self.stage.settings)
        tickets = await self.stage.rows("SELECT id, thread FROM ticket")
        async with self.stage.database() as storage:
            for row in tickets:
                drawn = draw(await views.card(storage, row["id"]), drafted.desk_text)
                shown = self.desk.thread(row["thread"])[0].blocks
                assert shown == [{**one, **true} for one, true in zip(shown, drawn.blocks, strict=True)]
