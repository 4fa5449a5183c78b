"""A question on the side in Slack: its answer comes back with its files, is put right, and taken back."""

from pathlib import Path

from bots.sandbox.slack.workspace import Message
from tests.desk_hands import departments, with_billing
from tests.desk_play import PNG, Desk, files_of
from tests.world import world


async def asked(desk: Desk, card: Message, words: str) -> Message:
    """The post that begins the small thread."""
    billing = with_billing(desk)
    await desk.mei.reply(card.ts, f"!ask billing {words}").answer()
    return await desk.first(lambda: [one for one in billing.messages if words in one.text])


async def test_an_answer_comes_back_with_its_files_and_its_changes(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        question = await asked(desk, card, "Was it refunded?")
        await desk.tom.upload(("proof.png", PNG), text="Yes, 49 euros", thread=question.ts).answer()
        told = await desk.posted(card, "Tom (Billing) answers: Yes, 49 euros")
        assert "📎 proof.png" in told.text
        await desk.until(lambda: files_of(desk.thread(card)) == ["proof.png"], 15)
        await desk.tom.upload(("terms.png", PNG), thread=question.ts).answer()
        await desk.posted(card, "Tom (Billing) answers: 📎 terms.png")
        await desk.until(lambda: files_of(desk.thread(card)) == ["proof.png", "terms.png"], 15)
        said = desk.tom.reply(question.ts, "It left on Monday")
        await desk.posted(card, "answers: It left on Monday")
        await desk.tom.edit(said.ts, "It left on Tuesday").answer()
        changed = await desk.posted(card, "Tom (Billing) changed the answer to: It left on Tuesday")
        assert changed.pings == {"@UMEI"}
        await desk.tom.delete(said.ts).answer()
        await desk.posted(card, "Tom (Billing) took an answer back")
        # what they say among themselves stays there, whatever they make of it
        aside = desk.tom.reply(question.ts, "note: ask Eva first")
        await aside.answer()
        await desk.tom.edit(aside.ts, "I asked Eva").answer()
        await desk.mei.reply(card.ts, "You get it back").answer()
        await desk.heard(anna, "You get it back")
        assert "Eva" not in "\n".join(desk.texts(card))
        assert not any(
            word in str(anna.messages) for word in ("49 euros", "proof", "Monday", "Tuesday", "Eva")
        )
        kept = await w.rows(
            "SELECT v.kind, v.text, m.text AS first FROM message v JOIN message m ON m.id = v.version_of"
            " WHERE v.by = 'note' ORDER BY v.id"
        )
        assert [(row["kind"], row["text"], row["first"]) for row in kept] == [
            ("edited", "It left on Tuesday", "It left on Monday"),
            ("deleted", "", "It left on Monday"),
        ]
