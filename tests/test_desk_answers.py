"""A wrong answer is hidden at once; who was given it is listed, and after a yes gets the right one, each once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.storage import models
from tests.desk_core import BOTH, EVA, MEI, TOM, Desk, button, desk_on, heard


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


async def given(desk: Desk, person: int, *, days: float = 0) -> models.Message:
    return await given_of(desk, person, "returns", days=days)


async def given_of(desk: Desk, person: int, entry: str, *, days: float = 0) -> models.Message:
    async with desk.world.storage.turn() as conn:
        return await models.Message.create(
            using_db=conn, person_id=person, by="bot", text="14 days", faq=entry,
            at=desk.world.clock() - timedelta(days=days),
        )  # fmt: skip


@BOTH
async def test_hidden_listed_and_put_right(desk: Desk) -> None:
    other = await desk.world.identity(platform="other", language="zh-CN")
    await desk.world.identity()
    message = await given(desk, desk.identity.person_id)
    await given(desk, desk.identity.person_id)
    await given(desk, other.person_id, days=3)
    old = await desk.world.identity()
    await given(desk, old.person_id, days=31)
    whisper = await desk.does("wrong_answer", about=f"#{message.id}")
    assert heard(whisper) == "desk.hidden"
    assert whisper
    assert (desk.hidden, whisper.say.params["count"]) == (["returns"], 2)
    right = button(whisper, "put_right")
    done = await desk.does("put_right", MEI, text="30 days", **right.values)
    assert done
    assert (done.say.name, done.say.params["count"]) == ("desk.put_right", 2)
    await desk.settles()
    assert desk.world.channel.texts[0].endswith("The right one is:\n30 days")
    assert desk.world.other.texts == ["之前给您的答案有误，抱歉。正确的是：\n30 days"]
    assert (await desk.events()).count("answer.put_right") == 2
    assert "answer.wrong" in await desk.events()


async def test_the_right_entry_answers_in_each_persons_language(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    entry = next(iter(desk.agents._publishing.current.faq.entries))
    await desk.does("put_right", entry="returns", right=entry)
    assert len(await desk.told()) == 1


@BOTH
async def test_nobody_is_told_the_same_twice_whoever_says_so_and_however_often(desk: Desk) -> None:
    other = await desk.world.identity(platform="other")
    for person in (desk.identity.person_id, other.person_id):
        await given(desk, person)
    saying = [desk.does("put_right", by, entry="returns", text="30 days") for by in (MEI, TOM, EVA)]
    counts = [done.say.params["count"] for done in await asyncio.gather(*saying) if done]
    assert sum(map(int, counts)) == 2
    again = await desk.does("put_right", TOM, entry="returns", text=" 30\n days ")
    assert heard(again) == "desk.put_right_before"
    await desk.settles()
    assert sum("30 days" in text for text in desk.world.channel.texts) == 1
    assert sum("30 days" in text for text in desk.world.other.texts) == 1
    # what is really another answer, or to another wrong one, they do read
    await given_of(desk, desk.identity.person_id, "shipping")
    assert heard(await desk.does("put_right", entry="shipping", text="30 days")) == "desk.put_right"
    assert heard(await desk.does("put_right", entry="returns", text="31 days")) == "desk.put_right"


async def test_who_could_not_be_told_is_told_later(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    await desk.does("block", EVA)
    blocked = await desk.does("put_right", entry="returns", text="30 days")
    assert heard(blocked) == "desk.put_right_before"
    await desk.does("unblock", EVA)
    assert heard(await desk.does("put_right", entry="returns", text="30 days")) == "desk.put_right"


async def test_what_can_not_be_done_is_said(desk: Desk) -> None:
    assert heard(await desk.does("wrong_answer")) == "desk.wrong_which"
    assert heard(await desk.does("wrong_answer", about="#99")) == "desk.wrong_which"
    refused = await desk.does("wrong_answer", entry="stuck")
    assert refused
    assert (refused.say.name, refused.say.params["why"]) == ("desk.not_hidden", "the file is broken")
    assert heard(await desk.does("put_right", entry="returns")) == "desk.right_missing"
    nobody = await desk.does("wrong_answer", entry="returns")
    assert nobody
    assert nobody.buttons == ()
