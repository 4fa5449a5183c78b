"""Who may speak to people, and what of all that happens in Slack is an agent's word at all."""

import json
from pathlib import Path

from tests.desk_play import Desk, heard_on
from tests.world import World, world


async def words_of_agents(w: World) -> list[str]:
    found = await w.rows("SELECT text FROM message WHERE \"by\" IN ('agent', 'note') ORDER BY id")
    return [row["text"] for row in found]


async def test_who_is_no_member_is_told_so_alone_and_moves_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        pat, thread = desk.slack.colleague(), len(desk.thread(card))
        await pat.reply(card.ts, "I'll take over").answer()
        await pat.reply(card.ts, "note: psst").answer()
        await pat.press(card.ts, "resolve").answer()
        told = [one.text for one in pat.messages if one.by_app]
        assert [text.split(",")[0] for text in told] == ["Not sent", "Not sent", "Nothing was done"]
        assert await words_of_agents(w) == []
        [row] = await w.rows("SELECT state FROM ticket")
        assert row["state"] == "open"
        pat.join()
        await pat.reply(card.ts, "Hello from Pat").answer()
        assert await desk.heard(anna, "Hello from Pat") == "Pat: Hello from Pat", (
            "just invited, heard at once"
        )
        assert heard_on(anna)[-1] == "Pat: Hello from Pat"
        assert await words_of_agents(w) == ["Hello from Pat"]
        assert [one for one in desk.thread(card)[thread:] if one.by_app] == [], "nobody else is bothered"


async def test_what_is_no_agents_word_in_a_tickets_thread_is_ignored(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        mine = desk.mei.reply(card.ts, "See https://shop.example/terms")
        await desk.heard(anna, "See https://shop.example/terms")
        await desk.slack.unfurl(mine.ts, "Our terms").answer()
        elsewhere = desk.mei.post("Lunch?")
        await desk.tom.reply(elsewhere.ts, "In a thread that is no ticket").answer()
        event = mine.deliveries[0].payload
        bot = {
            **event["event"],
            "bot_id": "BOTHER",
            "user": "UOTHER",
            "text": "Build failed",
            "ts": "1700000001.000001",
        }
        pushed = await desk.slack.push(json.dumps({**event, "event_id": "EvOTHER", "event": bot}).encode())
        assert pushed.status == 200
        await desk.slack.repeat(mine.deliveries[0])
        calling = desk.mei.reply(card.ts, "@Onethread is a bot, but these words are mine")
        await calling.answer()
        await desk.heard(anna, "these words are mine")
        assert heard_on(anna)[-2:] == [
            "Mei: See https://shop.example/terms",
            "@Onethread is a bot, but these words are mine",
        ]
        assert desk.mei.whispers == desk.tom.whispers == []
        assert len(await words_of_agents(w)) == 2
        assert await w.rows("SELECT id FROM quarantine") == []


async def test_a_restart_in_between_is_noticed_by_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.mei.press(card.ts, "claim").answer()
        await w.stop()
        said = anna.say("while you were away")
        reply = desk.mei.reply(card.ts, "while I was away")
        await w.start()
        await desk.posted(card, "while you were away", 20)
        await desk.heard(anna, "Mei: while I was away", 20)
        await desk.marked(reply, "white_check_mark")
        assert (await said).status == 200
        await desk.shows(card, "<@UMEI>")
        assert len(desk.cards) == 1
        assert desk.texts(card) == ["while I was away", "while you were away"]
