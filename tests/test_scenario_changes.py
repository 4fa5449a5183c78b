"""What agents change or take back travels, on each platform in its way; people's changes come as versions."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bots.sandbox.acting import Upload
from bots.sandbox.hub import Fault
from bots.sandbox.slack.players import Player
from bots.sandbox.telegram.phone import TelegramPhone
from tests import slack_user_stories
from tests.desk_play import PICTURE, PNG, Desk, files_of, heard_on
from tests.world import World, world

LONG = "This sentence is one of very many. " * 150
"""Of which Telegram takes two messages."""


def shown(phone: TelegramPhone) -> list[tuple[str, bool]]:
    """What the person still sees of ours, and whether it is marked as edited."""
    ours = [one for one in phone.messages if one["from"] == "bot" and not one.get("deleted")]
    return [(str(one.get("plain", "")), bool(one.get("edited"))) for one in ours]


def hanging(person: Player) -> list[str]:
    return [one.words for one in person.messages if one.by_app and not one.deleted]


async def until(w: World, condition: Callable[[], Any]) -> None:
    await w.sandbox.hub.until(condition)


async def test_on_telegram_a_message_changes_in_place_and_goes(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        sent = desk.mei.reply(card.ts, "It ships on <Monday>")
        await desk.heard(anna, "Monday")
        await desk.marked(sent, "white_check_mark")
        before = len(anna.messages)
        await desk.mei.edit(sent.ts, "It ships on <Tuesday> & not later").answer()
        await until(w, lambda: ("Mei: It ships on <Tuesday> & not later", True) in shown(anna))
        w.sandbox.hub.arm(Fault(platform="telegram", method="editMessageText", fault="drop_answer"))
        await desk.mei.edit(sent.ts, "It ships on Wednesday").answer()
        await until(w, lambda: ("Mei: It ships on Wednesday", True) in shown(anna))
        assert len(anna.messages) == before, "nothing new was sent"
        await desk.mei.delete(sent.ts).answer()
        await until(w, lambda: not any("ships" in text for text, _ in shown(anna)))
        assert not desk.mei.whispers
        assert [text for text in desk.texts(card) if "⚠️" in text] == []


async def test_on_telegram_long_texts_and_albums_change_part_by_part(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await desk.heard(anna, "passed this on")
        sent = desk.mei.reply(card.ts, LONG)
        await desk.marked(sent, "white_check_mark", 15)
        assert sum("sentence" in text for text, _ in shown(anna)) == 2
        await desk.mei.edit(sent.ts, LONG.replace("sentence", "phrase")).answer()
        await until(w, lambda: sum("phrase" in text for text, edited in shown(anna) if edited) == 2)
        assert not any("sentence" in text for text, _ in shown(anna))
        await desk.mei.delete(sent.ts).answer()
        await until(w, lambda: not any("phrase" in text for text, _ in shown(anna)))

        album = desk.mei.upload(("a.png", PNG), ("b.png", PNG), text="Look here", thread=card.ts)
        await desk.marked(album, "white_check_mark")
        pictures = [one for one in anna.messages if one["kind"] == "image"]
        assert len(pictures) == 2
        await desk.mei.delete(album.ts).answer()
        await until(w, lambda: all(one.get("deleted") for one in pictures))
        assert not any("Look here" in text for text, _ in shown(anna))


async def test_what_telegram_refuses_to_take_back_is_said_in_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        sent = desk.mei.reply(card.ts, "It ships on Monday")
        await desk.marked(sent, "white_check_mark")
        number = next(int(one["id"]) for one in anna.messages if "Monday" in str(one.get("plain")))
        anna.posted[number].wire["date"] -= int(timedelta(hours=49).total_seconds())
        await desk.mei.delete(sent.ts).answer()
        told = await desk.posted(card, "48 hours")
        assert "⚠️" in told.text
        assert ("Mei: It ships on Monday", False) in shown(anna)


async def test_in_slack_messages_and_files_change_in_place_and_go(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        ana = desk.slack.customer("UANA")
        ts = await slack_user_stories.handed_off(w, ana)
        sent = desk.mei.reply(ts, "It ships on Monday")
        await slack_user_stories.until_marked(w, sent.ts)
        await desk.mei.edit(sent.ts, "It ships on <Tuesday> & not later").answer()
        await until(w, lambda: "Mei: It ships on &lt;Tuesday&gt; &amp; not later" in hanging(ana))
        assert not any("Monday" in words for words in hanging(ana))
        await desk.mei.delete(sent.ts).answer()
        await until(w, lambda: not any("ships" in words for words in hanging(ana)))

        shared = desk.mei.upload(("label.png", PNG), thread=ts)
        await slack_user_stories.until_marked(w, shared.ts)
        assert [file.name for one in ana.messages for file in one.files] == ["label.png"]
        await desk.mei.delete(shared.ts).answer()
        await until(w, lambda: not any(one.files for one in ana.messages))


async def test_on_wechat_a_short_correction_follows_and_nothing_is_taken_back(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        sent = desk.mei.reply(card.ts, "周一发货")
        await desk.heard(li, "周一发货")
        await desk.marked(sent, "white_check_mark")
        await desk.mei.edit(sent.ts, "周二发货").answer()
        await desk.heard(li, "周二发货")
        assert sum("发货" in text for text in heard_on(li)) == 2
        await desk.mei.delete(sent.ts).answer()
        await desk.whispered(desk.mei, "taken back")


def exchange(phone: TelegramPhone, message: str, picture: Upload) -> None:
    """The person puts another file in the place of the first: it bears an id of its own whatever it holds."""
    files = phone.bot.files
    phone.posted[int(message)].wire["photo"] = files.wire(files.put("photo", picture))["photo"]


async def test_a_picture_that_takes_the_place_of_another_comes_into_the_thread(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        await anna.send("image", PICTURE, "my vase")
        await until(w, lambda: len(files_of(desk.thread(card))) == 1)
        mine = next(str(one["id"]) for one in anna.messages if one["kind"] == "image")
        await anna.edit(mine, "my vase, broken")
        await desk.posted(card, "my vase, broken")
        exchange(anna, mine, PICTURE)
        await anna.edit(mine, "the same picture under another id")
        await desk.posted(card, "the same picture")
        exchange(anna, mine, Upload(data=PNG + b"!", name="other.png", mime="image/png"))
        await anna.edit(mine, "the lid")
        edited = await desk.posted(card, "the lid")
        await until(w, lambda: len(files_of(desk.thread(card))) == 2)
        posts = desk.thread(card)
        assert [one.ts > edited.ts for one in posts if one.files] == [False, True], "after its words"
        await anna.say("see?")
        await desk.posted(card, "see?")
        assert len(files_of(desk.thread(card))) == 2
        shas = await w.rows("SELECT DISTINCT sha256 FROM attachment")
        assert len(shas) == 2


async def test_peoples_changes_come_as_versions_through_the_front_door(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna, ana = await desk.telegram(), desk.slack.customer("UANA")
        card = await desk.handed_off(anna)
        await anna.send("image", PICTURE, "my vase, broken")
        await desk.posted(card, "my vase, broken")
        mine = next(one for one in anna.messages if one["kind"] == "image")
        pushed = await anna.edit(mine["id"], "my vase and the lid, broken")
        assert pushed.status == 200
        version = await desk.posted(card, "and the lid")
        assert "edited" in version.text
        assert (await anna.again()).status == 200, "told twice, taken once"
        ts = await slack_user_stories.handed_off(w, ana)
        said = ana.say("order 4711")
        await slack_user_stories.until_in_thread(w, ts, "4711")
        await ana.edit(said.ts, "order 4712").answer()
        await ana.delete(said.ts).answer()
        await slack_user_stories.until_in_thread(w, ts, "deleted a message")
        kept = await w.rows(
            "SELECT v.kind, v.text, m.text AS first FROM message v JOIN message m ON m.id = v.version_of ORDER BY v.id"
        )
        assert [(row["kind"], row["text"], row["first"]) for row in kept] == [
            ("edited", "my vase and the lid, broken", "my vase, broken"),
            ("edited", "order 4712", "order 4711"),
            ("deleted", "", "order 4711"),
        ]
