"""Who may answer, what leaves when, and what an agent is asked about it: each by whispers with buttons."""

from pathlib import Path

from bots.sandbox.hub import Fault
from tests.desk_hands import departments, verbs_of, whisper
from tests.desk_play import Desk, heard_on
from tests.world import World, world

NAMED = """
supervisors: [UTOM]
agents: [mei@shop.example, {id: UTOM, trial: true}]
departments:
  support: {name: {en: Support}, undo: 0s}
"""
WAITS = """
departments:
  support: {name: {en: Support}, undo: 4s}
"""
CONFIRMS = """
departments:
  support: {name: {en: Support}, undo: 0s, confirm: true}
"""
GROUPS = """
agents: [{id: SSUPPORT, trial: true}]
departments:
  support: {name: {en: Support}, undo: 0s}
"""


async def agents_rows(w: World) -> list[str]:
    found = await w.rows("SELECT text FROM message WHERE \"by\" IN ('agent', 'note') ORDER BY id")
    return [row["text"] for row in found]


async def test_only_whom_the_routing_names_may_answer_and_others_are_told_whom_to_ask(tmp_path: Path) -> None:
    async with world(departments(tmp_path, NAMED)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        pat = desk.slack.colleague()
        pat.join()
        await pat.reply(card.ts, "I know that one").answer()
        told = await whisper(desk, pat, "Not sent")
        assert told.text == "Not sent, because you're not among the agents of Support. Ask Tom."
        await pat.press(card.ts, "claim").answer()
        await whisper(desk, pat, "Nothing was done, because you're not among the agents of Support")
        desk.mei.reply(card.ts, "It is on its way")
        await desk.heard(anna, "It is on its way")
        assert await agents_rows(w) == ["It is on its way"]
        assert "I know that one" not in str(anna.messages)


async def test_a_refused_command_that_is_edited_into_words_goes_to_the_person(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        refused = desk.mei.reply(card.ts, "!gracias for waiting")
        await whisper(desk, desk.mei, "there is no command !gracias")
        await desk.mei.edit(refused.ts, "Gracias for waiting").answer()
        await desk.heard(anna, "Mei: Gracias for waiting")
        await desk.marked(refused, "white_check_mark")
        # while an edited command does nothing, and says so
        await desk.mei.reply(card.ts, "!tag refund").answer()
        followed = desk.mei.reply(card.ts, "!priority low")
        await followed.answer()
        await desk.mei.edit(followed.ts, "!priority high").answer()
        await whisper(desk, desk.mei, "a command is not followed when you edit a message into it")
        [ticket] = await w.rows("SELECT priority FROM ticket")
        assert ticket["priority"] == "low"
        assert sum("waiting" in text for text in heard_on(anna)) == 1


async def test_a_reply_can_be_taken_back_before_it_leaves(tmp_path: Path) -> None:
    async with world(departments(tmp_path, WAITS)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        wrong = desk.mei.reply(card.ts, "Wrong thread, sorry")
        offer = await whisper(desk, desk.mei, "Goes to the person in 4 s")
        assert (offer.thread, verbs_of(offer)) == (card.ts, ["undo"])
        await desk.mei.press(offer.ts, "undo").answer()
        assert offer.words == "Taken back; the person gets nothing of it.", "it stands where the button was"
        desk.mei.reply(card.ts, "Hello Anna")
        await desk.heard(anna, "Hello Anna")
        assert "Wrong thread" not in str(anna.messages)
        assert desk.marks(wrong.ts) == ["lock"]


async def test_where_a_department_confirms_nothing_leaves_before_send(tmp_path: Path) -> None:
    async with world(departments(tmp_path, CONFIRMS)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        first = desk.mei.reply(card.ts, "First <words>")
        preview = await whisper(desk, desk.mei, "Not sent yet")
        assert "First &lt;words&gt;" in preview.words
        await desk.marked(first, "double_vertical_bar")
        await desk.mei.press(preview.ts, "send").answer()
        await desk.heard(anna, "First <words>")
        assert preview.deleted
        second = desk.mei.reply(card.ts, "Second words")
        await desk.marked(second, "double_vertical_bar")
        await desk.mei.reply(card.ts, "!send").answer()
        await desk.heard(anna, "Second words")
        await desk.marked(second, "white_check_mark")
        third = desk.mei.reply(card.ts, "Third words")
        preview = await whisper(desk, desk.mei, "Third words")
        await desk.mei.press(preview.ts, "undo").answer()
        await desk.marked(third, "lock")
        assert "Third" not in str(anna.messages)


async def test_whoever_is_in_trial_only_drafts_and_costly_words_are_asked_about(tmp_path: Path) -> None:
    async with world(departments(tmp_path, GROUPS)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        draft = desk.mei.reply(card.ts, "We look into it")
        preview = await whisper(desk, desk.mei, "you are in trial")
        await desk.marked(draft, "double_vertical_bar")
        await desk.tom.press(card.ts, "claim").answer()
        await desk.mei.press(preview.ts, "send").answer()
        await desk.heard(anna, "We look into it")


async def test_on_a_held_ticket_others_words_are_notes_until_they_say_otherwise(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.tom.press(card.ts, "claim").answer()
        aside = desk.mei.reply(card.ts, "It ships on Monday")
        asked = await whisper(desk, desk.mei, "Tom holds T-")
        assert verbs_of(asked) == ["send", "take_over"]
        await desk.marked(aside, "lock")
        await desk.mei.press(asked.ts, "send").answer()
        await desk.heard(anna, "It ships on Monday")
        await desk.marked(aside, "white_check_mark")
        before = len(heard_on(anna))
        for words in ("!nite be careful", "！未知", "!resolve now please and thanks", "!help"):
            await desk.mei.reply(card.ts, words).answer()
        await whisper(desk, desk.mei, "there is no command !nite. Did you mean !note?")
        await whisper(desk, desk.mei, "no command !未知")
        await whisper(desk, desk.mei, "What you write in the thread goes to the person")
        assert len(heard_on(anna)) == before
        await desk.tom.reply(card.ts, "!assign @Mei").answer()
        await desk.shows(card, "*Held by*\n<@UMEI>")
        await desk.mei.reply(card.ts, "！优先级 紧急").answer()
        await desk.shows(card, "🚨 T-")


async def test_a_failure_says_why_and_what_can_be_done_about_it(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        w.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="400"))
        failed = desk.mei.reply(card.ts, "Are you there?")
        await desk.marked(failed, "warning")
        notice = await desk.posted(card, "⚠️ Not delivered:")
        assert verbs_of(notice) == ["retry", "wait"]
        await desk.mei.press(notice.ts, "retry").answer()
        await desk.heard(anna, "Are you there?")
        await desk.marked(failed, "white_check_mark")
