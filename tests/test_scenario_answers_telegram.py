"""Answers on Telegram: verdicts, the next best, a person; several at once, follow-ups, files, departments."""

from pathlib import Path

from bots.sandbox.telegram.phone import TelegramPhone
from tests.answers_shop import PICTURE, open_shop, questions
from tests.telegram_stories import buttons, cards, said, started, until_in_thread, until_said
from tests.world import World, world

VERDICT = ["That helped", "Didn't help", "Ask a person"]


async def tap(w: World, phone: TelegramPhone, words: str, label: str) -> None:
    """Tap a button under the newest message that says ``words``."""
    message = await until_said(w, phone, words)
    assert (await phone.tap(message["id"], buttons(message)[label])).ok


async def test_helped_then_not_then_the_next_best_then_a_person(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        phone = await started(w)
        await phone.say("I want to return this")
        answer = await until_said(w, phone, "within 7 days")
        assert list(buttons(answer)) == ["Who pays the postage of a return?", *VERDICT]
        await tap(w, phone, "within 7 days", "That helped")
        await until_said(w, phone, "glad that helped")
        assert await questions(w) == [("answer", "returns", "returns", "helped")]

        await tap(w, phone, "within 7 days", "Didn't help")  # a change of mind
        instead = await until_said(w, phone, "Is it one of these instead")
        assert next(iter(buttons(instead))) == "Who pays the postage of a return?"
        assert list(buttons(instead))[-1] == "None of these: a person"
        await tap(w, phone, "within 7 days", "Didn't help")  # tapped twice: counts once
        await until_said(w, phone, "put it another way")
        await tap(w, phone, "one of these instead", "Who pays the postage of a return?")
        picked = await until_said(w, phone, "We pay the postage")
        assert buttons(picked) == {}, "never twice in a row"
        first, second = await questions(w)
        assert first == ("answer", "returns", "returns", "unhelped")
        assert (second[0], second[1], second[3]) == ("suggest", "return-fee", "picked")

        await tap(w, phone, "one of these instead", "None of these: a person")
        await until_said(w, phone, "T-1001")
        assert (await questions(w))[1][3] == "person"
        await tap(w, phone, "within 7 days", "Didn't help")
        await until_said(w, phone, "T-1001 is waiting")
        kept = await w.rows("SELECT text, revision, probability, signs, language, platform FROM question")
        assert {(row["text"], row["revision"], row["language"], row["platform"]) for row in kept} == {
            ("I want to return this", 1, "en", "telegram")
        }
        assert kept[0]["probability"] > 0.5
        assert len(kept[0]["signs"]) > 2


async def test_several_questions_follow_ups_files_and_departments(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        phone = await started(w, "zh-hans", "小林")
        await phone.say("你好！怎么退货？运费谁出？另外发票怎么开？谢谢")
        both = await until_said(w, phone, "【怎么退货？】")
        assert "7 天内可以退" in both["plain"]
        assert "【退货运费谁出？】\n退货的运费我们出" in both["plain"], "the second leans on the first"
        assert "【发票怎么开？】\n在订单里点" in both["plain"]
        assert buttons(both) == {}, "what the answer leads on to is there already"
        assert [row[:2] for row in await questions(w)] == [
            ("answer", "returns"), ("answer", "return-fee"), ("answer", "invoice"),
        ]  # fmt: skip

        await phone.say("怎么退货")
        await until_said(w, phone, "7 天内可以退", times=2)
        await phone.say("那运费呢？")
        await until_said(w, phone, "退货的运费我们出", times=2)
        assert (await w.rows("SELECT text FROM question ORDER BY id DESC LIMIT 1"))[0]["text"] == (
            "怎么退货？\n那运费呢？"
        )
        await phone.say("运费多少钱")
        await until_said(w, phone, "满 99 元包邮")

        await phone.say("有没有尺码表")
        await until_said(w, phone, "看这张表")
        chart = await w.sandbox.hub.until(
            lambda: next((one for one in phone.messages if one["from"] == "bot" and one.get("file")), None)
        )
        assert chart["kind"] == "image"
        stored = await w.rows("SELECT source, ref, state, size FROM attachment")
        assert [tuple(row.values()) for row in stored] == [("faq", "files/sizes.png", "stored", len(PICTURE))]

        await phone.say("双十一有什么优惠？")
        asked = await until_said(w, phone, "这个问题我还不会") if "五折" not in "".join(said(phone)) else {}
        assert asked

        await phone.say("被碎片划伤了")
        await until_said(w, phone, "请先止血")
        await until_said(w, phone, "T-1001")
        card = await w.sandbox.hub.until(lambda: cards(w))
        assert "escalate:safety" in card[0].words
        await phone.say("还在流血")
        await until_in_thread(w, card[0].ts, "还在流血")


async def test_the_other_chinese_is_converted_and_marked(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        phone = await started(w, "zh-hant", "林小姐")
        await phone.say("我想退貨")
        converted = await until_said(w, phone, "收到後 7 天內可以退，在網路訂單裡申請。")
        assert converted["plain"].endswith("（由簡體自動轉換）")
        assert "退貨運費誰出？" in buttons(converted)
        await phone.say("退貨的運費誰負擔")
        own = await until_said(w, phone, "退貨運費由我們負擔")
        assert "轉換" not in own["plain"]


async def test_the_help_centre_is_walked_by_taps(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        other = await started(w)
        await other.say("How do I get an invoice?")
        await until_said(w, other, 'Choose "Invoice"')
        phone = await started(w)
        await phone.say("/help")
        front = await until_said(w, phone, "look around below")
        assert list(buttons(front)) == [
            "Asked most this week", "Returns and repairs", "parcels", "paying", "goods", "Ask a person",
        ]  # fmt: skip
        await tap(w, phone, "look around", "Returns and repairs")
        topic = await until_said(w, phone, "Returns and repairs: what people ask")
        assert list(buttons(topic))[:3] == [
            "How do I return something?", "Who pays the postage of a return?", "Back",
        ]  # fmt: skip
        await tap(w, phone, "what people ask", "How do I return something?")
        answer = await until_said(w, phone, "You can return it within 7 days")
        assert list(buttons(answer))[-1] == "Back"
        await tap(w, phone, "within 7 days", "Back")
        await until_said(w, phone, "Returns and repairs: what people ask", times=2)
        await tap(w, phone, "what people ask", "Back")
        await until_said(w, phone, "look around", times=2)
        await tap(w, phone, "look around", "Asked most this week")
        week = await until_said(w, phone, "Asked most this week:")
        assert list(buttons(week)) == ["How do I get an invoice?", "Back", "Ask a person"]
        await tap(w, phone, "Asked most this week:", "How do I get an invoice?")
        await until_said(w, phone, 'Choose "Invoice"')
        assert [row[:2] for row in await questions(w)] == [
            ("answer", "invoice"), ("opened", "returns"), ("opened", "invoice"),
        ]  # fmt: skip
