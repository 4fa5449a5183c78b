"""Slack is slow, away or loses its answers: nothing is lost or stands twice, the order holds, cards end up true."""

from pathlib import Path

import pytest

from bots.sandbox.hub import Fault
from tests.desk_play import PICTURE, Desk, files_of, ticket_of, verbs
from tests.world import World, world


def arm(w: World, method: str, fault: str, count: int = 1, retry_after: int = 1) -> None:
    w.sandbox.hub.arm(
        Fault(platform="slack", method=method, fault=fault, count=count, retry_after=retry_after)
    )


@pytest.mark.parametrize("fault", ["drop_answer", "internal_error"])
async def test_a_card_and_a_post_whose_answers_were_lost_stand_once(tmp_path: Path, fault: str) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        arm(w, "chat.postMessage", fault)
        card = await desk.handed_off(anna)
        await anna.say("first")
        await desk.posted(card, "first")
        arm(w, "chat.postMessage", fault)
        await anna.say("second")
        await anna.say("third")
        await desk.posted(card, "third", 15)
        assert "\n".join(desk.texts(card)) == "first\nsecond\nthird"
        assert len(desk.cards) == 1
        [row] = await w.rows("SELECT thread FROM ticket")
        assert row["thread"] == card.ts


async def test_a_file_whose_answer_was_lost_is_shared_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        arm(w, "files.completeUploadExternal", "drop_answer")
        await anna.send("file", PICTURE)
        await anna.say("that is all")
        await desk.posted(card, "that is all", 15)
        assert files_of(desk.thread(card)) == ["broken.png"]
        assert desk.thread(card)[0].files, "the order holds"


async def test_a_busy_slack_is_left_alone_as_long_as_it_says_and_gets_everything_in_order(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        desk.slack.post_interval = 0.5
        anna, li = await desk.telegram(), await desk.wechat()
        of_anna, of_li = await desk.handed_off(anna), await desk.handed_off(li, "人工")
        arm(w, "chat.postMessage", "429", retry_after=3)
        refused_at = w.sandbox.hub.now()
        for number in range(2):
            await anna.say(f"word {number}")
            await li.say(f"话 {number}")
        await desk.posted(of_anna, "word 1", 20)
        await desk.posted(of_li, "话 1", 20)
        first = min(message.at for message in (*desk.thread(of_anna), *desk.thread(of_li)))
        assert (first - refused_at).total_seconds() >= 3, "the whole Slack channel is left alone"
        assert "\n".join(desk.texts(of_anna)) == "word 0\nword 1"
        assert "\n".join(desk.texts(of_li)) == "话 0\n话 1"


async def test_of_five_tickets_in_a_burst_all_cards_come_before_posts_and_changes(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        desk.slack.post_interval = 0.5
        first = await desk.wechat()
        card = await desk.handed_off(first, "人工")
        await desk.mei.press(card.ts, "claim").answer()
        people = [await desk.wechat() for _ in range(5)]
        for number in range(3):
            await first.say(f"还有 {number}")
        for person in people:
            await person.say("人工")
        await desk.until(lambda: len(desk.cards) == 6, 20)
        await desk.posted(card, "还有 2", 20)
        newest = max(one.ts for one in desk.cards)
        late = "\n".join(message.text for message in desk.thread(card) if message.ts > newest)
        assert late.endswith("还有 1\n还有 2"), "at most what had begun already came before the cards"
        await desk.shows(card, "<@UMEI>", 20)


@pytest.mark.parametrize("fault", ["429", "500", "drop_answer"])
async def test_a_card_ends_up_true_whatever_slack_does_meanwhile(tmp_path: Path, fault: str) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        arm(w, "chat.update", fault, count=2 if fault == "429" else 1)
        await desk.mei.press(card.ts, "claim").answer()
        await desk.tom.press(card.ts, "resolve").answer()
        await desk.shows(card, "✅ Resolved", 20)
        assert verbs(card)[0] == "reopen"
        [row] = await w.rows("SELECT state FROM ticket")
        assert row["state"] == "resolved"
        await desk.until(lambda: not w.sandbox.hub.faults)


async def test_a_card_that_nobody_could_post_for_a_while_comes_with_all_that_was_said(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        arm(w, "chat.postMessage", "503")
        anna = await desk.telegram()
        await anna.say("agent")
        await anna.say("hello?")
        await anna.send("file", PICTURE)
        card = await desk.first(lambda: desk.cards, 20)
        await desk.until(lambda: files_of(desk.thread(card)), 20)
        assert desk.texts(card)[0] == "hello?"
        assert ticket_of(card) == 1001
