"""A wrong answer is hidden at once; who was given it is listed, and after a yes gets the right one, each once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.messages import AgentAct
from core.storage import models
from tests.desk_core import BOTH, EVA, MEI, NEW, TOM, Desk, button, desk_on, heard


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
    assert desk.world.channel.texts == [], "nobody is told while the press waits for its answer"
    await all_told(desk)
    assert desk.world.channel.texts[0].endswith("The right one is:\n30 days")
    assert desk.world.other.texts == ["之前给您的答案有误，抱歉。正确的是：\n30 days"]
    assert (await desk.events()).count("answer.put_right") == 2
    assert "answer.wrong" in await desk.events()
    assert ends(desk) == [2]


async def all_told(desk: Desk) -> None:
    """The timers of it are all used up, and what they caused has left."""
    while any(name.startswith("right") for name in await desk.timers()):
        desk.world.clock.forward(2)
        await desk.rings()
    await desk.settles()


def ends(desk: Desk) -> list[int]:
    """How many got it, as the thread was told at the end of each time."""
    posts = [one.text for one in desk.world.desk.posts if one.text.startswith("thread.put_right:")]
    return [int(part) for text in posts for part in text.split(":") if part.isdecimal()]


async def test_the_right_entry_answers_in_each_persons_language(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    entry = next(iter(desk.agents._publishing.current.faq.entries))
    await desk.does("put_right", entry="returns", right=entry)
    await all_told(desk)
    assert len(await desk.told()) == 1


@BOTH
async def test_nobody_is_told_the_same_twice_whoever_says_so_and_however_often(desk: Desk) -> None:
    other = await desk.world.identity(platform="other")
    for person in (desk.identity.person_id, other.person_id):
        await given(desk, person)
    saying = [desk.does("put_right", by, entry="returns", text="30 days") for by in (MEI, TOM, EVA)]
    assert {heard(said) for said in await asyncio.gather(*saying)} == {"desk.put_right"}
    await all_told(desk)
    assert sum(ends(desk)) == 2
    again = await desk.does("put_right", TOM, entry="returns", text=" 30\n days ")
    assert heard(again) == "desk.put_right_before"
    assert sum("30 days" in text for text in desk.world.channel.texts) == 1
    assert sum("30 days" in text for text in desk.world.other.texts) == 1
    # what is really another answer, or to another wrong one, they do read
    await given_of(desk, desk.identity.person_id, "shipping")
    assert heard(await desk.does("put_right", entry="shipping", text="30 days")) == "desk.put_right"
    assert heard(await desk.does("put_right", entry="returns", text="31 days")) == "desk.put_right"


@BOTH
async def test_a_press_that_comes_twice_and_timers_that_ring_twice_tell_each_once(desk: Desk) -> None:
    """As after a crash: what was committed is used up, the rest goes on."""
    people = [desk.identity.person_id, *[(await desk.world.identity()).person_id for _ in range(5)]]
    for person in people:
        await given(desk, person)
    values = {"entry": "returns", "text": "30 days"}
    act = AgentAct(
        id="a", verb="put_right", ticket=desk.ticket.id, agent=MEI, at=desk.world.clock(), values=values
    )
    said = await asyncio.gather(desk.agents.take_act(act), desk.agents.take_act(act))
    assert [heard(one) for one in said] == ["desk.put_right"] * 2
    names = [name for name in await desk.timers() if name.startswith("right:")]
    assert len(names) == len(people)
    desk.world.clock.forward(1)
    ringing = [desk.agents.fired(person, names[0]) for person in people[:4] for _ in range(2)]
    await asyncio.gather(*ringing)
    await all_told(desk)
    assert (await desk.events()).count("answer.put_right") == len(people)
    assert len([text for text in await desk.told() if "30 days" in text]) == len(people)
    assert ends(desk) == [len(people)]


async def test_the_end_waits_for_whoever_is_hard_to_reach_and_asks_ever_less_often(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    await desk.does("put_right", entry="returns", text="30 days")
    [right, end] = [name for name in await desk.timers() if name.startswith("right")]
    pauses = []
    for _ in range(4):
        due = await models.Timer.get(name=end, using_db=desk.world.storage.reading)
        pauses.append((due.due_at - desk.world.clock()).total_seconds())
        desk.world.clock.forward(pauses[-1])
        await desk.agents.fired(desk.identity.person_id, end)
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 4 * pauses[0]
    assert right in await desk.timers()
    await all_told(desk)
    assert ends(desk) == [1]


async def test_who_is_on_trial_sends_it_to_nobody(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    assert heard(await desk.does("put_right", NEW, entry="returns", text="30 days")) == "desk.right_not_trial"
    await all_told(desk)
    assert await desk.told() == []


@BOTH
async def test_costly_words_to_many_are_asked_about_once_more(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    text = f"We guarantee it. {'x' * 900}"
    asked = await desk.does("put_right", entry="returns", text=text)
    assert asked
    assert (asked.say.name, asked.say.params["count"]) == ("desk.right_costly", 1)
    assert "promise" in str(asked.say.params["kinds"])
    await all_told(desk)
    assert await desk.told() == []
    yes = button(asked, "put_right")
    bears = {**yes.values, "text": yes.values["text"][:500]}  # as much as a button of Slack does
    assert heard(await desk.does("put_right", NEW, **bears)) == "desk.right_not_trial"
    assert heard(await desk.does("put_right", MEI, **bears)) == "desk.put_right"
    await all_told(desk)
    assert [told.endswith(text) for told in await desk.told()] == [True]
    assert heard(await desk.presses(yes)) == "desk.put_right_before"
    made_up = await desk.does("put_right", entry="returns", text="We guarantee more", sure="9999")
    assert heard(made_up) == "desk.right_costly"


async def test_who_could_not_be_told_is_told_later(desk: Desk) -> None:
    await given(desk, desk.identity.person_id)
    await desk.does("put_right", entry="returns", text="30 days")
    await desk.does("block", EVA)
    await all_told(desk)
    assert ends(desk) == [0]
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
    desk.ticket.id = 9
    assert heard(await desk.does("put_right", entry="returns", text="x")) == "desk.no_such_ticket"
    nobody = await desk.does("wrong_answer", entry="returns")
    assert nobody
    assert nobody.buttons == ()
