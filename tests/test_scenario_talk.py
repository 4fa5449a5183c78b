"""The conversation as people really type it: bursts, pictures without words, thanks, waiting, and hostile texts."""

from dataclasses import replace
from pathlib import Path

import pytest

from bots.sandbox.slack.workspace import Message
from tests.wechat_scenes import (
    JPEG,
    UNANSWERABLE,
    VOICE,
    card,
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
from tests.world import World, world

BIDI = "\u202e\u2066"
ZERO_WIDTH = "\u200b\u200d\ufeff"


async def test_a_burst_is_one_question_and_one_miss(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        for text in ("你好", "在吗", "退钱"):
            assert (await phone.say(text)).body == b""
        asked = await hears(w, phone, "您想问的是不是")
        assert len(said(phone)) == 1
        assert "都不是，找真人" in choices(asked)
        await phone.say(UNANSWERABLE[0])
        await hears(w, phone, "T-1001")  # the second miss, not the fourth
        shown = await card(w)
        assert all(f"👤 {text}" in shown.words for text in ("你好", "在吗", "退钱", UNANSWERABLE[0]))


async def test_a_clear_question_after_a_greeting_is_answered_at_once_and_alone(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        assert (await phone.say("你好")).body == b""
        assert "签收后 7 天内" in (await phone.say("怎么退货")).text
        assert await count(w, "timer") == 0, "the greeting waits for nothing any more"
        assert len(said(phone)) == 1
        slow = w.sandbox.telegram.phone("shop")
        await slow.start()
        await slow.say("hello")
        await slow.say("How do I return something?")
        await hears(w, slow, "within 7 days")


async def test_a_picture_without_words_is_asked_about_once_and_goes_to_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        for _ in range(2):
            assert (await phone.send("image", JPEG)).body == b""
        await hears(w, phone, "收到，已经为您保存")
        assert (await phone.say("[OK]")).body == b""
        assert "不客气" in (await phone.say("好的")).text
        assert await count(w, "ticket") == 0
        assert "工单号 T-1001" in (await phone.say("寄来就是坏的")).text
        shown = await shows(w, 1001, "sent a file that needs a person")
        assert "👤 寄来就是坏的" in shown.words
        await w.sandbox.hub.until(lambda: len(files_in(w, shown)) == 2)
        assert files_in(w, shown) == [JPEG.data, JPEG.data]
        assert len(said(phone)) == 3


async def test_a_voice_message_with_recognised_words_is_a_question(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        assert "签收后 7 天内" in (await phone.send("voice", VOICE, "怎么退货。")).text
        await phone.send("voice", VOICE)
        await hears(w, phone, "收到，已经为您保存")


async def test_thanks_and_emoji_open_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("怎么退货")
        assert (await phone.say("好的，谢谢！")).text == "不客气，随时找我 😊"
        for text in ("👍", "[强]", "🙏🏻🙏🏻", "/::)"):
            assert (await phone.say(text)).body == b""
        assert await count(w, "timer") == 0
        shown = await handed(w, phone)
        slack(w).agent("UMEI").press(shown.ts, "resolve")
        await hears(w, phone, "已标记为解决")
        for text in ("谢谢", "[玫瑰]", "👌"):
            await phone.say(text)
        assert await count(w, "timer") == 0
        assert await count(w, "ticket", "state = 'resolved'") == await count(w, "ticket") == 1


async def test_who_waits_hears_how_it_stands_but_not_all_the_time(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        shown = await handed(w, phone)
        assert "T-1001 正在排队" in (await phone.say("有人吗？")).text
        assert (await phone.say("有人吗")).body == b""
        assert "T-1001 正在排队" in (await phone.say("进度")).text, "who asks for it always gets it"
        slack(w).agent("UMEI").press(shown.ts, "claim")
        await shows(w, 1001, "🔵 In progress")
        with later(minutes=11):
            assert "T-1001 由 Mei 处理中" in (await phone.say("人呢")).text
            assert "T-1001 由 Mei 处理中" in (await phone.say("status")).text
            await posted(w, shown.ts, "status", seconds=15)
        lines = "\n".join(line.rpartition(" ")[2] for line in thread(w, shown.ts)).split("\n")
        assert lines == ["有人吗？", "有人吗", "进度", "人呢", "status"]


async def test_a_novel_is_kept_whole_and_held_up_by_nothing(tmp_path: Path) -> None:
    novel = "我的包裹在路上坏了，" * 3400
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        assert (await phone.say(novel)).status == 200
        await w.sandbox.hub.until(lambda: said(phone))
        shown = await handed(w, phone)
        assert f"({len(novel)} characters in all)" in shown.words
        await phone.say(novel)
        file = await w.sandbox.hub.until(lambda: files_in(w, shown))
        assert file == [novel.encode()]
        kept = await w.rows(
            "SELECT length(text) AS n FROM message WHERE length(text) > 1000 AND by = 'person'"
        )
        assert [row["n"] for row in kept] == [len(novel), len(novel)]


@pytest.mark.parametrize("name", [ZERO_WIDTH, f"{BIDI}Mei", "<!channel>", "*Mei* <@UMEI>", "  ", "a" * 300])
async def test_no_name_hides_or_poses_or_calls(tmp_path: Path, name: str) -> None:
    async with world(tmp_path) as w:
        phone = await w.sandbox.telegram.newcomer("shop", name, "en")
        await phone.start()
        await phone.say("agent")
        shown = await card(w)
        await phone.say("hello there")
        words = await posted(w, shown.ts, "hello there")
        assert words.username.endswith(" · Telegram")
        assert words.username.removesuffix(" · Telegram").strip()
        assert not set(words.username) & set(BIDI + ZERO_WIDTH + "<>")
        assert len(words.username) <= 60
        assert pings(w) == set()


HOSTILE = (
    "<!channel> <!here> <!everyone> <@UMEI> <!subteam^S1|@team>",
    "@channel @here *bold* _it_ ~no~ `code` ```x```",
    "<https://evil.example|https://bank.example>",
    "a]]>b<![CDATA[c",
    "<b>bold</b> &lt;i&gt; &amp; <script>alert(1)</script>",
    f"{BIDI}txet desrever",
    ":tada: :smile:",
    "\u0000\u0007\ufffe",
    "> quoted\n• list\n{story} {name}",
)


async def test_hostile_words_are_inert_at_the_desk_on_the_card_and_in_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.telegram.phone("shop")
        await phone.start()
        for text in HOSTILE[:4]:
            await phone.say(text)
        await phone.say("agent")
        shown = await card(w)
        with later(minutes=2):  # else it would count as a flood
            for text in HOSTILE:
                assert (await phone.say(text)).ok
            await phone.say("the end")
            await posted(w, shown.ts, "the end", seconds=25)
        assert pings(w) == set()
        replies = slack(w).thread(shown.ts)[1:]
        assert all(not message.mrkdwn for message in replies)
        read = "\n".join(message.text for message in replies)
        assert "&lt;!channel&gt; &lt;!here&gt;" in read
        assert "*bold* _it_ ~no~" in read
        assert "a]]&gt;b&lt;![CDATA[c" in read
        assert await count(w, "quarantine") == 0
        assert await count(w, "message", "by = 'person' AND kind = 'said'") == len(HOSTILE) + 6


async def test_hostile_names_of_files_places_and_links_and_heard_words_are_inert(tmp_path: Path) -> None:
    bad = "<!channel> *x* <@UMEI>"
    async with world(tmp_path) as w:
        phone, other = w.sandbox.wechat.phone("shop"), w.sandbox.telegram.phone("shop")
        await other.start()
        await other.send("file", replace(JPEG, name=f"{bad}.pdf", mime="application/pdf"), caption=bad)
        theirs = await handed(w, other)
        shown = await handed(w, phone)
        await phone.send("voice", VOICE, bad)
        await phone.place(1.0, 2.0, bad)
        await phone.link(bad, bad, "https://shop.example/<!here>")
        await other.send("file", replace(JPEG, name=f"{bad}.jpg"))
        await other.contact(bad, "+1 555")
        await posted(w, shown.ts, "shop.example", seconds=20)
        await posted(w, theirs.ts, "555", seconds=20)
        await w.sandbox.hub.until(lambda: len(files_in(w, theirs)) == 2)
        assert len(files_in(w, shown)) == 1
        assert pings(w) == set()


async def test_hostile_words_of_agents_and_in_passive_replies_reach_the_phone_as_they_are(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w:
        phone, other = w.sandbox.wechat.phone("shop"), w.sandbox.telegram.phone("shop")
        await other.start()
        shown, theirs = await handed(w, phone), await handed(w, other)
        mei = slack(w).agent("UMEI")
        mei.reply(shown.ts, "5 < 6 & ]]> <b>x</b>")
        mei.reply(theirs.ts, "5 < 6 & ]]> <b>x</b>")
        await hears(w, phone, "5 < 6 & ]]> <b>x</b>")
        await hears(w, other, "5 < 6 & ]]> <b>x</b>")
        with later(hours=49):
            mei.reply(shown.ts, "a]]>b<![CDATA[c")
            await posted(w, shown.ts, "Can't be sent now")
            assert (await phone.say("在")).text == "a]]>b<![CDATA[c"


async def test_a_question_in_a_burst_survives_a_restart(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("退钱")
        await w.restart()
        await hears(w, phone, "您想问的是不是")
        assert len(said(phone)) == 1
        assert cards(w) == []


def files_in(w: World, shown: Message) -> list[bytes]:
    """The files in a card's thread."""
    return [file.data for message in slack(w).thread(shown.ts) for file in message.files]


def pings(w: World) -> set[str]:
    """Whom anything in the support channel calls."""
    return {ping for message in slack(w).support.messages if message.by_app for ping in message.pings}
