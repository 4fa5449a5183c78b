"""The mark on an agent's message: how far it got, at the least cost, and why if it failed."""

from pathlib import Path

from bots.sandbox.hub import Fault
from bots.sandbox.slack.acts import Act
from bots.sandbox.slack.workspace import BOT
from tests.desk_play import Desk
from tests.world import world


def marked_with(desk: Desk, act: Act) -> list[str]:
    """Every mark that ours was ever put on it, in order."""
    events = (delivery.event for delivery in desk.slack.deliveries)
    ours = (one for one in events if one.get("type") == "reaction_added" and one["user"] == BOT)
    return [one["reaction"] for one in ours if one["item"]["ts"] == act.ts]


async def test_on_the_usual_path_a_mark_is_one_call(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        first = desk.mei.reply(card.ts, "马上查")
        await desk.marked(first, "white_check_mark")
        second = desk.mei.reply(card.ts, "查到了")
        await desk.marked(second, "white_check_mark")
        assert [marked_with(desk, one) for one in (first, second)] == [["white_check_mark"]] * 2


async def test_the_hourglass_comes_only_where_somebody_really_waits(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        w.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="429", retry_after=5))
        reply = desk.mei.reply(card.ts, "One moment")
        await desk.marked(reply, "hourglass_flowing_sand")
        waited = w.sandbox.hub.now() - desk.slack.workspace.find(reply.ts).at
        assert waited.total_seconds() >= 3
        await desk.heard(anna, "One moment")
        await desk.marked(reply, "white_check_mark")
        assert marked_with(desk, reply) == ["hourglass_flowing_sand", "white_check_mark"]


async def test_a_failure_is_marked_and_the_thread_says_why_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        w.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault="400"))
        refused = desk.mei.reply(card.ts, "Telegram doesn't want this")
        await desk.marked(refused, "warning")
        why = await desk.posted(card, "⚠️ Not delivered: the platform refused it")
        after = desk.mei.reply(card.ts, "But this")
        assert await desk.heard(anna, "But this") == "Mei: But this", "the name goes with what arrives"
        await desk.marked(after, "white_check_mark")
        assert sum("Not delivered" in text for text in desk.texts(card)) == 1
        assert (why.username, desk.marks(refused.ts)) == ("", ["warning"])


async def test_who_has_blocked_us_is_marked_and_gets_it_on_coming_back(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        anna.blocked = True  # Telegram's notice of it may be late: the send is what finds out
        reply = desk.mei.reply(card.ts, "Your refund is on its way")
        await desk.marked(reply, "warning")
        await desk.posted(card, "⏸️ Can't be sent now (the platform says that they can't be reached now")
        anna.blocked = False
        await anna.say("hello again")
        await desk.heard(anna, "Mei: Your refund is on its way")
        await desk.marked(reply, "white_check_mark")
