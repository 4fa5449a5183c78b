"""The admins' Slack channel: proposals, spreadsheets, refused files, what other doors published."""

import asyncio
import io
from pathlib import Path

from openpyxl import load_workbook

from bots.sandbox.hub import Fault
from tests.admin_play import ADMINS, FIRST, room

GIFT = """\
id: gift-wrap
category: shipping
en:
  question: Do you wrap gifts?
  variants: [can you gift wrap it]
  answer: Yes, for <free> & with a card.
"""
HOURS = "id: opening-hours\nen:\n  question: When are you open?\n  answer: Always.\n"


async def test_proposals_are_decided_once(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        ada, mei = r.ada, r.mei
        number = await r.proposed(GIFT)
        asks = await r.posted("Do you wrap gifts?")
        assert "Saved by Tom" in asks.words
        assert "for &lt;free&gt; &amp; with a card" in asks.words
        both = await asyncio.gather(
            r.press(ada, asks, "draft.approve").answer(), r.press(mei, asks, "draft.decline").answer()
        )
        assert [answer.status for answer in both] == [200, 200]
        await r.world.sandbox.hub.until(lambda: not asks.buttons, 15)
        [row] = await r.world.rows(
            "SELECT state, decided_by, revision, place FROM draft WHERE id = $1", number
        )
        late, first = (mei, ada) if row["state"] == "approved" else (ada, mei)
        await late.whispered("was quicker")
        assert row["decided_by"] == f"{first.player.user.name} ({first.player.id})"
        assert f"{first.player.user.name} ({first.player.id})" in asks.words
        assert asks.words.count("<!date^") >= 2, "when it was proposed, and decided"
        published = await r.revisions()
        assert len(published) == (2 if row["state"] == "approved" else 1)

        await r.proposed(GIFT.replace("gift-wrap", "gift-card").replace("wrap", "sell card"), source="gap")
        asks = await r.posted("Do you sell card gifts?")
        await r.press(ada, asks, "draft.edit").answer()
        await ada.shows("form")
        assert ada.fields["id"] == "gift-card"
        await ada.send("preview", a_en="Yes, in every shop.")
        await ada.send("entry", "Yes, in every shop.")
        await r.shows(asks, "Approved by Ada (UADA)")

        await r.proposed(HOURS)
        asks = await r.posted("Always.")
        assert "There is an entry of this name" in asks.words
        await r.press(ada, asks, "draft.approve").answer()
        await ada.shows("preview", "From nine to six. → Always.")
        await r.press(mei, asks, "draft.decline").answer()
        await r.shows(asks, "Declined by Mei")
        await ada.send("told", "Mei (UMEI) was quicker and has declined it")

        broken = await r.proposed("id: broken\nen:\n  question: Who?\n")
        asks = await r.posted("broken")
        await r.press(ada, asks, "draft.approve").answer()
        await ada.whispered("en has no answer")
        [row] = await r.world.rows("SELECT state FROM draft WHERE id = $1", broken)
        assert row["state"] == "open", "it can still be edited"
        await r.press(ada, asks, "draft.edit").answer()
        await ada.shows("form")
        await ada.send("preview", a_en="We do.")
        await ada.send("entry", "We do.")
        await r.shows(asks, "Approved by Ada")


async def test_a_proposal_is_posted_once_whatever_happens_to_its_post(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        hub = r.world.sandbox.hub
        hub.arm(Fault(platform="slack", method="chat.postMessage", fault="drop_answer"))
        number = await r.proposed(GIFT)
        await r.posted("Do you wrap gifts?")
        await r.world.restart()
        await hub.until(lambda: r.slack.deliveries, 5)
        assert len([one for one in r.channel.messages if "Do you wrap gifts?" in one.words]) == 1
        [row] = await r.world.rows("SELECT state FROM draft WHERE id = $1", number)
        assert row["state"] == "open"


async def test_a_spreadsheet_is_dropped_previewed_published_and_comes_back(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        ada, mei = r.ada, r.mei
        sheet = (
            b"id,category,language,question,answer\n"
            b"opening-hours,company,en,When are you open?,Day and night.\n"
            b"gift-wrap,shipping,en,Do you wrap gifts?,Yes.\n"
            b",,,,nothing else\n"
        )
        dropped = ada.player.upload(("faq.csv", sheet), channel=ADMINS)
        await dropped.answer()
        looked = await r.posted("rows: ")
        assert looked.thread == dropped.ts
        assert "*1* entries new" in looked.words
        assert "From nine to six. → Day and night." in looked.words
        assert "Rows that were skipped" in looked.words
        await r.slack.repeat(dropped.deliveries[-1])
        await r.press(mei, looked, "sheet.publish").answer()
        await r.shows(looked, "Published as revision 2")
        assert len([one for one in r.channel.messages if one.by_app and one.thread]) == 1
        assert (await r.revisions())[-1] == {
            "number": 2,
            "door": "slack",
            "author": "Mei (UMEI)",
            "comment": "faq.csv",
        }

        stale = ada.player.upload(("again.csv", sheet.replace(b"Yes.", b"No.")), channel=ADMINS)
        await r.world.sandbox.hub.until(lambda: r.channel.replies(stale.ts), 15)
        await ada.edits("gift-wrap", a_en="Perhaps.")
        await ada.shows("preview")
        await ada.send("entry", "revision 3")
        [looked] = r.channel.replies(stale.ts)
        assert "Yes. → No." in looked.words
        await r.press(mei, looked, "sheet.publish").answer()
        await r.shows(looked, "Perhaps. → No.")
        await r.press(mei, looked, "sheet.discard").answer()
        await r.shows(looked, "Mei discarded again.csv")

        wrong = ada.player.upload(("wrong.xlsx", b"PK\x03\x04 no workbook"), channel=ADMINS)
        await r.world.sandbox.hub.until(lambda: r.channel.replies(wrong.ts), 15)
        assert "can't be published" in r.channel.replies(wrong.ts)[0].words
        stray = ada.player.upload(("photo.png", b"\x89PNG"), channel=ADMINS)
        await stray.answer()

        await ada.player.post("/onethread faq export", channel=ADMINS).answer()
        exported = await r.world.sandbox.hub.until(
            lambda: [file for one in r.channel.messages if one.by_app for file in one.files], 15
        )
        book = load_workbook(io.BytesIO(exported[0].data))
        rows = [row for name in book.sheetnames for row in book[name].values]
        assert any("Perhaps." in row for row in rows)
        assert not r.channel.replies(stray.ts)
        back = mei.player.upload(("faq.xlsx", exported[0].data), channel=ADMINS)
        await r.world.sandbox.hub.until(lambda: r.channel.replies(back.ts), 15)
        assert "It says what is published already" in r.channel.replies(back.ts)[0].words
        await mei.player.post("/onethread faq export", channel="CGENERAL").answer()
        await r.world.sandbox.hub.until(lambda: any(one.files for one in mei.player.messages), 15)


async def test_the_files_door_is_told_and_can_be_undone(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        ada = r.ada
        file = tmp_path / "faq" / "10-first.yaml"
        file.write_text(FIRST.replace("answer: From nine", "anwser: From nine"), encoding="utf-8")
        refused = await r.posted("was not published")
        assert "faq/10-first.yaml:" in refused.words
        assert "answer" in refused.words
        file.write_text(FIRST.replace("From nine", "From ten"), encoding="utf-8")
        told = await r.posted("*Revision 2*")
        assert "opening-hours" in told.words
        assert len([one for one in r.channel.messages if "was not published" in one.words]) == 1
        await r.press(ada, told, "revision.look").answer()
        await ada.shows("revision", "From nine to six. → From ten to six.")
        await r.press(ada, told, "revision.undo").answer()
        await ada.shows("told", "Back to revision 1")
        assert file.read_text(encoding="utf-8") == FIRST
        await r.press(ada, told, "revision.undo").answer()
        await ada.shows("history", "back to revision 1")
        assert len(await r.revisions()) == 3, "what others published since is not undone by the way"
