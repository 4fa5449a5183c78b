"""Admins change the FAQ from Slack: they search, edit, add, remove, look back and roll back, alone and at once."""

from functools import partial
from pathlib import Path

import pytest

from bots.sandbox.slack.workspace import Refused
from tests.admin_play import ADMINS, FIRST, room


async def test_an_entry_is_found_edited_published_and_rolled_back(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        ada = r.ada
        await ada.command("I want to give it back", "search", "The bot would")
        assert "return-goods" in ada.words
        await ada.tap("faq.open", "return-goods", "entry", "Within seven days")
        assert "我想退货" in ada.words

        await ada.tap("faq.edit", "", "form")
        assert ada.fields["a:en"] == "Within seven days, free of charge."
        assert ada.fields["v:zh-CN"] == "我想退货\n东西不想要了能退吗"
        await ada.send(a_en="")
        assert set(ada.errors) == {"a:en"}
        await ada.send(more="valid_until: [")
        assert set(ada.errors) == {"more"}
        await ada.send("preview", "Changed: `return-goods`", a_en="Within thirty days.", v_en="send it back")
        assert "Within seven days, free of charge. → Within thirty days." in ada.words
        assert await r.revisions() == [{**(await r.revisions())[0], "number": 1, "door": "file"}]

        await ada.tap("faq.form", "", "form")
        assert ada.fields["a:en"] == "Within thirty days."
        await ada.send("preview")
        await ada.send("entry", "Published as revision 2", comment="longer by law")
        assert "Within thirty days." in ada.words
        newest = (await r.revisions())[-1]
        assert (newest["door"], newest["author"], newest["comment"]) == (
            "slack",
            "Ada (UADA)",
            "longer by law",
        )
        text = (tmp_path / "faq" / "10-first.yaml").read_text(encoding="utf-8")
        assert "Within thirty days." in text
        assert "# our first file" in text
        assert "我想退货  # often asked" in text

        await ada.command("history", "history", "longer by law")
        await ada.tap("faq.revision", "2", "revision", "Within thirty days.")
        await ada.tap("faq.history", "", "history")
        await ada.tap("faq.revision", "1", "revision")
        await ada.tap("faq.rollback", "1", "told", "Back to revision 1")
        await ada.tap("faq.home", "", "search", "revision 3")
        await ada.tap("faq.open", "return-goods", "entry", "Within seven days")
        assert (tmp_path / "faq" / "10-first.yaml").read_text(encoding="utf-8") == FIRST


async def test_an_entry_is_added_and_removed(tmp_path: Path) -> None:
    async with room(tmp_path, language="zh-CN") as r:
        ada = r.ada
        await ada.command("add", "form", "新增条目")
        with pytest.raises(Refused, match="empty"):
            ada.player.submit()
        await ada.send(id="return-goods", q_zh_CN="能开发票吗？", a_zh_CN="可以。")
        assert "return-goods" in ada.errors["id"]
        await ada.send(id="has blanks", q_zh_CN="能开发票吗？", a_zh_CN="可以。")
        assert set(ada.errors) == {"id"}
        await ada.send(
            "preview", "新增 `invoice`", id="invoice", category="shipping", q_zh_CN="能开发票吗？",
            a_zh_CN="可以，电子发票。\n也可以寄纸质的。", v_zh_CN="发票怎么开\nno", keywords="发票, 抬头",
        )  # fmt: skip
        assert "缺少 2 种语言" in ada.words
        await ada.send("entry", "已发布为第 2 版")
        await ada.command("发票怎么开", "search", "`invoice`")
        text = (tmp_path / "faq" / "10-first.yaml").read_text(encoding="utf-8")
        assert text.index("invoice") < text.index("opening-hours"), "it stands with its category"

        await ada.tap("faq.open", "invoice", "entry")
        await ada.tap("faq.remove", "", "preview", "删除 `invoice`")
        await ada.tap("faq.form", "", "entry")
        await ada.tap("faq.remove", "", "preview")
        await ada.send("told", "已发布为第 3 版")
        assert (tmp_path / "faq" / "10-first.yaml").read_text(encoding="utf-8") == FIRST


async def test_two_who_edit_the_same_entry_overwrite_nothing_unseen(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        ada, mei = r.ada, r.mei
        await ada.edits("shipping-cost", a_en="Free from 49 yuan.")
        await mei.edits("shipping-cost", a_en="Always free.")
        await mei.shows("preview")
        await mei.send("entry", "revision 2")
        await ada.shows("preview")
        await ada.send("conflict", "Mei (UMEI) has just published revision 2")
        assert "Free from 99 yuan. → Always free." in ada.words
        assert "Always free. → Free from 49 yuan." in ada.words
        await ada.tap("faq.mine", "", "preview", "Always free. → Free from 49 yuan.")
        await ada.send("entry", "revision 3")

        await mei.edits("shipping-cost", a_en="Never free.")
        await mei.shows("preview")
        await ada.edits("shipping-cost", a_en="Free from 9 yuan.")
        await ada.shows("preview")
        await ada.send("entry", "revision 4")
        await mei.send("conflict", "Ada (UADA)")
        await mei.tap("faq.form", "", "form")
        assert mei.fields["a:en"] == "Never free."
        await mei.send("preview", "Free from 9 yuan. → Free, says Mei.", a_en="Free, says Mei.")
        await mei.tap("faq.form", "", "form")
        await ada.edits("shipping-cost", a_en="Free, says Ada.")
        await ada.shows("preview")
        await ada.send("entry", "revision 5")
        await mei.send("conflict", "revision 5", a_en="Free, says Mei.")
        await mei.tap("faq.theirs", "", "entry", "Free, says Ada.")
        assert len(await r.revisions()) == 5

        await ada.edits("shipping-cost", a_en="One more.")
        await ada.shows("preview")
        await mei.edits("opening-hours", a_en="Always.")
        await mei.shows("preview")
        await mei.send("entry", "revision 6")
        await ada.send("entry", "revision 7")
        await ada.command("opening-hours", "search")
        await ada.tap("faq.open", "opening-hours", "entry", "Always.")
        assert await r.world.rows("SELECT id FROM draft") == [], "nothing is left behind"

        for admin, answer in ((ada, "Yes, Ada says."), (mei, "Yes, Mei says.")):
            await admin.command("add", "form")
            await admin.send("preview", "New: `invoice`", id="invoice", q_en="An invoice?", a_en=answer)
        await mei.send("entry", "revision 8")
        await ada.send("conflict", "New: `invoice`")
        await ada.tap("faq.form", "", "form")
        assert "id" not in ada.fields
        await ada.send("told", "Nothing differs.", a_en="Yes, Mei says.")
        await ada.tap("faq.form", "", "form")
        await ada.tap("faq.back", "", "entry", "Yes, Mei says.")


async def test_who_is_no_admin_is_told_whom_to_ask(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        tom, pat, lin = r.slack.agent("UTOM"), r.slack.colleague("UPAT"), r.slack.customer("ULIN")
        for stranger in (tom, pat, lin):
            answer = await stranger.post("/onethread faq how", channel="CGENERAL").answer()
            assert answer.status == 200
            await r.ada.until(partial(getattr, stranger, "whispers"))
            assert "<@UADA>, <@UMEI>" in stranger.whispers[-1].text
            assert stranger.desktop.modals == []
        await lin.post("/onethread When are you open?", channel="CGENERAL").answer()
        await r.ada.until(lambda: any("From nine to six." in text for text in lin.answers))

        ada = r.ada
        await ada.edits("opening-hours", a_en="Never.")
        await ada.shows("preview")
        sent = [one for one in r.slack.deliveries if one.payload.get("type") == "view_submission"][-1]
        forged = sent.body.replace(b"UADA", b"UTOM")
        assert (await r.slack.push(forged, sent.content_type)).body == ""
        await r.ada.until(lambda: any("Only the FAQ's admins" in text for text in tom.answers))

        help_ = await ada.player.post("/onethread help", channel=ADMINS).answer()
        assert help_.status == 200
        await ada.whispered("/onethread faq gaps")
        ada.player.close()
        assert ada.player.desktop.modals == []
