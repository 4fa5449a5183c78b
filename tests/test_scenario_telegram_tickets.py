"""People on Telegram and the agents at the desk: hand-off, words and files both ways, edits, blocking."""

from pathlib import Path

import pytest

from bots.sandbox.acting import Upload
from bots.sandbox.telegram.html import utf16
from tests.telegram_stories import (
    MODES,
    bot,
    cards,
    handed_off,
    picture,
    png,
    said,
    slack,
    started,
    thread,
    until_in_thread,
    until_marked,
    until_said,
)
from tests.world import World, world

both_modes = pytest.mark.parametrize("mode", MODES)
HOSTILE = 'a < b && c > d: <b>bold</b> <a href="https://evil.example">"x"</a> &lt; ]]> </p> *s* _u_ `c`'


@both_modes
async def test_an_agents_words_arrive_exactly_as_written(mode: str, tmp_path: Path) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        mei, tom = slack(w).agent("UMEI"), slack(w).agent("UTOM")

        first = mei.reply(ts, f"{HOSTILE} :smile: 🐈‍⬛")
        second = mei.reply(ts, "My colleague Tom knows more.")
        third = tom.reply(ts, "I do.")
        await until_said(w, phone, "I do.")

        assert said(phone)[-3:] == [
            f"Mei: {HOSTILE} 😄 🐈‍⬛",
            "My colleague Tom knows more.",
            "Tom: I do.",
        ]
        for act in (first, second, third):
            await until_marked(w, act.ts, "white_check_mark")


async def test_a_long_reply_comes_in_parts_that_fit_and_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        before = len(said(phone))
        whole = " ".join(f"Sentence number {number} ends here 🎈🎉." for number in range(235)) + " The end."
        assert utf16(whole) > 2 * 4096 > len(whole) > 4096
        act = slack(w).agent().reply(ts, whole)
        await until_said(w, phone, "The end.")

        parts = said(phone)[before:]
        assert [utf16(part) <= 4096 for part in parts] == [True] * 3
        assert " ".join(parts) == f"Mei: {whole}"
        await until_marked(w, act.ts, "white_check_mark")


async def test_a_note_stays_private_and_resolving_can_be_undone(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        mei = slack(w).agent()
        await mei.press(ts, "claim").answer()
        mei.reply(ts, "note: looks like fraud to me")
        await mei.reply(ts, "All settled.").answer()
        await mei.press(ts, "resolve").answer()
        solved = await until_said(w, phone, "has been marked as solved")
        await phone.tap(solved["id"], solved["choices"][0][0]["id"])

        await until_said(w, phone, "T-1001 is open again")
        await until_in_thread(w, ts, "🔄")
        assert not any("fraud" in text for text in said(phone))
        assert len(cards(w)) == 1


@both_modes
async def test_an_edit_appears_as_a_version_and_rewrites_nothing(mode: str, tmp_path: Path) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        await phone.say("my order is 4711")
        first = await until_in_thread(w, ts, "my order is 4711")
        await phone.edit(phone.messages[-1]["id"], "my order is <!channel> 4712")
        version = await until_in_thread(w, ts, "edited a message")

        assert "4712" in version.words
        assert not version.pings
        assert "4711" in first.words
        assert "4712" not in first.words
        kept = await w.rows(
            "SELECT kind, text, version_of FROM message WHERE text LIKE '%order is%' ORDER BY id"
        )
        assert [row["kind"] for row in kept] == ["said", "edited"]
        assert kept[1]["version_of"]
        assert "4711" in kept[0]["text"]


@both_modes
async def test_an_album_is_one_story(mode: str, tmp_path: Path) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await started(w)
        pictures = [("image", picture(shade)) for shade in (10, 20, 30)]
        for going in phone.album(pictures):
            await going
        await until_said(w, phone, "What is it about?")
        await phone.say("The vase came broken.")
        await until_said(w, phone, "T-1001")

        card = await w.sandbox.hub.until(lambda: cards(w))
        await w.sandbox.hub.until(lambda: len(_files(w, card[0].ts)) == 3)
        assert _files(w, card[0].ts) == [upload.data for _, upload in pictures]
        assert "The vase came broken." in card[0].words
        assert sum("What is it about?" in text for text in said(phone)) == 1


async def test_an_album_whose_caption_is_answered_asks_nothing_more(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w, "zh-hans", "小林")
        for going in phone.album([("image", picture(10)), ("image", picture(20))], "怎么退货"):
            await going
        await until_said(w, phone, "签收后 7 天内")
        await phone.say(
            "我想给猫咪订一个生日蛋糕"
        )  # waits its two seconds, so that a question would be out by now
        await until_said(w, phone, "这个问题我还不会")
        assert len(said(phone)) == 3

        ts = await handed_off(w, phone, "人工")
        await w.sandbox.hub.until(lambda: len(_files(w, ts)) == 2)


async def test_whatever_a_person_sends_comes_into_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        voice = Upload(data=b"OggS" + bytes(60), name="voice.oga", mime="audio/ogg")
        video = Upload(data=bytes(4) + b"ftypmp42" + bytes(60), name="clip.mp4", mime="video/mp4")
        letter = Upload(data="%PDF-1.4 信".encode(), name="发票 <!here>.pdf", mime="application/pdf")
        sent = [
            ("image", picture(), "look <@UMEI>"),
            ("voice", voice, ""),
            ("video", video, ""),
            ("file", letter, ""),
        ]
        for kind, upload, caption in sent:
            await phone.send(kind, upload, caption)
        await phone.sticker("😺")
        await phone.location(31.23042, 121.4737)
        await phone.contact("Aunt Mei", "+49 30 123")

        await until_in_thread(w, ts, "Aunt Mei, +49 30 123")
        await until_in_thread(w, ts, "31.23042, 121.47370")
        assert _files(w, ts)[:4] == [upload.data for _, upload, _ in sent]
        assert len(_files(w, ts)) == 5
        words = await until_in_thread(w, ts, "look")
        assert words.username == "Lena Berg · Telegram"
        assert not set().union(*(message.pings for message in thread(w, ts)))


async def test_an_agents_files_come_into_the_chat(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        manual = b"%PDF-1.4 how to mend a vase"
        act = (
            slack(w)
            .agent()
            .upload(("vase.png", png(50)), ("manual.pdf", manual), text="See here:", thread=ts)
        )
        await until_marked(w, act.ts, "white_check_mark")

        shown = [one for one in phone.messages if one["from"] == "bot"][-3:]
        assert [one["kind"] for one in shown] == ["text", "image", "file"]
        assert shown[0]["plain"] == "Mei: See here:"
        assert shown[2]["file_name"] == "manual.pdf"
        got = [w.sandbox.hub.files[one["file"].rpartition("/")[2]].data for one in shown[1:]]
        assert got == [png(50), manual]


@both_modes
async def test_a_reply_to_somebody_who_blocked_us_waits_for_their_return(mode: str, tmp_path: Path) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        await phone.block()
        await until_in_thread(w, ts, "unfollowed or blocked us")
        act = slack(w).agent().reply(ts, "Your parcel is found.")
        await until_in_thread(w, ts, "Can't be sent now")
        await until_marked(w, act.ts, "warning")
        assert not any("found" in text for text in said(phone))

        await phone.start()
        await until_said(w, phone, "Your parcel is found.")
        await until_marked(w, act.ts, "white_check_mark")
        assert sum("welcome" in text for text in said(phone)) == 1


async def test_a_block_that_we_were_not_told_of_is_learnt_from_the_refusal(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        phone.blocked = True
        slack(w).agent().reply(ts, "Are you there?")
        await until_in_thread(w, ts, "bot was blocked by the user")
        phone.blocked = False
        await phone.say("Here I am.")
        await until_said(w, phone, "Are you there?")


async def test_who_comes_back_is_welcomed_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        await phone.block()
        await phone.start()
        await phone.say("How do I return something?")
        await until_said(w, phone, "within 7 days")
        assert sum("welcome" in text for text in said(phone)) == 2  # at first, and when they came back


def _files(w: World, ts: str) -> list[bytes]:
    return [file.data for message in thread(w, ts) for file in message.files]
