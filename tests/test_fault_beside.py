"""Several processes and the command line beside each other on one SQLite file: nobody is told that it is locked."""

import asyncio
from pathlib import Path

import pytest

from bots.sandbox.telegram.phone import TelegramPhone
from bots.sandbox.wechat.phone import WeChatPhone
from tests.killing import Stage, stage

pytestmark = [pytest.mark.slow_faults, pytest.mark.timeout(150)]

EACH = 4
ANSWER = "申请售后"
TROUBLE = ("locked", "database is away", "database_away", "Traceback")


async def people(here: Stage) -> list[WeChatPhone | TelegramPhone]:
    telegrams = [await here.sandbox.telegram.newcomer("shop", language="zh-hans") for _ in range(4)]
    await asyncio.gather(*(phone.start() for phone in telegrams))
    wechats = [await here.sandbox.wechat.newcomer("shop", following=True) for _ in range(4)]
    return [*telegrams, *wechats]


async def ask(phone: WeChatPhone | TelegramPhone) -> None:
    for _ in range(EACH):
        pushed = await phone.say("怎么退货")
        assert (pushed.ok, pushed.tries) == (True, 1)


def answers(phone: WeChatPhone | TelegramPhone) -> int:
    return sum(ANSWER in str(one["text"]) for one in phone.messages)


async def look(here: Stage) -> None:
    """What an operator does meanwhile."""
    for words in (("ticket", "list"), ("quarantine", "list")):
        code, said = await here.command(*words)
        assert code == 0, said
        assert not [trouble for trouble in TROUBLE if trouble in said]


async def test_three_processes_and_commands_on_one_file_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.start("run", "worker", "worker")
        phones = await people(here)
        async with asyncio.TaskGroup() as group:
            group.create_task(look(here))
            for phone in phones:
                group.create_task(ask(phone))
        await here.sandbox.hub.until(lambda: all(answers(phone) >= EACH for phone in phones), 30)
        assert [answers(phone) for phone in phones] == [EACH] * len(phones)
        assert not [trouble for trouble in TROUBLE if trouble in here.logs()]
