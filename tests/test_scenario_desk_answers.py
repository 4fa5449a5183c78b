"""What an agent can say by a press: suggestions, canned replies, corrections; history; saving an answer for the FAQ."""

from pathlib import Path

from tests.desk_hands import departments, fill, opened, verbs_of, whisper, words_in
from tests.desk_play import PICTURE, Desk, heard_on, ticket_of
from tests.world import World, world


async def events(w: World, name: str) -> int:
    return len(await w.rows("SELECT id FROM event WHERE name = $1", name))


async def test_the_best_answers_are_offered_sent_changed_or_dismissed(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await anna.say("How do I return something?")
        await desk.posted(card, "How do I return something?")
        await desk.mei.press(card.ts, "suggest").answer()
        offered = await whisper(desk, desk.mei, "Suggestions for “How do I return something?”")
        assert verbs_of(offered) == ["reply", "edit_reply"] * 3 + ["replies", "dismiss"]
        await desk.mei.press(offered.ts, "reply").answer()
        assert (await desk.heard(anna, "You can return unused items")).startswith("Mei: ")
        await desk.posted(card, "🎧 Mei: You can return unused items")
        assert offered.deleted
        assert await events(w, "suggestion.used") == 1
        # asked for by a command it is there at once, in the thread; changed words are the agent's own
        await desk.mei.reply(card.ts, "!suggest").answer()
        again = await whisper(desk, desk.mei, "Suggestions for")
        assert again.thread == card.ts
        desk.mei.press(again.ts, "edit_reply")
        view = await opened(desk, desk.mei, "Edit, then send")
        assert "You can return unused items" in str(view["blocks"][0]["element"]["initial_value"])
        await desk.mei.submit(fill(text="Just send it back, Anna")).answer()
        await desk.heard(anna, "Just send it back, Anna")
        assert await events(w, "suggestion.edited") == 1
        await desk.mei.press(again.ts, "dismiss").answer()
        assert again.deleted
        assert await events(w, "suggestion.ignored") == 1


async def test_canned_replies_go_by_name_or_are_found_by_words(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram("Anna")
        card = await desk.handed_off(anna)
        await desk.mei.reply(card.ts, "!r hello").answer()
        said = await desk.heard(anna, "Hello Anna")
        assert said.endswith(f"Hello Anna, this is Mei from Support about T-{ticket_of(card)}.")
        await desk.mei.reply(card.ts, "！话术 cour").answer()
        which = await whisper(desk, desk.mei, "Which one do you mean?")
        assert next(button.label for button in which.buttons) == "courier · Courier contacted"
        await desk.mei.press(which.ts, "reply").answer()
        await desk.heard(anna, "We asked the courier about your parcel.")
        # and from the suggestions, by search
        await desk.mei.press(card.ts, "suggest").answer()
        offered = await whisper(desk, desk.mei, "Search replies…")
        desk.mei.press(offered.ts, "replies")
        view = await opened(desk, desk.mei, "Replies")
        assert "Hello Anna, this is Mei" in words_in(view["blocks"])
        await desk.mei.submit(fill(words="greeting")).answer()
        view = await opened(desk, desk.mei, "Replies")
        assert "courier" not in words_in(view["blocks"])
        desk.mei.tap("edit_reply")
        await opened(desk, desk.mei, "Edit, then send")
        before = len(heard_on(anna))
        await desk.mei.submit().answer()
        await desk.until(lambda: len(heard_on(anna)) > before)
        assert desk.mei.desktop.modals == []


async def test_the_faq_is_searched_for_agents_eyes_only(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        before = len(heard_on(anna))
        await desk.mei.reply(card.ts, "!find refund").answer()
        found = await whisper(desk, desk.mei, "The FAQ on “refund”")
        assert set(verbs_of(found)) == {"edit_reply"}
        await desk.mei.reply(card.ts, "!find xyzzyplugh").answer()
        await whisper(desk, desk.mei, "Nothing was found for “xyzzyplugh”")
        assert len(heard_on(anna)) == before


async def test_a_wrong_answer_is_called_so_on_the_card(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        await anna.say("How do I return something?")
        await desk.heard(anna, "You can return unused items")
        card = await desk.handed_off(anna)
        assert [button.label for button in card.buttons if button.action_id == "wrong_answer"] == [
            "Wrong answer"
        ]
        await desk.mei.press(card.ts, "wrong_answer").answer()
        told = await whisper(desk, desk.mei, "is hidden")
        assert "1 people were given it" in told.text


async def test_history_shows_all_that_was_said_on_all_platforms_and_searches_it(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram("Anna")
        card = await desk.handed_off(anna)
        await anna.send("image", PICTURE, "look at this")
        await desk.first(lambda: [one for one in desk.thread(card) if one.files])
        await desk.mei.reply(card.ts, "note: she is a regular").answer()
        for number in range(9):
            await anna.say(f"line {number}")
        for number in range(9, 25):
            await desk.mei.reply(card.ts, f"note: line {number}").answer()
        desk.mei.press(card.ts, "history")
        view = await opened(desk, desk.mei, "History")
        said = words_in(view["blocks"])
        assert said.index("line 24") < said.index("line 23"), "newest first"
        assert "👤 line 5" in said
        assert "👤 line 4" not in said
        await desk.mei.tap("older").answer()
        view = await opened(desk, desk.mei, "History")
        older = words_in(view["blocks"])
        assert "🔒 Mei: she is a regular" in older
        assert "👤 look at this 📎 " in older
        pictures = [one["slack_file"]["id"] for one in view["blocks"] if one["type"] == "image"]
        assert pictures == [file.id for one in desk.thread(card) for file in one.files]
        await desk.mei.tap("newer").answer()
        assert "line 24" in words_in(desk.mei.desktop.modals[-1]["blocks"])
        await desk.mei.submit(fill(words="regular")).answer()
        found = words_in(desk.mei.desktop.modals[-1]["blocks"])
        assert "she is a regular" in found
        assert "line 24" not in found
        # a stranger sees nothing of it
        pat = desk.slack.colleague()
        await pat.press(card.ts, "history").answer()
        await desk.until(lambda: any("Nothing was done" in one for one in pat.answers))
        assert pat.desktop.modals == []


async def test_shortcuts_on_a_message_of_the_thread(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await anna.say("Is the blue one waterproof?")
        await desk.posted(card, "waterproof")
        answer = desk.mei.reply(card.ts, "Yes, up to 30 metres")
        await desk.heard(anna, "30 metres")
        await anna.say("Thanks!")
        await desk.posted(card, "Thanks!")
        desk.mei.shortcut(answer.ts, "desk.faq")
        view = await opened(desk, desk.mei, "Save as FAQ")
        fields = {one["block_id"]: one["element"] for one in view["blocks"] if one["type"] == "input"}
        assert fields["question"]["initial_value"] == "Is the blue one waterproof?"
        assert fields["answer"]["initial_value"] == "Yes, up to 30 metres"
        assert fields["language"]["initial_option"]["value"] == "en"
        await desk.mei.submit(fill(variants="can it get wet")).answer()
        await whisper(desk, desk.mei, "It is with the admins now")
        # a note that mentions a colleague can be sent after all
        note = desk.mei.reply(card.ts, "@Tom says it floats, too")
        await whisper(desk, desk.mei, "This mentions a teammate")
        await desk.marked(note, "lock")
        assert "floats" not in str(anna.messages)
        await desk.mei.shortcut(note.ts, "desk.send").answer()
        await desk.heard(anna, "floats, too")
        # what is no ticket's message has no shortcuts
        other = desk.mei.post("lunch?")
        await desk.mei.shortcut(other.ts, "desk.further").answer()
        await whisper(desk, desk.mei, "belongs to no ticket")
