"""A message whose turn fails is put aside and blocks nothing; once the cause is mended, an operator takes it in."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bots.sandbox.telegram.phone import TelegramPhone
from tests.killing import Stage, stage
from tests.world import world

ILL = """CREATE TRIGGER ill BEFORE INSERT ON message WHEN NEW.text LIKE '%☠%'
BEGIN SELECT RAISE(ABORT, 'the disk has a hole here'); END"""


def database(here: Stage, statement: str) -> None:
    """Done to the database by somebody else."""
    file = here.settings.database_url.removeprefix("sqlite://")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


async def listed(here: Stage) -> list[str]:
    """The numbers that the command line shows."""
    code, said = await here.command("quarantine", "list")
    assert code == 0, said
    return re.findall(r"^ *(\d+) .*inbound", said, re.MULTILINE)


async def unsolved(here: Stage) -> list[str]:
    return [str(row["id"]) for row in await here.rows("SELECT id FROM quarantine WHERE solved_at IS NULL")]


@pytest.mark.slow_faults
@pytest.mark.timeout(150)
async def test_a_poisoned_message_waits_aside_and_is_taken_in_when_the_cause_is_gone(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.start("run")
        database(here, ILL)
        wechat, telegram = here.sandbox.wechat.phone("shop"), here.sandbox.telegram.phone("shop")
        await telegram.start()
        poisoned = await wechat.say("☠ 人工")
        assert (poisoned.ok, poisoned.tries, poisoned.text) == (True, 1, "")
        assert "申请售后" in (await wechat.say("怎么退货")).text
        assert (await telegram.say("hello")).ok
        assert 'onethread_quarantined_total{platform="wechat"} 1.0' in await here.page("/metrics")
        (number,) = await listed(here)

        code, said = await here.command("quarantine", "retry", number)
        assert (code, await unsolved(here)) == (1, [number])
        assert "the disk has a hole here" in said
        assert "Traceback" not in said

        database(here, "DROP TRIGGER ill")
        code, said = await here.command("quarantine", "retry", number)
        assert (code, await unsolved(here)) == (0, []), said
        assert here.sandbox.slack
        support = here.sandbox.slack.support
        await here.sandbox.hub.until(lambda: any("☠" in card.words for card in support.messages))


def document(phone: TelegramPhone, size: int) -> bytes:
    """A file that says it is as large."""
    person = {"id": phone.id, "is_bot": False, "first_name": "Ann"}
    message = {
        "message_id": 900, "date": 1700000000, "from": person, "chat": {"id": phone.id, "type": "private"},
        "document": {"file_id": "f", "file_unique_id": "f", "file_size": size},
    }  # fmt: skip
    return json.dumps({"update_id": 900, "message": message}).encode()


async def test_a_value_that_the_database_refuses_is_put_aside(database_url: str, tmp_path: Path) -> None:
    async with world(tmp_path, database_url=database_url) as w:
        phone = w.sandbox.telegram.phone("shop")
        await phone.start()
        for _ in range(2):
            assert (await phone.raw(document(phone, 10**30))).ok
        assert (await phone.say("怎么退货")).ok
        await w.sandbox.hub.until(lambda: "申请售后" in str(phone.messages[-1]["text"]))
        assert await w.rows("SELECT platform, form FROM quarantine") == [
            {"platform": "telegram", "form": "inbound"}
        ]
