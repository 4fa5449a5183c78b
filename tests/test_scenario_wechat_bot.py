"""WeChat, the bot's part: suggestions, numbers, hand-offs, welcome, menu and languages, through signed HTTP."""

from pathlib import Path

from bots import chores
from bots.sandbox.hub import Fault
from tests.wechat_scenes import (
    UNANSWERABLE,
    card,
    cards,
    choices,
    count,
    handed,
    hears,
    later,
    posted,
    thread,
    words,
)
from tests.world import world

MENUS_FORBIDDEN = "40200"


async def test_what_is_not_clear_is_suggested_and_a_tap_answers(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        assert (await phone.say("退")).text == "", "a doubtful word waits for the rest"
        asked = await hears(w, phone, "您想问的是不是")
        assert asked["kind"] == "menu"
        assert next(iter(choices(asked))) == "怎么退货？"
        assert list(choices(asked))[-1] == "都不是，找真人"
        answer = await phone.tap(choices(asked)["怎么退货？"])
        assert "签收后 7 天内" in answer.text
        assert cards(w) == []


async def test_none_of_these_is_a_person(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("退钱")
        asked = await hears(w, phone, "您想问的是不是")
        assert "T-1001" in (await phone.tap(choices(asked)["都不是，找真人"])).text
        shown = await card(w)
        assert "👤 退钱" in shown.words
        assert all(label in shown.words for label in choices(asked))


async def test_where_menus_are_refused_numbers_pick_for_ten_minutes(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.sandbox.hub.arm(Fault(platform="wechat", method="message/custom/send", fault=MENUS_FORBIDDEN))
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("退")
        asked = await hears(w, phone, "回复数字即可选择")
        assert asked["kind"] == "text"
        assert "1. 怎么退货？" in words(asked)
        with later(minutes=9):
            assert "签收后 7 天内" in (await phone.say("１")).text
            await phone.say("订单")
            await hears(w, phone, "在哪里看我的订单？")
            with later(minutes=11):
                assert (await phone.say("3")).text == "", "by now it is a number like any other"
                await hears(w, phone, "T-1001")


async def test_two_misses_bring_a_person(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say(UNANSWERABLE[0])
        first = await hears(w, phone, "这个问题我还不会")
        assert list(choices(first)) == ["找真人"]
        await phone.say(UNANSWERABLE[1])
        await hears(w, phone, "工单号 T-1001")
        shown = await card(w)
        assert all(f"👤 {question}" in shown.words for question in UNANSWERABLE)
        assert "the bot had no answer" in shown.words
        assert thread(w, shown.ts) == [], "what stands on the card is not said again"


async def test_who_asks_for_a_person_gets_one_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        told = await phone.say("我要转人工客服！")
        assert "T-1001" in told.text
        assert "会在这里回复您" in told.text
        shown = await card(w)
        assert shown.pings == set()
        assert "· WeChat" in shown.text


async def test_a_new_follower_is_welcomed_with_what_can_be_asked(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await w.sandbox.wechat.newcomer("shop")
        welcome = await phone.follow()
        assert welcome.text.startswith("您好，欢迎！")
        assert "1. " in welcome.text
        assert "找真人" in welcome.text
        assert "T-1001" in (await phone.say("4")).text, "the numbers of a welcome pick as well"


async def test_scanning_a_code_is_a_sign_of_life_and_its_scene_is_kept(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        scanned = await phone.scan("poster-7")
        assert (scanned.status, scanned.tries) == (200, 1)
        assert "找真人" in scanned.text
        newcomer = await w.sandbox.wechat.newcomer("shop")
        assert (await newcomer.scan("poster-8")).text.startswith("您好，欢迎！")
        kept = await w.rows("SELECT kind, text FROM message WHERE by = 'person' ORDER BY id")
        assert [(row["kind"], row["text"]) for row in kept] == [
            ("linked", "poster-7"),
            ("followed", "poster-8"),
        ]


async def test_the_menu_asks_tells_and_hands_off(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await chores.menu_publish(w.settings)
        phone = w.sandbox.wechat.phone("shop")
        assert [entry["name"] for entry in phone.state()["menu"]] == ["问题", "我的工单", "人工"]
        assert "直接输入问题即可" in (await phone.menu("help")).text
        assert "您现在没有工单" in (await phone.menu("tickets")).text
        assert "T-1001" in (await phone.menu("person")).text
        with later(seconds=2):
            assert "工单 T-1001 正在排队" in (await phone.menu("tickets")).text
        shown = await card(w)
        assert "asked for a person" in shown.words
        assert await count(w, "ticket") == 1


async def test_the_bot_speaks_the_language_of_the_person(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        simplified, traditional, english, mute = [
            w.sandbox.wechat.phone("shop"),
            *[await w.sandbox.wechat.newcomer("shop", following=True) for _ in range(3)],
        ]
        assert "签收后 7 天内" in (await simplified.say("怎么退货")).text
        assert "鑑賞期" in (await traditional.say("怎麼退貨")).text
        assert "within 7 days" in (await english.say("How do I return something?")).text
        assert "已为您转给真人同事" in (await simplified.say("人工")).text
        assert "已為您轉給真人同事" in (await traditional.say("轉人工")).text
        assert "I've passed this on" in (await english.say("human please")).text
        with_mute = await mute.say("👍")
        assert with_mute.text == ""
        assert "您现在没有工单" in (await mute.say("status")).text, (
            "who has shown no language gets Simplified"
        )


async def test_typing_is_shown_while_a_question_waits_for_its_rest(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        with w.sandbox.hub.listening() as events:
            await phone.say("你好")
            while (event := await events.get())["what"] != "typing":
                assert phone.messages[-1]["from"] == "me", "it shows before the answer"
            assert event["user"] == phone.user
        greeting = await hears(w, phone, "请问有什么可以帮您")
        assert "找真人" in choices(greeting)


async def test_a_kind_of_message_that_wechat_invents_tomorrow(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        told = await phone.unknown("hologram")
        assert "这种消息我暂时看不了" in told.text
        shown = await handed(w, phone)
        assert "这种消息我暂时看不了" in (await phone.unknown("hologram")).text
        notice = await posted(w, shown.ts, "hologram")
        assert notice.username.endswith("· WeChat")
