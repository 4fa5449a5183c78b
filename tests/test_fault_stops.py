"""SIGTERM: what is in hand is finished or comes again, within ten seconds."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bots.demo import MADE_UP
from bots.sandbox.hub import Fault
from bots.sandbox.telegram.phone import TelegramPhone
from tests.killing import Stage, stage
from tests.waiting import until

pytestmark = [pytest.mark.slow_faults, pytest.mark.timeout(150)]

MANY = 30
ANSWER = "申请售后"
OF_ANSWER = """SELECT d.state, d.attempts FROM delivery d JOIN message m ON m.id = d.message_id
               WHERE m.by = 'bot' AND m.text LIKE $1"""
PASSIVE: dict[str, Any] = {**MADE_UP["wechat"][0], "customer_service": False}


async def telegrams(here: Stage, count: int) -> list[TelegramPhone]:
    """People who have been welcomed."""
    phones = [await here.sandbox.telegram.newcomer("shop", language="zh-hans") for _ in range(count)]
    await asyncio.gather(*(phone.start() for phone in phones))
    await here.sandbox.hub.until(lambda: all(phone.messages[-1]["from"] == "bot" for phone in phones))
    await until(lambda: nothing_waits(here))
    return phones


async def nothing_waits(here: Stage) -> bool:
    return not await here.rows("SELECT id FROM delivery WHERE state = 'due'")


def answers(phone: TelegramPhone) -> int:
    """How often the person sees the answer to their question."""
    return sum(ANSWER in str(one["text"]) for one in phone.messages)


async def taken_in(here: Stage, text: str) -> int:
    return len(await here.rows("SELECT id FROM message WHERE text = $1", text))


async def test_a_held_reply_a_slow_send_and_a_burst_are_finished_or_come_again(tmp_path: Path) -> None:
    async with stage(tmp_path, wechat=[PASSIVE]) as here:
        (process,) = await here.start("run")
        slow, busy = await telegrams(here, 2)
        here.line.quick.clear()
        assert (await slow.say("怎么退货")).ok
        await here.sandbox.hub.until(lambda: answers(slow))
        held = here.sandbox.wechat.phone("shop").say("在吗")
        await until(lambda: taken_in(here, "在吗"))
        burst = [busy.say(f"in a burst {number}") for number in range(MANY)]
        await asyncio.wait(burst, return_when=asyncio.FIRST_COMPLETED)

        process.terminate()
        asyncio.get_running_loop().call_later(1, here.line.quick.set)
        assert await process.ended() == 0
        assert (await held).text
        assert await here.rows(OF_ANSWER, f"%{ANSWER}%") == [{"state": "sent", "attempts": 0}]

        await process.start()
        assert all(pushed.ok for pushed in await asyncio.gather(*burst))
        for number in range(MANY):
            assert await taken_in(here, f"in a burst {number}") == 1
        assert answers(slow) == 1


async def test_a_send_that_never_ends_is_given_up_and_repeated_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        (process,) = await here.start("run")
        (phone,) = await telegrams(here, 1)
        here.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="timeout"))
        assert (await phone.say("怎么退货")).ok
        await until(lambda: not here.sandbox.hub.faults)
        process.terminate()
        assert await process.ended() == 0
        assert answers(phone) == 0
        await process.start()
        await here.sandbox.hub.until(lambda: answers(phone))
        repeated = await here.rows("SELECT id FROM event WHERE name = 'delivery.repeated'")
        assert (answers(phone), len(repeated)) == (1, 1)
