"""Agents' words and files on their way to people: names, markup, private notes, edits in time and too late."""

from pathlib import Path

import pytest

from bots.sandbox.hub import Fault
from tests.desk_play import PNG, Desk, heard_on
from tests.world import World, world

SECRET = "refund limit is 500"


def hold_telegram(w: World, seconds: int) -> None:
    """Telegram takes the next message only after so many seconds."""
    w.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="429", retry_after=seconds))


async def timeline(w: World) -> list[tuple[str, str, str]]:
    found = await w.rows(
        "SELECT \"by\", kind, text FROM message WHERE \"by\" IN ('agent', 'note') ORDER BY id"
    )
    return [(row["by"], row["kind"], row["text"]) for row in found]


async def test_each_agents_first_words_bear_the_name_and_markup_reads_well(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        desk.mei.reply(card.ts, "您好 :smile: 我问一下，见 https://shop.example/r?a=1&b=2")
        assert await desk.heard(li, "您好") == "Mei：您好 😄 我问一下，见 https://shop.example/r?a=1&b=2"
        desk.mei.reply(card.ts, "价格 < 100 & 包邮")
        assert await desk.heard(li, "价格") == "价格 < 100 & 包邮"
        desk.tom.reply(card.ts, "我来处理")
        assert await desk.heard(li, "我来处理") == "Tom：我来处理"
        broadcast = desk.tom.reply(card.ts, "已经退款", broadcast=True)
        assert await desk.heard(li, "已经退款") == "已经退款"
        await desk.marked(broadcast, "white_check_mark")


async def test_files_reach_the_person_with_the_words_beside_them(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        upload = desk.mei.upload(
            ("label.png", PNG), ("terms.pdf", b"%PDF-1.4 terms"), text="Print this", thread=card.ts
        )
        await desk.until(lambda: sum("file" in one for one in anna.messages if one["from"] == "bot") == 2)
        kinds = [(one["kind"], one.get("plain") or one["text"]) for one in anna.messages[-3:]]
        assert kinds == [("text", "Mei: Print this"), ("image", ""), ("file", "")]
        await desk.marked(upload, "white_check_mark")
        desk.tom.upload(("map.png", PNG), thread=card.ts)
        await desk.until(lambda: anna.messages[-1]["kind"] == "image" and anna.messages[-2]["from"] == "bot")
        assert heard_on(anna)[-2:] == ["This is Tom.", ""]


@pytest.mark.parametrize("account", ["telegram", "wechat"])
async def test_private_notes_stay_private_and_stand_on_the_timeline(tmp_path: Path, account: str) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        person = await desk.telegram() if account == "telegram" else await desk.wechat()
        card = await desk.handed_off(person, "人工")
        begun = [
            "note:", "NOTE :".replace(" ", ""), "!note", "!n", ";;", "备注", "備註", "🔒", ":lock:",
            "Ｎｏｔｅ：", "！note", "！ｎ", "；；",
            "  note:", "\u200b\u2060;;", "\u3000備註", "*note:*", "> !n", "`;;`", "_🔒_",
            " //",
        ]  # fmt: skip
        for number, prefix in enumerate(begun):
            await desk.mei.reply(card.ts, f"{prefix} {SECRET} {number}").answer()
        await desk.mei.upload(("margins.png", PNG), text=f"note: {SECRET} file", thread=card.ts).answer()
        await desk.mei.post(f"!n {SECRET} beside the thread").answer()
        sign = desk.mei.reply(card.ts, "The public words")
        await desk.heard(person, "The public words")
        assert SECRET not in str(person.messages)
        assert not [one for one in person.messages if one["from"] == "bot" and one.get("file")]
        kept = await timeline(w)
        notes = [text for by, _, text in kept if by == "note"]
        assert notes == [*(f"{SECRET} {number}" for number in range(len(begun))), f"{SECRET} file"]
        await desk.marked(sign, "white_check_mark")
        silent = [one for one in desk.thread(card) if SECRET in one.text and desk.marks(one.ts)]
        assert silent == [], "a note bears no mark, since it went nowhere"


async def test_what_is_edited_or_deleted_in_time_reaches_the_person_so(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        hold_telegram(w, 3)
        words = ["first", "typo", "gone", "turned into a note", "last"]
        first, typo, gone, turned, last = [desk.mei.reply(card.ts, text) for text in words]
        await last.answer()
        await desk.mei.edit(first.ts, "First").answer()
        await desk.mei.edit(typo.ts, "corrected").answer()
        await desk.mei.delete(gone.ts).answer()
        await desk.mei.edit(turned.ts, f"note: {SECRET}").answer()
        await desk.heard(anna, "last")
        assert heard_on(anna)[-3:] == ["Mei: First", "corrected", "last"]
        assert SECRET not in str(anna.messages)
        await desk.mei.edit(turned.ts, "now for everybody").answer()
        await desk.whispered(desk.mei, "stays private")
        assert ("note", "edited", f"note: {SECRET}") in await timeline(w)
        await desk.marked(last, "white_check_mark")
        await desk.marked(turned, "lock")
        assert "now for everybody" not in str(anna.messages)


async def test_what_is_edited_or_deleted_too_late_is_told_to_the_agent_alone(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        sent = desk.mei.reply(card.ts, "It ships today")
        await desk.heard(li, "It ships today")
        before = list(heard_on(li))
        await desk.mei.edit(sent.ts, f"note: {SECRET}").answer()
        await desk.whispered(desk.mei, "has the first version already")
        await desk.mei.delete(sent.ts).answer()
        await desk.whispered(desk.mei, "can't be taken back")
        noted = desk.mei.reply(card.ts, f"!n {SECRET}")
        await noted.answer()
        await desk.mei.edit(noted.ts, "for the person after all").answer()
        await desk.whispered(desk.mei, "stays private")
        desk.tom.reply(card.ts, "Bye")
        await desk.heard(li, "Bye")
        assert heard_on(li) == [*before, "Tom：Bye"]
        assert desk.tom.whispers == []


async def test_the_name_goes_before_the_first_words_that_really_arrive(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        hold_telegram(w, 2)
        withdrawn = desk.mei.reply(card.ts, "wrong thread")
        await withdrawn.answer()
        await desk.mei.delete(withdrawn.ts).answer()
        desk.mei.reply(card.ts, "Hello Anna")
        assert await desk.heard(anna, "Hello Anna") == "Mei: Hello Anna"
        assert "wrong thread" not in str(anna.messages)
