"""Words that cost: each kind is asked about before it leaves, and what the agent decides then is done."""

from pathlib import Path

from bots.sandbox.slack.acts import Act
from bots.sandbox.slack.workspace import Message
from tests.desk_hands import departments, verbs_of, whisper
from tests.desk_play import Desk, heard_on
from tests.world import world

COSTLY = """
costly:
  banned: {en: [idiot], zh-CN: [关我什么事]}
  promise: {en: [we guarantee]}
  account: {en: [my whatsapp]}
  payment: {en: [paypal.me]}
departments:
  support: {name: {en: Support}, undo: 0s}
"""
KINDS = {
    "Only an Idiot would ask": "(banned words)",
    "这关我什么事": "(banned words)",
    "We  guarantee that it arrives": "(a promise)",
    "Write to my WhatsApp, please": "(an outside account)",
    "Pay at https://paypal.me/shop": "(a payment link)",
    "We guarantee it, pay at paypal.me/shop": "(a promise, a payment link)",
}


async def held(desk: Desk, card: Message, words: str) -> tuple[Act, Message]:
    """What an agent wrote, which waits, and what they are asked."""
    said = desk.mei.reply(card.ts, words)
    asked = await whisper(desk, desk.mei, words)
    await desk.marked(said, "double_vertical_bar")
    assert verbs_of(asked) == ["send", "undo"]
    return said, asked


async def test_each_kind_is_held_and_named_and_nothing_of_it_leaves(tmp_path: Path) -> None:
    async with world(departments(tmp_path, COSTLY)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        for words, kinds in KINDS.items():
            _, asked = await held(desk, card, words)
            assert kinds in asked.words
        desk.mei.reply(card.ts, "Our guarantees stand on paypal's own page")
        await desk.heard(anna, "own page")
        assert not [words for words in KINDS for text in heard_on(anna) if words in text]


async def test_send_sends_discard_discards_and_harmless_words_take_their_place(tmp_path: Path) -> None:
    async with world(departments(tmp_path, COSTLY)) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        sent, asked = await held(desk, card, "We guarantee that it arrives")
        await desk.mei.press(asked.ts, "send").answer()
        await desk.heard(anna, "We guarantee that it arrives")
        await desk.marked(sent, "white_check_mark")
        assert asked.deleted
        typed, _ = await held(desk, card, "We guarantee a refund")
        await desk.mei.reply(card.ts, "!send").answer()
        await desk.heard(anna, "We guarantee a refund")
        await desk.marked(typed, "white_check_mark")
        dropped, asked = await held(desk, card, "Ask my WhatsApp")
        await desk.mei.press(asked.ts, "undo").answer()
        await desk.marked(dropped, "lock")
        assert asked.words == "Taken back; the person gets nothing of it."
        # what is put right before it leaves still waits for its Send, and then leaves as it is
        changed, asked = await held(desk, card, "Pay at paypal.me/shop")
        await desk.mei.edit(changed.ts, "Pay at the checkout").answer()
        await desk.mei.press(asked.ts, "send").answer()
        await desk.heard(anna, "Pay at the checkout")
        await desk.marked(changed, "white_check_mark")
        # and what was harmless can become costly: the edit is asked about, the person reads the first words
        harmless = desk.mei.reply(card.ts, "It arrives soon")
        await desk.heard(anna, "It arrives soon")
        await desk.mei.edit(harmless.ts, "We guarantee that it arrives soon").answer()
        asked = await whisper(desk, desk.mei, "We guarantee that it arrives soon")
        assert not any("guarantee that it arrives soon" in text for text in heard_on(anna))
        await desk.mei.press(asked.ts, "send").answer()
        await desk.heard(anna, "guarantee that it arrives soon")
        assert not any("WhatsApp" in text or "paypal" in text for text in heard_on(anna))
