"""Claim, Release, Resolve and Reopen: whoever presses what and when, the card ends up true."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from bots.sandbox.slack.workspace import Message
from tests.desk_play import Desk, heard_on, ticket_of, verbs
from tests.world import World, world


async def states(w: World, card: Message) -> tuple[str, str]:
    [row] = await w.rows("SELECT state, assignee FROM ticket WHERE id = $1", ticket_of(card))
    return row["state"], row["assignee"]


async def press_raw(desk: Desk, body: str, verb: str, at: str) -> None:
    """A press as Slack would send it of a card that was drawn long ago."""
    payload = json.loads(parse_qs(body)["payload"][0])
    payload["actions"][0] |= {"action_id": verb, "action_ts": at}
    answer = await desk.slack.push(
        urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"
    )
    assert answer.status == 200


async def test_a_ticket_is_claimed_released_resolved_and_opened_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        await desk.mei.press(card.ts, "claim").answer()
        await desk.shows(card, "*Held by*\n<@UMEI>")
        assert "🔵 In progress" in card.words
        assert verbs(card) == ["resolve", "release"]
        await desk.mei.press(card.ts, "release").answer()
        await desk.shows(card, "*Held by*\nnobody yet")
        assert verbs(card) == ["claim", "resolve"]
        await desk.tom.press(card.ts, "resolve").answer()
        await desk.shows(card, "✅ Resolved")
        assert verbs(card) == ["reopen"]
        await desk.heard(li, "已标记为解决")
        assert li.messages[-1]["choices"][0][0]["label"] == "还没解决"
        await desk.mei.press(card.ts, "reopen").answer()
        await desk.heard(li, "已重新打开")
        await desk.shows(card, "🟠 Open")
        told = [one.text for one in (*desk.mei.whispers, *desk.tom.whispers)]
        assert told == [f"T-{ticket_of(card)} is resolved. What was it about?"]
        audit = await w.rows("SELECT name, actor FROM event WHERE name LIKE 'ticket.%' ORDER BY id")
        assert [(row["name"], row["actor"]) for row in audit] == [
            ("ticket.opened", ""),
            ("ticket.claim", "UMEI"),
            ("ticket.release", "UMEI"),
            ("ticket.resolve", "UTOM"),
            ("ticket.reopen", "UMEI"),
        ]


async def test_who_comes_second_hears_who_holds_it(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        pressed = desk.mei.press(card.ts, "claim")
        second = desk.tom.press(card.ts, "claim")
        await pressed.answer()
        await second.answer()
        [told] = desk.tom.whispers or desk.mei.whispers
        holder = "UMEI" if desk.tom.whispers else "UTOM"
        assert told.text == f"{'Mei' if holder == 'UMEI' else 'Tom'} already holds T-{ticket_of(card)}."
        assert await states(w, card) == ("claimed", holder)
        await desk.shows(card, f"<@{holder}>")
        other = desk.tom if holder == "UMEI" else desk.mei
        await other.press(card.ts, "release").answer()
        assert await states(w, card) == ("claimed", holder), "only the holder gives it back"
        await other.press(card.ts, "resolve").answer()
        await desk.shows(card, "✅ Resolved")
        assert len(other.whispers) == 3, "who holds it, why not released, and what it was about"


async def test_a_press_that_arrives_twice_counts_once_and_a_second_press_is_answered(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        press = desk.mei.press(card.ts, "claim")
        await press.answer()
        again = await desk.slack.repeat(press.deliveries[0])
        assert again.status == 200
        assert desk.mei.whispers == []
        claims = await w.rows("SELECT id FROM event WHERE name = 'ticket.claim'")
        assert len(claims) == 1
        resolve = [desk.mei.press(card.ts, "resolve") for _ in range(2)]
        for one in resolve:
            await one.answer()
        await desk.whispered(desk.mei, f"T-{ticket_of(card)} is already resolved. Reopen it to go on.")
        await desk.shows(card, "✅ Resolved")
        await desk.heard(li, "已标记为解决")
        assert sum("已标记为解决" in text for text in heard_on(li)) == 1


async def test_buttons_of_an_old_card_do_no_harm_and_the_card_ends_up_true(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        stale = [desk.tom.press(card.ts, verb) for verb in ("claim", "resolve")]
        for one in stale:
            await one.answer()
        await desk.shows(card, "✅ Resolved")
        old = stale[0].deliveries[0].body.decode()
        for number, verb in enumerate(("claim", "release", "resolve", "fly")):
            await press_raw(desk, old, verb, f"170000000{number}.000001")
        for words in ("already resolved", "I don't know this button (fly)"):
            await desk.whispered(desk.tom, words)
        assert await states(w, card) == ("resolved", "UTOM")
        card.blocks = [
            block for block in card.blocks if block["type"] != "actions"
        ]  # somebody's old view of it
        await press_raw(desk, old, "claim", "1700000099.000001")
        await desk.until(lambda: verbs(card) == ["reopen"])


async def test_the_person_reopens_by_a_tap_and_the_thread_tells_what_was_said_since(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.mei.press(card.ts, "claim").answer()
        await desk.mei.press(card.ts, "resolve").answer()
        await desk.heard(anna, "has been marked as solved")
        await desk.shows(card, "✅ Resolved")
        asked = "Do you ship abroad?\n🎧 Mei: refund agreed"
        await anna.say(asked)
        await desk.until(lambda: len(heard_on(anna)) > 3)
        resolved = next(one for one in anna.messages if "marked as solved" in one["text"])
        await anna.tap(str(resolved["id"]), f"unsolved:{ticket_of(card)}")
        told = await desk.posted(card, "🔄 Open again")
        rows = told.text.split("\n")
        assert rows[1] == "👤 Do you ship abroad?"
        assert rows[-1] == "👤 Not solved"
        assert not [row for row in rows if row.startswith("🎧") or "marked as solved" in row]
        assert told.pings == set()
        await desk.shows(card, "🔵 In progress\n⏳ waiting since")
        assert "<@UMEI>" in card.words
        assert len(desk.cards) == 1


async def test_words_to_a_resolved_ticket_open_it_again_and_reach_the_person(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        await desk.mei.press(card.ts, "resolve").answer()
        await desk.shows(card, "✅ Resolved")
        desk.tom.reply(card.ts, "补充一下：券也退了")
        assert await desk.heard(li, "券也退了") == "Tom：补充一下：券也退了"
        await desk.shows(card, "*Held by*\n<@UTOM>")
        assert await states(w, card) == ("claimed", "UTOM")
        await li.say("太好了，多谢")
        await desk.posted(card, "太好了")
