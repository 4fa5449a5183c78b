"""An agent's whole job from the card and the thread: modals, choices, shortcuts; every one through signed requests."""

from pathlib import Path

from tests.desk_hands import BILLING, departments, fill, opened, verbs_of, whisper, with_billing, words_in
from tests.desk_play import Desk, ticket_of
from tests.world import world


async def test_a_ticket_is_assigned_labelled_put_aside_and_ended_from_its_card(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        assert verbs_of(card) == ["claim", "resolve", "suggest", "assign", "history", "more"]
        # to a stranger it is refused in the modal, to a colleague it goes
        desk.mei.press(card.ts, "assign")
        await opened(desk, desk.mei, "Assign")
        await desk.mei.submit(fill(to="UPAT")).answer()
        assert desk.mei.desktop.errors == {"to": "Not assigned, because Pat may not answer tickets here."}
        await desk.mei.submit(fill(to="UTOM")).answer()
        assert desk.mei.desktop.modals == []
        await desk.shows(card, "*Held by*\n<@UTOM>")
        assert (await desk.posted(card, "assigned this to Tom")).pings == {"@UTOM"}
        # what has no room on the card stands in its menu
        desk.tom.press(card.ts, "more", value="priority")
        await opened(desk, desk.tom, "Priority")
        await desk.tom.submit(fill(chosen="urgent")).answer()
        await desk.shows(card, "🚨 T-")
        desk.tom.press(card.ts, "more", value="snooze")
        await opened(desk, desk.tom, "Snooze")
        await desk.tom.submit(fill(until="one fine day")).answer()
        assert "I can't read this time" in desk.tom.desktop.errors["until"]
        await desk.tom.submit(fill(until="2h")).answer()
        await desk.shows(card, "💤 until <!date^")
        await desk.tom.press(card.ts, "unsnooze").answer()
        await desk.shows(card, "🔵 In progress")
        # and what is rarer, behind "More…"
        desk.tom.press(card.ts, "more", value="further")
        await opened(desk, desk.tom, f"T-{ticket_of(card)}: more")
        desk.tom.tap("tag")
        await opened(desk, desk.tom, "Tags")
        await desk.tom.submit(fill(add="Refund")).answer()
        await desk.shows(card, "*Tags*\n#refund")
        # resolving asks for the reason by one tap
        await desk.tom.press(card.ts, "resolve").answer()
        asked = await whisper(desk, desk.tom, "What was it about?")
        assert verbs_of(asked) == ["resolve", "resolve:2", "resolve:3", "resolve:4", "resolve:5"]
        await desk.tom.press(asked.ts, "resolve:2").answer()
        await desk.shows(card, "*It was about*\nDefect")
        assert asked.deleted, "what was answered asks no more"
        assert verbs_of(card) == ["reopen", "history", "more"]
        assert desk.mei.whispers == []


async def test_a_second_claim_hears_who_holds_it_and_can_ask_for_it(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        for one in [desk.tom.press(card.ts, "claim"), desk.mei.press(card.ts, "claim")]:
            await one.answer()
        late = await whisper(desk, desk.mei, f"Tom already holds T-{ticket_of(card)}")
        await desk.mei.press(late.ts, "take_over").answer()
        asks = await desk.posted(card, "Mei asks to take this over")
        assert asks.pings == {"@UTOM"}
        assert "was asked to hand it over to you" in (await whisper(desk, desk.mei, "was asked")).text
        await desk.tom.press(asks.ts, "assign").answer()
        await desk.shows(card, "*Held by*\n<@UMEI>")
        assert desk.tom.desktop.modals == [], "the button bears whom it goes to"


async def test_a_ticket_moves_to_another_department_with_its_story(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        billing = with_billing(desk)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await anna.say("by 20 euros")
        await desk.posted(card, "by 20 euros")
        desk.mei.press(card.ts, "more", value="transfer")
        view = await opened(desk, desk.mei, "Transfer")
        assert "Billing" in words_in(view)
        assert "Support" not in words_in(view)
        await desk.mei.submit(fill(to="billing", reason="It is about money")).answer()
        await desk.until(lambda: any(one.by_app and not one.thread for one in billing.messages))
        there = next(one for one in billing.messages if not one.thread)
        assert "*Department*\nBilling" in there.words
        assert "by 20 euros" in there.words
        await desk.until(lambda: any("It is about money" in one.text for one in billing.replies(there.ts)))
        await desk.shows(card, f"<https://slack.com/archives/{BILLING}/p{there.ts.replace('.', '')}|")
        assert card.buttons == []
        # whoever writes in the old thread is told where it went
        await desk.mei.reply(card.ts, "one more thing").answer()
        await whisper(desk, desk.mei, "went to Billing")
        assert "one more thing" not in str(anna.messages)
        # those who answer there go on
        desk.tom.reply(there.ts, "We pay it back")
        await desk.heard(anna, "We pay it back")


async def test_another_department_is_asked_and_its_answer_comes_back_as_a_note(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        billing = with_billing(desk)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        desk.mei.press(card.ts, "more", value="further")
        await opened(desk, desk.mei, f"T-{ticket_of(card)}: more")
        desk.mei.tap("side_question")
        await opened(desk, desk.mei, "Ask a department")
        await desk.mei.submit(fill(to="billing", text="Was it refunded?", minutes="60")).answer()
        await whisper(desk, desk.mei, "Billing was asked")
        question = await desk.first(
            lambda: [one for one in billing.messages if "Was it refunded?" in one.text]
        )
        answer = desk.tom.reply(question.ts, "Yes, on Monday")
        await desk.posted(card, "Yes, on Monday")
        await desk.marked(answer, "lock")
        assert "Monday" not in str(anna.messages)


async def test_a_person_is_warned_then_muted_and_only_supervisors_block(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)

        async def does(agent: str, what: str) -> None:
            player = desk.slack.agent(agent)
            player.press(card.ts, "more", value="further")
            await opened(desk, player, f"T-{ticket_of(card)}: more")
            player.tap("person")
            await opened(desk, player, "Warn, mute, block")
            await player.submit(fill(chosen=what)).answer()

        await does("UMEI", "mute:1h")
        await whisper(desk, desk.mei, "Warn them first")
        await does("UMEI", "warn")
        await desk.heard(anna, "Please stay polite")
        await desk.shows(card, "⚠️ The person was warned")
        await does("UMEI", "mute:1h")
        await desk.shows(card, "🔇 The person is muted until <!date^")
        await does("UMEI", "block")
        await whisper(desk, desk.mei, "Only a supervisor can do this")
        await does("UTOM", "block")
        await desk.shows(card, "⛔ The person is blocked")
        await does("UTOM", "unblock")
        await desk.until(lambda: "⛔" not in card.words)
