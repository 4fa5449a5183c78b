"""When Telegram refuses, fails or falls silent while we send, and when we are restarted in between."""

from datetime import datetime
from pathlib import Path

import pytest

from bots.sandbox.hub import Fault
from tests.telegram_stories import (
    MODES,
    bot,
    cards,
    handed_off,
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

LOST = "may or may not have arrived"


def sends_fail(w: World, fault: str, method: str = "sendMessage", count: int = 1, why: str = "") -> None:
    w.sandbox.hub.arm(Fault(platform="telegram", method=method, fault=fault, count=count, why=why))


async def test_a_pause_that_telegram_asks_for_is_kept(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        w.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="429", retry_after=3))
        first = slack(w).agent().reply(ts, "first")
        second = slack(w).agent().reply(ts, "second")

        arrived = await until_said(w, phone, "first")
        await until_said(w, phone, "second")
        assert datetime.fromisoformat(arrived["at"]).timestamp() - float(first.ts) >= 3
        assert said(phone)[-2:] == ["Mei: first", "second"]
        for act in (first, second):
            await until_marked(w, act.ts, "white_check_mark")


async def test_what_fails_at_telegram_is_sent_later_and_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "500", count=2)
        act = slack(w).agent().reply(ts, "first")
        await until_marked(w, act.ts, "hourglass_flowing_sand")
        await until_marked(w, act.ts, "white_check_mark")
        await w.sandbox.hub.until(
            lambda: list(slack(w).workspace.find(act.ts).reactions) == ["white_check_mark"]
        )
        assert said(phone).count("Mei: first") == 1


async def test_a_send_whose_answer_was_lost_is_repeated_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "drop_answer")
        act = slack(w).agent().reply(ts, "maybe twice")
        await until_marked(w, act.ts, "white_check_mark")
        assert said(phone)[-2:] == ["Mei: maybe twice", "Mei: maybe twice"]

        sends_fail(w, "drop_answer", count=3)
        act = slack(w).agent().reply(ts, "never thrice")
        await until_in_thread(w, ts, LOST)
        await until_marked(w, act.ts, "warning")
        slack(w).agent().reply(ts, "and on it goes")
        w.sandbox.hub.faults.clear()
        await until_said(w, phone, "and on it goes")
        assert sum("never thrice" in text for text in said(phone)) == 2


async def test_a_send_whose_answer_was_lost_is_never_repeated_where_that_is_set(tmp_path: Path) -> None:
    async with world(tmp_path, lost_send="never") as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "drop_answer")
        act = slack(w).agent().reply(ts, "once or not at all")
        await until_in_thread(w, ts, LOST)
        await until_marked(w, act.ts, "warning")
        slack(w).agent().reply(ts, "and on it goes")
        await until_said(w, phone, "and on it goes")
        assert sum("once or not" in text for text in said(phone)) == 1


@pytest.mark.slow_faults
@pytest.mark.parametrize(("lost_send", "arrives"), [("repeat", 1), ("never", 0)])
async def test_a_telegram_that_falls_silent(lost_send: str, arrives: int, tmp_path: Path) -> None:
    async with world(tmp_path, lost_send=lost_send) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "timeout")
        act = slack(w).agent().reply(ts, "into the silence")
        slack(w).agent().reply(ts, "afterwards")
        await w.sandbox.hub.until(lambda: "afterwards" in said(phone), 30)
        await until_marked(w, act.ts, "white_check_mark" if arrives else "warning")
        assert sum("into the silence" in text for text in said(phone)) == arrives


async def test_a_text_whose_markup_is_refused_leaves_as_plain_text(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "400", why="can't parse entities: Unsupported start tag")
        act = slack(w).agent().reply(ts, "a < b & <i>c</i>")
        await until_said(w, phone, "a < b & <i>c</i>")
        assert phone.messages[-1]["html"] is False
        await until_marked(w, act.ts, "white_check_mark")


async def test_what_telegram_refuses_for_good_is_shown_to_the_agent(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "400", why="message is too strange")
        act = slack(w).agent().reply(ts, "strange")
        notice = await until_in_thread(w, ts, "Not delivered")
        assert "the platform refused it: Message is too strange" in notice.words
        await until_marked(w, act.ts, "warning")


async def test_a_picture_that_telegram_cannot_show_travels_as_a_document(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "400", method="sendPhoto", why="PHOTO_INVALID_DIMENSIONS")
        act = slack(w).agent().upload(("long.png", png()), thread=ts)
        await until_marked(w, act.ts, "white_check_mark")
        assert phone.messages[-1]["kind"] == "file"


async def test_a_file_that_telegram_no_longer_has_is_missed_in_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "400", method="getFile", why="invalid file_id")
        await phone.sticker()
        await until_in_thread(w, ts, "could not be fetched")
        await phone.say("Do you see it?")
        await until_in_thread(w, ts, "Do you see it?")


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_lost_or_doubled_over_a_restart(mode: str, tmp_path: Path) -> None:
    async with world(tmp_path, telegram=[bot(mode=mode)]) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        going = [phone.say(f"before {number}") for number in (1, 2)]
        await w.stop()
        going += [phone.say(f"away {number}") for number in (1, 2)]
        assert not going[-1].done()
        await w.start()
        going.append(phone.say("after"))
        for taken in going:
            assert (await taken).status == 200
        await until_in_thread(w, ts, "after")

        expected = ["before 1", "before 2", "away 1", "away 2", "after"]
        assert "\n".join(message.text for message in thread(w, ts)).split("\n") == expected
        assert len(cards(w)) == 1
        slack(w).agent().reply(ts, "We are back.")
        await until_said(w, phone, "We are back.")


async def test_what_waits_to_be_sent_outlives_a_restart(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = await started(w)
        ts = await handed_off(w, phone)
        sends_fail(w, "500")
        act = slack(w).agent().reply(ts, "still to come")
        await act.answer()
        await w.restart()
        await until_said(w, phone, "still to come")
        await until_marked(w, act.ts, "white_check_mark")
        assert sum("still to come" in text for text in said(phone)) == 1
