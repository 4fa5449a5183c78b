"""Slack over Socket Mode alone: no public address, no signing secret, everything over a websocket that we open."""

import asyncio
from functools import partial
from pathlib import Path

from bots.sandbox.pace import Pace
from bots.sandbox.slack.stand import SlackStand
from tests.servers import postgres_server
from tests.slack_user_stories import (
    OVER_SOCKET,
    cards,
    handed_off,
    slack,
    thread,
    until_file,
    until_in_thread,
    until_marked,
    until_told,
)
from tests.telegram_stories import png
from tests.waiting import until
from tests.world import World, world

PATIENT = Pace(slack_retries=(0.2, 0.5, 0.5, 1, 1), slack_patience=1.5)


async def connected(w: World) -> SlackStand:
    await w.sandbox.hub.until(lambda: slack(w).sockets.open)
    return slack(w)


async def test_a_whole_story_over_the_websocket(tmp_path: Path) -> None:
    async with world(tmp_path, slack=OVER_SOCKET) as w:
        stand = await connected(w)
        lin, mei = stand.customer("ULIN"), stand.agent("UMEI")
        lin.say("怎麼退貨？")
        await until_told(w, lin, "7 天鑑賞期")
        lin.say("退錢")
        await until_told(w, lin, "您想問的是不是")
        lin.choose("都不是，找真人")
        await until_told(w, lin, "T-1001")
        card = (await w.sandbox.hub.until(lambda: cards(w)))[0]

        assert (await mei.press(card.ts, "claim").answer()).ok
        act = mei.reply(card.ts, "我來看看")
        await until_told(w, lin, "Mei：我來看看")
        await until_marked(w, act.ts)
        lin.upload(("vase.png", png(20)))
        assert (await until_file(w, card.ts)).files[0].data == png(20)
        await mei.press(card.ts, "resolve").answer()
        await until_told(w, lin, "已標記為解決")

        assert all(
            len(one.answers) == 1 and one.answers[0].status == 200 for one in stand.deliveries if one.answers
        )
        assert (await stand.push(b"{}")).status == 404  # no secret, so nothing is let in over HTTP


async def test_a_connection_that_slack_renews_loses_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, slack=OVER_SOCKET) as w:
        stand = await connected(w)
        ana = stand.customer("UANA")
        ts = await handed_off(w, ana)
        await stand.sockets.refresh()
        said = [ana.say(f"number {number}") for number in (1, 2, 3)]
        for act in said:
            assert (await act.answer()).ok
        await until_in_thread(w, ts, "number 3")
        said_there = "\n".join(message.text for message in thread(w, ts)).split("\n")
        assert said_there == ["number 1", "number 2", "number 3"]


async def test_what_comes_while_we_are_away_comes_again(tmp_path: Path) -> None:
    async with world(tmp_path, PATIENT, slack=OVER_SOCKET) as w:
        stand = await connected(w)
        ana = stand.customer("UANA")
        ts = await handed_off(w, ana)
        await w.stop()
        said = ana.say("while you were away")
        await w.start()
        assert (await said.answer()).ok
        await until_in_thread(w, ts, "while you were away")
        assert len(thread(w, ts)) == 1


async def test_nothing_is_acknowledged_while_the_database_is_away(tmp_path: Path) -> None:
    with postgres_server() as server:
        async with world(tmp_path, PATIENT, slack=OVER_SOCKET, database_url=server.address) as w:
            stand = await connected(w)
            ana = stand.customer("UANA")
            ts = await handed_off(w, ana)
            await until(partial(w.rows, "SELECT id FROM ticket WHERE thread <> ''"))
            await asyncio.to_thread(server.stop)
            said = ana.say("nobody can write this down")
            answers = said.deliveries[0].answers
            await w.sandbox.hub.until(lambda: answers)
            assert not answers[0].ok
            await asyncio.to_thread(server.start)

            assert (await said.answer()).ok
            await until_in_thread(w, ts, "nobody can write this down")
            assert len(thread(w, ts)) == 1
