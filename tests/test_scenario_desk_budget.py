"""Fifty live tickets in one Slack channel, with Slack refusing now and then: all that people and agents wrote arrives,
and the cards end up true."""

import asyncio
from pathlib import Path

import pytest

from bots import contents
from bots.sandbox.hub import Fault
from bots.sandbox.slack.workspace import Message
from bots.slack.desk.cards import draw
from core.storage import views
from core.storage.engine import Storage
from tests.desk_play import Desk, Phone, heard_on, ticket_of
from tests.waiting import until
from tests.world import World, world

MANY = 50
FASTER = 40
"""Slack's pace and ours, as many times as fast as they really are."""
BUSY = {"chat.postMessage": 2, "chat.update": 3, "reactions.add": 2}
WAITING = "SELECT id FROM delivery WHERE state = 'due' LIMIT 1"


@pytest.mark.slow_faults
async def test_fifty_live_tickets_and_a_busy_slack(tmp_path: Path) -> None:
    (tmp_path / "routing.yaml").write_text("departments:\n  support: {undo: 0s}\n", encoding="utf-8")
    async with world(tmp_path) as w:
        await pace(w)
        desk = Desk(world=w)
        desk.slack.post_interval = 0.9 / FASTER
        people = [await (desk.wechat() if number % 2 else desk.telegram()) for number in range(MANY)]
        await asyncio.gather(*(person.say("人工") for person in people))
        await desk.until(lambda: len(desk.cards) == MANY, 30)
        for method, count in BUSY.items():
            w.sandbox.hub.arm(Fault(platform="slack", method=method, fault="429", count=count, retry_after=1))
        await asyncio.gather(
            *(write(person) for person in people), *(answer(desk, card) for card in desk.cards)
        )
        await until(lambda: calm(w), 45)
        assert not w.sandbox.hub.faults
        for card in desk.cards:
            said = "\n".join(text for text in desk.texts(card) if "第" in text)
            assert said.split("\n") == [f"第 {number} 句" for number in range(3)]
        for person in people:
            assert sum("you are heard" in text for text in heard_on(person)) == 1
        await are_true(w, desk.cards)
        assert desk.slack.called["chat.postMessage"] < MANY * (1 + 3) + BUSY["chat.postMessage"]
        assert await w.rows("SELECT id FROM delivery WHERE state = 'dead'") == []


async def pace(w: World) -> None:
    """Let the product keep the sandbox's pace."""
    assert w.settings.slack
    slack = w.settings.slack.model_copy(update={"posts_per_second": float(FASTER)})
    await w.stop()
    w.settings = w.settings.model_copy(update={"slack": slack})
    await w.start()


async def write(person: Phone) -> None:
    for number in range(3):
        await person.say(f"第 {number} 句")


async def answer(desk: Desk, card: Message) -> None:
    agent = desk.mei if ticket_of(card) % 2 else desk.tom
    await agent.press(card.ts, "claim").answer()
    await agent.reply(card.ts, "you are heard").answer()
    if ticket_of(card) % 5 == 0:
        await agent.press(card.ts, "resolve").answer()


async def calm(w: World) -> bool:
    return not await w.rows(WAITING)


async def are_true(w: World, cards: list[Message]) -> None:
    """What each card shows is what would be drawn now."""
    current = await contents.drafted(w.settings)
    storage = await Storage.open(w.settings.database_url)
    try:
        for card in cards:
            truth = await views.card(storage, ticket_of(card))
            drawn = draw(truth, current.desk_text, lambda id: current.routing.department(id).name_in("en"))
            shown = card.blocks
            assert shown == [{**one, **true} for one, true in zip(shown, drawn.blocks, strict=True)]
    finally:
        await storage.close()
