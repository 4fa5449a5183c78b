"""What people missed and what they taught: gaps become entries, variants are taken or declined."""

from datetime import timedelta
from pathlib import Path

from core.storage.engine import Storage
from core.storage.faq_models import Evidence, Question, Variant
from tests.admin_play import ADMINS, Room, room

MISSED = (
    ("can you wrap it as a gift", "en", 11),
    ("can you wrap this as a gift please", "en", 12),
    ("is gift wrapping possible", "en", 13),
    ("可以包装成礼物吗", "zh-CN", 14),
)


async def taught(r: Room) -> None:
    """People asked in vain, and others showed what their words meant."""
    storage = await Storage.open(r.world.settings.database_url)
    now = r.world.sandbox.hub.now() - timedelta(hours=1)
    try:
        async with storage.turn() as conn:
            for text, language, person in MISSED:
                await Question.create(
                    using_db=conn, person_id=person, at=now, platform="telegram", language=language,
                    text=text, kind="nothing",
                )  # fmt: skip
            for text, state, people in (
                ("ship fee?", "proposed", 2),
                ("what's the postage", "proposed", 1),
                ("freight", "withdrawn", 1),
            ):
                variant = await Variant.create(
                    using_db=conn,
                    entry="shipping-cost",
                    language="en",
                    text=text,
                    folded=text,
                    state=state,
                    at=now,
                )
                for person in range(people):
                    await Evidence.create(
                        using_db=conn,
                        variant_id=variant.id,
                        voice=f"person:{person}",
                        source="picked",
                        at=now,
                    )
    finally:
        await storage.close()


async def test_gaps_become_entries_and_variants_are_decided(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        ada = r.ada
        await taught(r)
        await ada.command("gaps", "gaps", "people asked")
        assert "可以包装成礼物吗" in ada.words
        [draft, *_] = [button for button in ada.buttons if button.action_id == "faq.gap"]
        await ada.tap("faq.gap", draft.value, "form", "gift")
        asked = {ada.fields["q:en"], *ada.fields["v:en"].split("\n")}
        assert asked & {text for text, _, _ in MISSED}
        await ada.send(a_en="")
        assert ada.errors, "nobody answered yet, so an answer must be written"
        await ada.send("preview", "real questions", id="gift-wrap", a_en="Yes.", a_zh_CN="可以。")
        await ada.send("entry", "revision 2")

        await ada.command("variants", "variants", "ship fee?")
        assert ada.words.index("ship fee?") < ada.words.index("what's the postage"), "most people first"
        assert "picked ×2" in ada.words
        assert "freight" in ada.words
        take = next(button for button in ada.buttons if button.action_id == "faq.take")
        await ada.tap("faq.take", take.value, "variants", "Taken up. Published as revision 3")
        assert "ship fee?" in (tmp_path / "faq" / "10-first.yaml").read_text(encoding="utf-8")
        left = next(button for button in ada.buttons if button.action_id == "faq.take")
        block = next(
            button
            for button in ada.buttons
            if button.action_id == "faq.decline" and button.value == left.value
        )
        await ada.tap("faq.decline", block.value, "variants", "it isn't used")
        await ada.tap("faq.decline", take.value, "variants", "Published as revision 4")
        assert "ship fee?" not in (tmp_path / "faq" / "10-first.yaml").read_text(encoding="utf-8")
        rows = await r.world.rows("SELECT text, state, decided_by FROM variant ORDER BY id")
        assert [(row["text"], row["state"], row["decided_by"]) for row in rows] == [
            ("ship fee?", "withdrawn", "Ada (UADA)"),
            ("what's the postage", "declined", "Ada (UADA)"),
            ("freight", "withdrawn", ""),
        ]
        pressed = await ada.player.post("/onethread faq gaps", channel=ADMINS).answer()
        assert pressed.status == 200
