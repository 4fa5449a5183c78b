"""The desk's main story on both kinds of database, in another language, and two agents at the same moment."""

from pathlib import Path
from typing import Any

import pytest

from bots.demo import MADE_UP
from tests.desk_play import PICTURE, Desk, files_of, heard_on, ticket_of, verbs
from tests.world import world

CHINESE = {**MADE_UP["slack"], "language": "zh-CN"}


@pytest.fixture(params=["SQLite", "PostgreSQL and Valkey"])
def grown(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The databases as in the configuration file."""
    if request.param == "SQLite":
        return {}
    url, redis = request.getfixturevalue("postgres_url"), request.getfixturevalue("redis_url")
    return {"database_url": url, "redis_url": redis}


async def test_from_the_first_question_to_the_last_word_in_chinese(
    tmp_path: Path, grown: dict[str, Any]
) -> None:
    async with world(tmp_path, slack=CHINESE, **grown) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        await li.say("怎么退货")
        await desk.heard(li, "退货")
        card = await desk.handed_off(li, "转人工")
        number = ticket_of(card)
        for words in (
            "*来自*\nWeChat · shop",
            "*语言*\n简体中文",
            "*等级*\n普通",
            "*转人工原因*\n要求人工",
            "🟠 待认领\n⏳ ",
            "*认领人*\n还没有人",
            "👤 怎么退货",
            "👤 转人工",
        ):
            assert words in card.words
        assert {"认领", "解决"} <= {button.label for button in card.buttons}
        await desk.mei.press(card.ts, "claim").answer()
        await desk.tom.press(card.ts, "claim").answer()
        await desk.whispered(desk.tom, f"T-{number} 已由 Mei 认领。")
        await desk.shows(card, "🔵 处理中")
        await li.send("image", PICTURE)
        await li.say("就是这件")
        await desk.posted(card, "就是这件")
        assert len(files_of(desk.thread(card))) == 1
        await desk.mei.reply(card.ts, "备注：老客户").answer()
        reply = desk.mei.upload(("label.png", PICTURE.data), text="请贴这张面单 :pray:", thread=card.ts)
        await desk.heard(li, "Mei：请贴这张面单 🙏")
        await desk.until(lambda: li.messages[-1]["kind"] == "image")
        await desk.marked(reply, "white_check_mark")
        await desk.mei.press(card.ts, "resolve").answer()
        await desk.heard(li, f"工单 T-{number} 已标记为解决")
        await desk.shows(card, "✅ 已解决")
        await li.tap(f"unsolved:{number}", "还没解决")
        await desk.posted(card, "🔄 重新打开")
        await desk.shows(card, "🔵 处理中")
        assert verbs(card) == ["resolve", "release"]
        assert not [text for text in heard_on(li) if "老客户" in text]


async def test_of_two_agents_who_claim_at_the_same_moment_one_wins(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    async with world(tmp_path, database_url=postgres_url, redis_url=redis_url) as w:
        desk = Desk(world=w)
        people = [await desk.wechat() for _ in range(4)]
        cards = [await desk.handed_off(person, "人工") for person in people]
        presses = [agent.press(card.ts, "claim") for card in cards for agent in (desk.mei, desk.tom)]
        for press in presses:
            assert (await press.answer()).ok
        held = {row["id"]: row["assignee"] for row in await w.rows("SELECT id, assignee FROM ticket")}
        told = [one.text for one in (*desk.mei.whispers, *desk.tom.whispers)]
        names = {"UMEI": "Mei", "UTOM": "Tom"}
        assert sorted(told) == sorted(f"{names[agent]} already holds T-{id}." for id, agent in held.items())
        won = "SELECT id FROM event WHERE name = 'ticket.claim' AND data->>'moved' = 'true'"
        assert len(await w.rows(won)) == len(cards)
        for card in cards:
            await desk.shows(card, f"<@{held[ticket_of(card)]}>", 20)
