"""What happens to the desk in Slack: cards deleted, Slack channels archived, the app taken out, nobody listening."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bots.sandbox.hub import Fault
from bots.sandbox.slack.workspace import BOT, Channel, Message
from tests.desk_play import Desk, heard_on, ticket_of
from tests.waiting import until
from tests.world import SOON, World, world

ROUTING = """
fallback: support
departments:
  billing: {channels: [CBILLING], supervisors: [UMEI], undo: 0s, words: {en: [refund]}}
  support: {undo: 0s}
"""
AT_ONCE = "departments:\n  support: {undo: 0s}\n"


def routed(folder: Path, text: str = AT_ONCE) -> Path:
    (folder / "routing.yaml").write_text(text, encoding="utf-8")
    return folder


async def new_card(desk: Desk, before: Message) -> Message:
    """The ticket's card in its new thread."""
    return await desk.first(
        lambda: [one for one in desk.cards if ticket_of(one) == ticket_of(before) and one.ts > before.ts], 15
    )


@pytest.mark.parametrize("told", ["event", "silently"])
@pytest.mark.parametrize("replies", [True, False])
async def test_a_deleted_card_is_posted_anew_with_its_story(tmp_path: Path, told: str, replies: bool) -> None:
    async with world(routed(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        if replies:
            await anna.say("first words")
            await desk.posted(card, "first words")
            await desk.mei.reply(card.ts, "note: a colleague's remark").answer()
        await until(lambda: w.rows("SELECT id FROM ticket WHERE thread <> ''"))
        if told == "event":
            await desk.slack.remove(card.ts).answer()
        else:
            card.deleted = True
            await anna.say("Is anybody reading this")
        again = await new_card(desk, card)
        await anna.say("last words")
        await desk.posted(again, "last words")
        assert len([text for text in desk.texts(again) if "last words" in text]) == 1
        if told == "silently":  # with replies the old thread still takes posts, and the card tells of them
            assert "Is anybody reading this" in "\n".join([again.words, *desk.texts(again)])
        if replies:
            assert "first words" in again.words
            assert "remark" in again.words
            await desk.mei.reply(card.ts, "a late answer in the old thread").answer()
            await desk.heard(anna, "a late answer in the old thread")
        await desk.mei.reply(again.ts, "an answer in the new one").answer()
        await desk.heard(anna, "an answer in the new one")
        assert not any("remark" in text for text in heard_on(anna))
        await desk.mei.press(again.ts, "claim").answer()
        await desk.shows(again, "<@UMEI>")
        assert len(desk.cards) == 1
        dead = await w.rows("SELECT key FROM delivery WHERE state = 'dead'")
        assert dead == []


async def test_a_card_that_is_deleted_before_its_post_was_answered_is_posted_anew(tmp_path: Path) -> None:
    async with world(routed(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        w.sandbox.hub.arm(Fault(platform="slack", method="chat.postMessage", fault="drop_answer"))
        card = await desk.handed_off(anna)
        removed = desk.slack.remove(card.ts)
        again = await new_card(desk, card)
        assert (await removed.answer()).ok
        await anna.say("is anybody there?")
        await desk.posted(again, "is anybody there?")
        await desk.mei.reply(again.ts, "I am").answer()
        await desk.heard(anna, "I am")
        assert len(desk.cards) == 1


async def test_a_deleted_card_of_a_resolved_ticket_comes_back_only_when_it_is_needed(tmp_path: Path) -> None:
    async with world(routed(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.mei.press(card.ts, "resolve").answer()
        await desk.shows(card, "✅")
        await desk.slack.remove(card.ts).answer()
        assert desk.cards == []
        await anna.say("agent")
        again = await new_card(desk, card)
        assert ticket_of(again) == ticket_of(card)


async def test_tickets_of_an_archived_channel_go_on_in_the_support_channel(tmp_path: Path) -> None:
    async with world(routed(tmp_path, ROUTING)) as w:
        desk = Desk(world=w)
        billing = Channel(id="CBILLING", name="billing", members=["UMEI", "UTOM", BOT])
        desk.slack.workspace.channels[billing.id] = billing
        people = [await desk.telegram(name) for name in ("Anna", "Boris")]
        for number, person in enumerate(people, 1):
            await person.say("I want a refund, let me talk to an agent")
            await person.say("agent")
            await desk.until(partial(_has_cards, billing, number))
        old = _cards(billing)[0]
        await people[0].say("is it on its way?")
        await desk.until(lambda: any("on its way" in one.text for one in billing.messages))
        billing.archived = True
        await people[0].say("hello, anybody?")
        cards = await desk.until(lambda: len(desk.cards) == 2 and desk.cards, 15)
        mine = next(card for card in cards if ticket_of(card) == ticket_of(old))
        await desk.posted(mine, "hello, anybody?")
        assert "is it on its way?" in mine.words
        told = [one for one in desk.slack.support.messages if "archived" in one.words and not one.thread]
        assert len(told) == 1
        assert "@UMEI" in told[0].pings
        assert "2 open tickets" in told[0].words
        await desk.tom.reply(mine.ts, "yes, here").answer()
        await desk.heard(people[0], "yes, here")
        late = await desk.telegram("Clara")
        await late.say("agent refund")
        await late.say("agent")
        await desk.until(lambda: len(desk.cards) == 3, 15)


def _has_cards(channel: Channel, number: int) -> bool:
    return len(_cards(channel)) == number


def _cards(channel: Channel) -> list[Message]:
    return [one for one in channel.messages if one.by_app and not one.thread and ticket_of(one)]


@pytest.mark.parametrize("how", ["token_revoked", "account_inactive", "not_in_channel"])
async def test_while_the_app_is_out_everything_waits_and_leaves_when_it_is_back(
    tmp_path: Path, how: str
) -> None:
    async with world(routed(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        if how == "not_in_channel":
            desk.slack.support.members.remove(BOT)
        else:
            desk.slack.shut_out = how
        await anna.say("one")
        await anna.say("two")

        async def waits() -> bool:
            found = await w.rows("SELECT error FROM delivery WHERE state = 'due' AND kind = 'post'")
            return any(row["error"] for row in found)

        await until(waits)
        assert desk.texts(card) == []
        if how == "not_in_channel":
            desk.slack.support.members.append(BOT)
        desk.slack.shut_out = ""
        await desk.posted(card, "two", 20)
        assert "\n".join(desk.texts(card)) == "one\ntwo"
        assert await w.rows("SELECT key FROM delivery WHERE state = 'dead'") == []


async def test_a_renamed_channel_changes_nothing(tmp_path: Path) -> None:
    async with world(routed(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        desk.slack.support.name = "support-2"
        await anna.say("still there?")
        await desk.posted(card, "still there?")
        await desk.mei.reply(card.ts, "yes").answer()
        await desk.heard(anna, "yes")


async def test_a_broadcast_reply_counts_once_and_other_apps_never(tmp_path: Path) -> None:
    async with world(routed(tmp_path)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.slack.by_other_app(card.ts, "Build 42 failed").answer()
        await desk.mei.reply(card.ts, "shown to all", broadcast=True).answer()
        await desk.heard(anna, "shown to all")
        await desk.mei.reply(card.ts, "and on").answer()
        await desk.heard(anna, "and on")
        assert len([text for text in heard_on(anna) if "shown to all" in text]) == 1
        assert not any("Build 42" in text for text in heard_on(anna))
        kept = await w.rows("SELECT text FROM message WHERE text LIKE '%Build 42%'")
        assert kept == []


async def test_what_was_written_while_nobody_listened_is_found_at_the_start(tmp_path: Path) -> None:
    given_up = replace(SOON, slack_retries=())
    async with world(routed(tmp_path), given_up) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        before = desk.mei.reply(card.ts, "before")
        await before.answer()
        await desk.heard(anna, "before")
        await until(lambda: _heard(w))
        await w.stop()
        missed = [desk.mei.reply(card.ts, "missed"), desk.mei.reply(card.ts, "note: for us alone")]
        stranger = desk.slack.colleague().reply(card.ts, "I'm nobody's agent")
        edited = desk.mei.edit(before.ts, "before, put right")
        for act in (*missed, stranger, edited):
            assert not (await act.answer()).ok
        await w.start()
        await desk.heard(anna, "missed", 20)
        await desk.heard(anna, "put right", 20)
        await desk.mei.reply(card.ts, "after").answer()
        await desk.heard(anna, "after")
        assert len([text for text in heard_on(anna) if "missed" in text]) == 1
        assert not any("alone" in text or "nobody" in text for text in heard_on(anna))
        notes = await w.rows("SELECT text FROM message WHERE by = 'note'")
        assert notes == [{"text": "for us alone"}]
        await w.restart()
        await desk.mei.reply(card.ts, "once more").answer()
        await desk.heard(anna, "once more")
        assert len([text for text in heard_on(anna) if "missed" in text]) == 1


async def test_a_card_that_was_deleted_while_nobody_listened_is_posted_anew(tmp_path: Path) -> None:
    async with world(routed(tmp_path), replace(SOON, slack_retries=())) as w:
        desk = Desk(world=w)
        card = await desk.handed_off(await desk.telegram())
        await until(lambda: _heard(w))
        await w.stop()
        assert not (await desk.slack.remove(card.ts).answer()).ok
        await w.start()
        await new_card(desk, card)


async def _heard(w: World) -> bool:
    return bool(await w.rows("SELECT at FROM heard"))
