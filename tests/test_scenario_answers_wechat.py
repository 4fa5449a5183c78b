"""Answers on WeChat: verdicts as numbers, as taps and in words; the help centre; accounts that only reply."""

from pathlib import Path

from bots import chores
from tests.answers_shop import PICTURE, open_shop, questions
from tests.wechat_scenes import UNVERIFIED, all_sent, choices, count, hears, later, said, until, words
from tests.world import world


async def test_verdicts_by_number_the_next_best_by_words_and_a_person(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        phone = w.sandbox.wechat.phone("shop")
        answer = await phone.say("我想退货")
        assert answer.text == (
            "收到后 7 天内可以退，在网络订单里申请。\n\n"
            "1. 退货运费谁出？\n2. 有帮助\n3. 没帮到我\n4. 找真人\n回复数字即可选择"
        )
        instead = await phone.say("3")
        assert instead.text.startswith("抱歉没帮上忙。您想问的是这些吗？\n\n1. ")
        place = next(line[0] for line in instead.text.splitlines() if line.endswith("退货运费谁出？"))
        picked = await phone.say("第" + "一二三"[int(place) - 1] + "个")
        assert "退货的运费我们出" in picked.text
        assert (await questions(w))[0] == ("answer", "returns", "returns", "unhelped")
        assert [row[0] + row[1] + row[3] for row in (await questions(w))[1:]] == ["suggestreturn-feepicked"]

        assert "看这张表" in (await phone.say("有没有尺码表")).text
        chart = await until(w, lambda: next((one for one in phone.messages if one["kind"] == "image"), None))
        assert chart["from"] == "bot"
        assert (await w.rows("SELECT size FROM attachment"))[0]["size"] == len(PICTURE)

        with later(hours=7):
            assert (await phone.say("运费多少钱")).text == "满 99 元包邮，不满收 8 元。", "not twice in a row"
            helped = await phone.say("发票怎么开")
            assert helped.text.endswith("1. 有帮助\n2. 没帮到我\n3. 找真人\n回复数字即可选择")
            assert (await phone.say("选1")).text == "太好了，很高兴帮到您 😊"
            assert (await phone.say("谢谢")).text == "不客气，随时找我 😊"
            assert (await questions(w))[-1] == ("answer", "invoice", "invoice", "helped")
            both = await phone.say("退货运费谁出？\n运费多少钱")
            assert both.text.startswith("【退货运费谁出？】\n退货的运费我们出。\n\n【运费怎么算？】\n满 99")
            assert "T-1001" in (await phone.say("人工")).text
            assert (await questions(w))[-1][3] == "person"


async def test_the_help_centre_by_menu_and_taps(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        await chores.menu_publish(w.settings)
        phone = w.sandbox.wechat.phone("shop")
        front = await phone.say("常见问题")
        assert front.text.startswith("直接输入问题即可")
        assert "1. 退换与售后\n2. parcels\n3. paying\n4. goods\n5. 找真人" in front.text
        assert len(front.text.encode()) <= 2048
        assert "怎么退货" in (await phone.say("1")).text
        answer = await phone.say("第一个")
        assert "7 天内可以退" in answer.text
        assert answer.text.splitlines()[-2].endswith("返回")
        number = answer.text.splitlines()[-2].partition(".")[0]
        assert "大家常问这些" in (await phone.say(number)).text
        assert (await questions(w))[-1] == ("opened", "returns", "returns", "")
        assert (await phone.menu("help")).text == front.text


async def test_a_tap_on_a_menu_and_an_old_tap(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path)) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("杯子")
        asked = await hears(w, phone, "您想问的是不是")
        pick = choices(asked)["尺寸怎么选？"]
        assert "看这张表" in (await phone.tap(pick)).text
        assert (await questions(w))[0] == ("suggest", "sizes", "sizes hurt fee", "picked")
        await until(w, lambda: any(one["kind"] == "image" for one in phone.messages))
        with later(hours=30):
            assert "看这张表" in (await phone.tap(pick)).text
        assert len(await questions(w)) == 1
        assert await count(w, "evidence") == await count(w, "variant") <= 1


async def test_an_account_without_sends_gets_words_only(tmp_path: Path) -> None:
    async with world(open_shop(tmp_path), wechat=[UNVERIFIED]) as w:
        w.sandbox.wechat.account("shop").customer_service = False
        phone = w.sandbox.wechat.phone("shop")
        chart = await phone.say("有没有尺码表")
        assert chart.text.startswith("看这张表。\n\n1. 有帮助")
        assert await count(w, "attachment") == 0
        assert "太好了" in (await phone.say("1")).text
        assert "五折" not in (await phone.say("双十一有什么优惠？")).text
        assert words(phone.messages[-1]) in said(phone)
        await all_sent(w)
