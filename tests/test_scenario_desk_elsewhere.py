"""One person on two platforms, and people whom nobody answers any more."""

from pathlib import Path

from bots.sandbox.hub import Fault
from core.storage import models
from core.storage.engine import Storage
from tests.desk_hands import DEPARTMENTS, departments, verbs_of, whisper
from tests.desk_play import Desk, heard_on
from tests.world import World, world

WHERE = """
replies:
  - name: where
    text: {en: "You write to us on {platform}.", zh-CN: "您正在用 {platform} 联系我们。"}
"""


async def joined(w: World) -> None:
    """Who writes on WeChat is whoever wrote on Telegram."""
    storage = await Storage.open(w.settings.database_url)
    try:
        telegram = await models.Identity.get(platform="telegram", using_db=storage.reading)
        async with storage.turn() as conn:
            await (
                models.Identity.filter(platform="wechat").using_db(conn).update(person_id=telegram.person_id)
            )
    finally:
        await storage.close()


async def test_what_one_platform_refuses_goes_to_the_person_on_another(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna, li = await desk.telegram(), await desk.wechat()
        await li.say("你好")
        await joined(w)
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        w.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="400"))
        failed = desk.mei.reply(card.ts, "Your parcel is here")
        await desk.marked(failed, "warning")
        notice = await desk.posted(card, "⚠️ Not delivered:")
        assert verbs_of(notice) == ["retry", "via", "wait"]
        assert [one.label for one in notice.buttons if one.action_id == "via"] == ["Send on WeChat instead"]
        await desk.mei.press(notice.ts, "via").answer()
        assert await desk.heard(li, "Your parcel is here") == "Mei: Your parcel is here"
        await desk.marked(failed, "white_check_mark")
        assert not any("parcel" in text for text in heard_on(anna))
        await desk.mei.press(notice.ts, "via").answer()
        await whisper(desk, desk.mei, "No reply has failed here")
        # where nothing can be sent at all, it goes there by itself
        anna.block()
        desk.mei.reply(card.ts, "Come and fetch it")
        await desk.heard(li, "Come and fetch it")
        assert sum("parcel" in text for text in heard_on(li)) == 1


async def test_canned_replies_name_the_platform_as_people_call_it(tmp_path: Path) -> None:
    folder = departments(tmp_path)
    (folder / "replies" / "where.yaml").write_text(WHERE, encoding="utf-8")
    async with world(folder) as w:
        desk = Desk(world=w)
        for phone, words in (
            (await desk.telegram(), "You write to us on Telegram."),
            (await desk.wechat(), "您正在用 WeChat 联系我们。"),
        ):
            card = await desk.handed_off(phone, "人工" if "您" in words else "agent")
            await desk.mei.reply(card.ts, "!r where").answer()
            await desk.heard(phone, words)


async def test_who_is_blocked_has_no_ticket_and_undoing_it_opens_none(tmp_path: Path) -> None:
    async with world(departments(tmp_path, DEPARTMENTS)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await anna.say("you are all thieves")
        await desk.posted(card, "thieves")
        await desk.mei.press(card.ts, "claim").answer()
        await desk.tom.reply(card.ts, "!block").answer()
        notice = await desk.posted(card, "🚫 Tom blocked the person")
        assert "presses Reopen" in notice.text
        await desk.shows(card, "✅ Resolved")
        await desk.heard(anna, "we no longer answer you here")
        assert not any("marked as solved" in text for text in heard_on(anna))
        read = len(heard_on(anna))
        await anna.say("let me in, agent!")
        await desk.mei.press(notice.ts, "unblock").answer()
        await whisper(desk, desk.mei, "only a supervisor can undo that")
        await desk.tom.press(notice.ts, "unblock").answer()
        await desk.posted(card, "let me in, agent!")
        await desk.heard(anna, "")
        await desk.posted(card, "took that back")
        [row] = await w.rows("SELECT state, resolution FROM ticket")
        assert (row["state"], row["resolution"]) == ("resolved", "")
        assert len(desk.cards) == 1
        assert len(heard_on(anna)) <= read + 1, "they hear of the undoing alone"
        await desk.mei.press(card.ts, "reopen").answer()
        await desk.shows(card, "🔵 In progress")
        desk.mei.reply(card.ts, "Let us begin again")
        await desk.heard(anna, "Let us begin again")
