"""Files and voice messages between people and agents: made to fit, playable, or refused with the limit in words."""

from pathlib import Path

from bots.sandbox.acting import Upload
from bots.sandbox.slack.workspace import Message
from tests.desk_play import PNG, Desk
from tests.test_pictures import opened, painted, saved, with_exif
from tests.world import World, world

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
M4A = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42"
OPUS = b"OggS\0\2" + bytes(22) + b"OpusHead"
AMR = b"#!AMR\n" + b"\x3c" + bytes(31)


def data_of(w: World, message: dict[str, str]) -> bytes:
    """What a phone shows."""
    return w.sandbox.hub.files[message["file"].rpartition("/")[2]].data


async def file_in(desk: Desk, card: Message) -> Message:
    return await desk.first(lambda: [one for one in desk.thread(card) if one.files and one.by_app])


async def test_agents_files_reach_wechat_as_what_it_takes_or_are_refused_in_words(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        li = await desk.wechat()
        card = await desk.handed_off(li, "人工")
        photo = saved(painted(), "WEBP", exif=with_exif(orientation=6))
        sent = desk.mei.upload(("beach.webp", photo), thread=card.ts, mime="image/webp")
        await desk.marked(sent, "white_check_mark")
        [got] = [one for one in li.messages if one["from"] == "bot" and one["kind"] == "image"]
        picture = opened(data_of(w, got))
        assert (picture.format, picture.size, len(picture.getexif())) == ("JPEG", (20, 40), 0)

        refused = {
            (
                "IMG_1.heic",
                HEIC,
                "image/heic",
            ): '"IMG_1.heic" is HEIC, which can\'t be converted; WeChat takes only',
            (
                "memo.m4a",
                M4A,
                "audio/mp4",
            ): "sound can't be converted here; WeChat plays only AMR, MP3 up to 2 MB",
            ("terms.pdf", b"%PDF-1.7", "application/pdf"): 'WeChat takes no file like "terms.pdf" (PDF)',
        }
        for (name, data, mime), words in refused.items():
            act = desk.mei.upload((name, data), thread=card.ts, mime=mime)
            told = await desk.posted(card, words)
            assert told.text.startswith("⚠️")
            await desk.marked(act, "warning")
        assert len([one for one in li.messages if one["from"] == "bot" and one.get("file")]) == 1


async def test_agents_files_reach_telegram_as_what_they_are(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        files = {
            "scan.bmp": (saved(painted(), "BMP"), "image/bmp", "image"),
            "IMG_1.heic": (HEIC, "image/heic", "file"),
            "memo.m4a": (M4A, "audio/mp4", "voice"),
        }
        for name, (data, mime, kind) in files.items():
            sent = desk.mei.upload((name, data), thread=card.ts, mime=mime)
            await desk.marked(sent, "white_check_mark")
            got = anna.messages[-1]
            assert (got["kind"], got["from"]) == (kind, "bot")
        scan = next(one for one in anna.messages if one["kind"] == "image")
        assert opened(data_of(w, scan)).format == "PNG"


async def test_voice_messages_can_be_played_in_slack_and_carry_their_words(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna, li = await desk.telegram(), await desk.wechat()
        card = await desk.handed_off(anna)
        await anna.send("voice", Upload(data=OPUS, name="", mime="audio/ogg"))
        played = await file_in(desk, card)
        [file] = played.files
        assert (file.name.rpartition(".")[2], file.mime, file.data) == ("ogg", "audio/ogg", OPUS)
        assert "can't play" not in played.text

        other = await desk.handed_off(li, "人工")
        spoken = Upload(data=AMR, name="voice.amr", mime="audio/amr")
        await li.send("voice", spoken, recognition="我的花瓶碎了")
        named = await file_in(desk, other)
        assert named.files[0].name.endswith(".amr")
        assert "Recognised speech: 我的花瓶碎了" in named.text
        assert "in AMR: Slack can't play it" in named.text


async def test_slacks_sign_in_page_reaches_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        desk = Desk(world=w)
        anna = await desk.telegram()
        card = await desk.handed_off(anna)
        desk.slack.scopes.discard("files:read")
        sent = desk.mei.upload(("label.png", PNG), thread=card.ts)
        told = await desk.posted(card, "files:read")
        assert '"label.png" could not be fetched' in told.text
        await desk.marked(sent, "warning")
        assert not [one for one in anna.messages if one["from"] == "bot" and one.get("file")]
