"""WeChat's limits: five sends, 48 hours, 2,048 bytes, tokens that end, and accounts that can only answer."""

import asyncio
from pathlib import Path

from bots.sandbox.hub import Fault
from tests.wechat_scenes import (
    JPEG,
    UNANSWERABLE,
    UNVERIFIED,
    all_sent,
    card,
    count,
    handed,
    hears,
    later,
    posted,
    said,
    slack,
)
from tests.world import World, world

SEND = "message/custom/send"
LONG = "".join(f"第{number}点，请您按照说明书上的步骤慢慢来。" for number in range(1, 121))
"""More than three WeChat messages hold."""


async def test_the_sixth_send_waits_for_the_persons_next_words(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        mei = slack(w).agent("UMEI")
        for number in range(5):
            mei.reply(shown.ts, f"第 {number + 1} 条")
            await hears(w, phone, f"第 {number + 1} 条")
        sixth = mei.reply(shown.ts, "最后一条")
        notice = await posted(w, shown.ts, "Can't be sent now")
        assert "allows no more messages until they write" in notice.words
        await w.sandbox.hub.until(lambda: "warning" in sixth.message.reactions)
        assert "最后一条" not in said(phone)
        reply = await phone.say("进度")
        assert reply.text.startswith("最后一条\n\n工单 T-1001")
        await w.sandbox.hub.until(lambda: "white_check_mark" in sixth.message.reactions)


async def test_a_repeated_delivery_brings_what_had_waited_again_and_spends_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        with later(hours=49):
            slack(w).agent("UMEI").reply(shown.ts, "您的包裹找到了")
            notice = await posted(w, shown.ts, "Can't be sent now")
            assert "the time in which the platform allows a reply is over" in notice.words
            first = await phone.say("在吗")
            assert first.text == "Mei：您的包裹找到了"
            assert (await phone.again()).text == first.text
            assert phone.quota.left(phone.account.hub.now()) == 5
            assert await count(w, "delivery", "state <> 'sent' AND NOT desk") == 0


async def test_what_wechat_itself_refuses_waits_as_well(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        mei = slack(w).agent("UMEI")
        for code, reason in (("45015", "have not written for too long"), ("45047", "no more messages")):
            w.sandbox.hub.arm(Fault(platform="wechat", method=SEND, fault=code))
            mei.reply(shown.ts, f"回答 {code}")
            await posted(w, shown.ts, f"{reason}")
            waiting = await phone.say("在等")
            assert waiting.text.endswith(f"回答 {code}")


async def test_who_turned_messages_off_gets_them_with_the_next_words(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        phone.accepts = False
        slack(w).agent("UMEI").reply(shown.ts, "听得见吗")
        notice = await posted(w, shown.ts, "Can't be sent now")
        assert "they take no messages from the account" in notice.words
        phone.accepts = True
        assert (await phone.say("听得见")).text == "Mei：听得见吗"


async def test_an_account_that_has_no_sends_after_all_says_what_to_set(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        w.sandbox.wechat.account("shop").customer_service = False
        sent = slack(w).agent("UMEI").reply(shown.ts, "收到")
        notice = await posted(w, shown.ts, "Not delivered")
        assert "set customer_service = false" in notice.words
        await w.sandbox.hub.until(lambda: "warning" in sent.message.reactions)


async def test_a_picture_that_wechat_lost_is_named_in_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        w.sandbox.hub.arm(Fault(platform="wechat", method="media/get", fault="40007"))
        await phone.send("image", JPEG)
        await phone.say("看到了吗")
        await posted(w, shown.ts, "看到了吗")
        missing, words = slack(w).thread(shown.ts)[1:]
        assert "could not be fetched" in missing.words
        assert missing.username == words.username


async def test_what_is_busy_is_tried_again_and_arrives_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        for fault in ("-1", "500", "45011"):
            w.sandbox.hub.arm(Fault(platform="wechat", method=SEND, fault=fault))
        slack(w).agent("UMEI").reply(shown.ts, "马上来")
        await tried(w, 1)
        with later(seconds=30):
            await tried(w, 2)
            with later(seconds=60):
                await tried(w, 3)
                with later(minutes=5):
                    await hears(w, phone, "马上来")
        assert said(phone).count("Mei：马上来") == 1


async def test_a_long_answer_arrives_in_order_and_whole(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        mei = slack(w).agent("UMEI")
        await mei.reply(shown.ts, LONG).answer()
        mei.reply(shown.ts, "就这些")
        await hears(w, phone, "就这些")
        parts = said(phone)[1:-1]
        assert len(parts) == -(-len(LONG.encode()) // 2048) > 2
        assert all(len(part.encode()) <= 2048 for part in parts)
        assert all(part.endswith("。") for part in parts), "cut at the ends of sentences"
        assert "".join(parts) == f"Mei：{LONG}"


async def test_a_long_answer_that_spends_all_sends_goes_on_when_the_person_writes(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        slack(w).agent("UMEI").reply(shown.ts, LONG * 2)
        await posted(w, shown.ts, "Can't be sent now")
        assert len(said(phone)) == 6
        await phone.say("然后呢")
        await w.sandbox.hub.until(lambda: "".join(said(phone)[1:]) == f"Mei：{LONG * 2}")


async def test_tokens_that_end_or_are_revoked_are_renewed(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        mei = slack(w).agent("UMEI")
        mei.reply(shown.ts, "一")
        await hears(w, phone, "一")
        phone.account.tokens.revoke()
        mei.reply(shown.ts, "二")
        await hears(w, phone, "二")
        with later(hours=3):
            mei.reply(shown.ts, "三")
            await hears(w, phone, "三")
        assert said(phone)[1:] == ["Mei：一", "二", "三"]


async def test_an_account_without_sends_answers_within_the_request(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=[UNVERIFIED]) as w:
        w.sandbox.wechat.account("shop").customer_service = False
        phone = w.sandbox.wechat.phone("shop")
        assert "签收后 7 天内" in (await phone.say("怎么退货")).text
        missed = await phone.say(UNANSWERABLE[0])
        assert missed.tries == 1, "held open, but answered in time"
        assert "这个问题我还不会" in missed.text
        assert "1. 找真人\n回复数字即可选择" in missed.text
        assert (await phone.again()).text == missed.text
        assert "T-1001" in (await phone.say("1")).text
        shown = await card(w)
        sent = slack(w).agent("UMEI").reply(shown.ts, "在的")
        notice = await posted(w, shown.ts, "Can't be sent now")
        assert "this account can only answer when the person writes" in notice.words
        assert (await phone.say("人呢")).text.startswith("Mei：在的")
        await w.sandbox.hub.until(lambda: "white_check_mark" in sent.message.reactions)


async def test_bursts_on_an_account_without_sends_are_one_question(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=[UNVERIFIED]) as w:
        phone = w.sandbox.wechat.phone("shop")
        replies = await asyncio.gather(*(phone.say(text) for text in ("你好", "在吗", "退钱")))
        told = [reply.text for reply in replies if reply.text]
        assert len(told) == 1
        assert "您想问的是不是" in told[0]
        assert {reply.tries for reply in replies} == {1}
        await all_sent(w)


async def test_a_long_answer_without_sends_comes_message_by_message(tmp_path: Path) -> None:
    async with world(tmp_path, wechat=[UNVERIFIED]) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        slack(w).agent("UMEI").reply(shown.ts, LONG)
        await posted(w, shown.ts, "Can't be sent now")
        parts: list[str] = []
        while "".join(parts) != f"Mei：{LONG}":
            part = await phone.say("嗯")
            assert 0 < len(part.text.encode()) <= 2048
            assert (await phone.again()).text == part.text
            parts.append(part.text)
        assert len(parts) > 2
        assert (await phone.say("嗯")).text == ""


async def tried(w: World, times: int) -> None:
    """Wait until a send has failed so often, and that is written down."""
    async with asyncio.timeout(10):
        while not await count(w, "delivery", f"attempts = {times} AND lease_until IS NULL"):
            pass
