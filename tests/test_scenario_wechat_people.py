"""WeChat, people's part: the thread under the person's name, answers, files both ways, resolving and coming back."""

import re
from pathlib import Path

from tests.wechat_scenes import (
    JPEG,
    UNANSWERABLE,
    VIDEO,
    VOICE,
    cards,
    choices,
    count,
    handed,
    hears,
    later,
    posted,
    said,
    shows,
    slack,
    thread,
)
from tests.world import world


async def test_after_the_hand_off_all_goes_to_the_thread_and_the_bot_keeps_quiet(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        for text in ("怎么退货", "宇宙的尽头在哪里"):
            assert (await phone.say(text)).body == b""
        words = await posted(w, shown.ts, "宇宙的尽头在哪里")
        assert re.fullmatch(r"\S.+ · WeChat", words.username)
        assert words.username in shown.text
        lines = "\n".join(line.removeprefix(f"{words.username} ") for line in thread(w, shown.ts))
        assert lines.split("\n") == ["怎么退货", "宇宙的尽头在哪里"]
        assert len(said(phone)) == 1, "nothing but the ticket's number"


async def test_an_agents_answer_arrives_under_their_name_once_and_is_marked(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        mei = slack(w).agent("UMEI")
        first, second = mei.reply(shown.ts, "您好，我来看看"), mei.reply(shown.ts, "稍等 :smile:")
        await hears(w, phone, "稍等")
        assert said(phone)[-2:] == ["Mei：您好，我来看看", "稍等 😄"]
        await w.sandbox.hub.until(lambda: "white_check_mark" in first.message.reactions)
        await w.sandbox.hub.until(lambda: "white_check_mark" in second.message.reactions)
        mei.reply(shown.ts, "！note 老客户，小心处理")
        mei.reply(shown.ts, "好了")
        await hears(w, phone, "好了")
        assert not any("老客户" in text for text in said(phone))


async def test_an_answer_before_the_card_is_written_down_is_not_lost(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("人工")
        await w.sandbox.hub.until(lambda: cards(w))
        slack(w).agent("UMEI").reply(cards(w)[0].ts, "我在")
        await hears(w, phone, "我在")


async def test_what_people_send_stands_in_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        await phone.send("image", JPEG)
        await phone.send("voice", VOICE, "我的包裹坏了")
        await phone.send("video", VIDEO)
        await phone.place(23.134521, 113.358803, "广州市天河区")
        await phone.link("我买的杯子", "红色", "https://shop.example/cup?a=1&b=2")
        await posted(w, shown.ts, "https://shop.example/cup", seconds=20)
        replies = slack(w).thread(shown.ts)[1:]
        files = [file for message in replies for file in message.files]
        assert [file.data for file in files] == [JPEG.data, VOICE.data, VIDEO.data]
        assert all("· WeChat" in f"{message.username} {message.words}" for message in replies)
        read = "\n".join(thread(w, shown.ts))
        assert "我的包裹坏了" in read
        assert "广州市天河区 (23.134521, 113.358803)" in read
        assert "我买的杯子 · 红色 https://shop.example/cup?a=1&amp;b=2" in read
        assert read.index("我的包裹坏了") < read.index("广州市") < read.index("我买的杯子")
        assert {ping for message in replies for ping in message.pings} == set()
        assert len(said(phone)) == 1


async def test_an_agents_picture_arrives_with_its_words_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        slack(w).agent("UMEI").upload(("label.jpg", JPEG.data), text="请贴上这张标签", thread=shown.ts)
        picture = await w.sandbox.hub.until(
            lambda: next((one for one in phone.messages if one["kind"] == "image"), None)
        )
        assert w.sandbox.hub.files[picture["file"].rpartition("/")[2]].data == JPEG.data
        assert said(phone)[-2:] == ["Mei：请贴上这张标签", ""]


async def test_a_file_that_wechat_has_no_message_for_is_told_to_the_agent(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        sent = slack(w).agent("UMEI").upload(("bill.pdf", b"%PDF-1.7 bill"), text="发票", thread=shown.ts)
        notice = await posted(w, shown.ts, "Not delivered")
        assert "bill.pdf" in notice.words
        await w.sandbox.hub.until(lambda: "warning" in sent.message.reactions)
        assert said(phone)[-1] == "Mei：发票"


async def test_who_is_not_satisfied_reopens_by_a_tap(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        slack(w).agent("UMEI").press(shown.ts, "resolve")
        told = await hears(w, phone, "工单 T-1001 已标记为解决")
        await shows(w, 1001, "✅ Resolved")
        assert list(choices(told)) == ["还没解决"]
        for text in ("谢谢", "👍"):
            await phone.say(text)
        assert await count(w, "ticket", "state = 'resolved'") == 1
        assert "工单 T-1001 已重新打开" in (await phone.tap(choices(told)["还没解决"])).text
        await shows(w, 1001, "🟠 Open")
        assert (await phone.say("还是坏的")).body == b""
        await posted(w, shown.ts, "还是坏的")
        assert len(cards(w)) == 1


async def test_within_72_hours_the_same_matter_goes_on_with_what_was_said_in_between(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        slack(w).agent("UMEI").press(shown.ts, "resolve")
        await hears(w, phone, "已标记为解决")
        with later(hours=71):
            assert "签收后 7 天内" in (await phone.say("怎么退货")).text, "the bot answers again"
            assert "T-1001 已重新打开" in (await phone.say("转人工")).text
            notice = await posted(w, shown.ts, "Open again")
            assert "👤 怎么退货" in notice.words
            assert "🤖 签收后 7 天内" in notice.words
            assert len(cards(w)) == 1


async def test_after_72_hours_it_is_a_new_matter(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        slack(w).agent("UMEI").press(shown.ts, "resolve")
        await hears(w, phone, "已标记为解决")
        with later(hours=73):
            assert "工单号 T-1002" in (await phone.say("转人工")).text
            fresh = await shows(w, 1002, "T-1001")
            assert UNANSWERABLE[0] not in fresh.words


async def test_who_left_is_named_in_the_thread_and_gets_the_answer_on_coming_back(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        await phone.unfollow()
        await posted(w, shown.ts, "unfollowed or blocked us; replies wait")
        sent = slack(w).agent("UMEI").reply(shown.ts, "已经给您补发了")
        notice = await posted(w, shown.ts, "Can't be sent now")
        assert "the person unfollowed or blocked us" in notice.words
        await w.sandbox.hub.until(lambda: "warning" in sent.message.reactions)
        assert not any("补发" in text for text in said(phone))
        assert "Mei：已经给您补发了" in (await phone.follow()).text
        await w.sandbox.hub.until(lambda: "white_check_mark" in sent.message.reactions)
        await w.sandbox.hub.until(lambda: "warning" not in sent.message.reactions)
        assert await count(w, "delivery", "state = 'parked'") == 0
