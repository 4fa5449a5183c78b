"""Agents' files on their way to people: made to fit the platform before they are sent, or refused in words."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bots.slack.channel import SlackChannel
from bots.telegram.channel import CAPABILITIES as TELEGRAM
from bots.wechat.channel import ACTIVE as WECHAT
from bots.wechat.channel import ONLY_PASSIVE
from core.conversation.texts import LANGUAGES
from core.delivery.fitting import Fitting, Refused
from core.errors import Rejected
from core.messages import Attachment, Capabilities, MediaLimit, Say
from core.storage import models
from tests.desk_workspace import in_language
from tests.outbox_world import START, World, able, world_on
from tests.test_pictures import animation, bomb, opened, painted, saved, with_exif

MB = 1024 * 1024
SLACK = SlackChannel.capabilities
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(sqlite_url, tmp_path) as made:
        yield made


async def kept(world: World, data: bytes, **columns: Any) -> dict[str, Any]:
    """The columns of an attachment with these bytes."""
    return {"sha256": await world.files.save(data), "size": len(data), **columns}


def content(file: Attachment) -> bytes:
    return Path(file.path).read_bytes()


# --- through the outbox -------------------------------------------------------------------------------------


async def test_a_picture_is_converted_before_it_leaves(world: World) -> None:
    world.channel.capabilities = able(media={"image": MediaLimit(bytes=MB, types=frozenset({"image/jpeg"}))})
    ann = await world.identity()
    data = saved(painted(), "JPEG", exif=with_exif(orientation=6))
    turned = await kept(world, data, name="beach.jpg", mime="image/jpeg")
    webp = await kept(world, saved(painted(), "WEBP"), name="cat.webp", mime="image/webp")
    message = await world.message(ann.person_id)
    rows = [await world.file(ann, message, **columns) for columns in (turned, webp)]
    async with world.running():
        for row in rows:
            await world.became(row, "sent")
    [sent] = world.channel.sent
    assert [(file.name, file.mime) for file in sent.attachments] == [
        ("beach.jpg", "image/jpeg"),
        ("cat.jpg", "image/jpeg"),
    ]
    shown = [opened(content(file)) for file in sent.attachments]
    assert [(picture.format, picture.size, len(picture.getexif())) for picture in shown] == [
        ("JPEG", (20, 40), 0),
        ("JPEG", (40, 20), 0),
    ]
    assert [file.size for file in sent.attachments] == [len(content(file)) for file in sent.attachments]
    assert await kept(world, data) == {"sha256": turned["sha256"], "size": len(data)}, "what came is kept"


async def test_one_that_does_not_fit_keeps_no_other_of_its_album_back(world: World) -> None:
    ann = await world.identity()
    ticket = await world.ticket(ann)
    message = await world.message(ann.person_id, ticket_id=ticket.id, external_id="post-1")
    good = [await world.file(ann, message, name=f"{number}.png") for number in range(2)]
    bad = await world.file(ann, message, name="x.svg", mime="image/svg+xml", size=5000)
    behind = await world.say(ann, "behind it")
    async with world.running():
        await world.became(bad, "dead")
        for row in (*good, behind):
            await world.became(row, "sent")
        await world.became(f"failed:{message.id}", "sent")
    assert [[file.name for file in sent.attachments] for sent in world.channel.sent] == [
        ["0.png"],
        ["1.png"],
        [],
    ]
    assert (await world.row(bad)).error.startswith("outbox.file_large:chat:x.svg:SVG")


async def test_an_album_that_the_platform_refuses_is_tried_one_by_one(small: World) -> None:
    ann = await small.identity()
    message = await small.message(ann.person_id)
    rows = [await small.file(ann, message, name=f"{number}.png") for number in range(3)]
    small.channel.script.extend([Rejected("one of them"), "id-1", Rejected("this one"), "id-3"])
    async with small.running():
        await small.became(rows[0], "sent")
        await small.became(rows[1], "dead")
        await small.became(rows[2], "sent")
    assert [len(sent.attachments) for sent in small.channel.sent] == [3, 1, 1, 1]


async def test_a_file_that_the_store_has_lost_is_told(small: World) -> None:
    ann = await small.identity()
    row = await small.file(ann, await small.message(ann.person_id), sha256="0" * 64)
    async with small.running():
        assert (await small.became(row, "dead")).error == "desk.file_gone:chat"


async def test_an_empty_file_of_a_person_is_told_in_the_thread(small: World) -> None:
    ann = await small.identity()
    ticket = await small.ticket(ann)
    message = await small.message(ann.person_id, by="person", ticket_id=ticket.id)
    attachment = await small.attachment(message, name="nothing.txt", size=0)
    row = await small.post(
        ticket, "", kind="file", body={"author": "Ann", "platform": "chat"}, attachment_id=attachment.id
    )
    async with small.running():
        await small.became(row, "sent")
    assert small.desk.done == ["post th desk.file_missing:nothing.txt"]


# --- the three platforms' limits ----------------------------------------------------------------------------


async def fit(
    small: World, to: Capabilities, data: bytes, kind: str, name: str, mime: str, size: int = 0
) -> str:
    """As what the file leaves: "kind name mime", or the refusal's name. ``size`` is what it pretends to have."""
    sha256 = await small.files.save(data)
    row = models.Attachment(
        kind=kind, name=name, mime=mime, size=size or len(data), sha256=sha256, state="stored", due_at=START
    )
    try:
        file = await Fitting(files=small.files).fit(row, to)
    except Refused as refused:
        in_words(refused.say)
        return refused.say.name.removeprefix("outbox.")
    return f"{file.kind} {file.name} {file.mime}"


def in_words(say: Say) -> None:
    """It reads well in every language: with all of its parameters, and naming the platform."""
    for language in LANGUAGES:
        words = in_language(language)(replace(say, params={"platform": "Acme", **say.params}))
        assert "Acme" in words or say.name in ("outbox.file_empty", "outbox.file_missing")
        assert "{" not in words


PNG, WEBP, BMP = (saved(painted(), form) for form in ("PNG", "WEBP", "BMP"))
ONE_FILE = [
    # what the agent posted (bytes, kind, name), and how it reaches people on Telegram, WeChat and Slack
    (PNG, "image a.png image/png", "same", "same", "same"),
    (WEBP, "image a.webp image/webp", "same", "image a.jpg image/jpeg", "same"),
    (BMP, "image a.bmp image/bmp", "image a.png image/png", "image a.png image/png", "same"),
    (PNG, "file a.png image/png", "same", "image a.png image/png", "same"),
    (animation(), "image a.gif image/gif", "same", "same", "same"),
    (animation("WEBP"), "image a.webp image/webp", "same", "file_moving", "same"),
    (HEIC, "image a.heic image/heic", "file a.heic image/heic", "file_type", "same"),
    (b"<svg/>", "image a.svg image/svg+xml", "file a.svg image/svg+xml", "file_type", "same"),
    (b"ID3", "voice a.mp3 audio/mpeg", "same", "same", "same"),
    (b"#!AMR", "voice a.amr audio/amr", "file a.amr audio/amr", "same", "same"),
    (b"OggS", "voice a.ogg audio/ogg", "same", "file_sound", "same"),
    (b"M4A", "voice a.m4a audio/mp4", "same", "file_sound", "same"),
    (b"mov", "video a.mov video/quicktime", "file a.mov video/quicktime", "file_type", "same"),
    (b"%PDF", "file a.pdf application/pdf", "same", "file_kind", "same"),
    (b"", "file a.pdf application/pdf", "file_empty", "file_empty", "file_empty"),
]


@pytest.mark.parametrize(("data", "posted", "telegram", "wechat", "slack"), ONE_FILE)
async def test_how_one_file_reaches_each_platform(
    small: World, data: bytes, posted: str, telegram: str, wechat: str, slack: str
) -> None:
    kind, name, mime = posted.split()
    for to, arrives in ((TELEGRAM, telegram), (WECHAT, wechat), (SLACK, slack)):
        assert await fit(small, to, data, kind, name, mime) == (posted if arrives == "same" else arrives)


@pytest.mark.parametrize(
    ("to", "kind", "mime", "size", "outcome"),
    [
        (TELEGRAM, "video", "video/mp4", 50 * MB, "video a.bin.mp4 video/mp4"),
        (TELEGRAM, "video", "video/mp4", 50 * MB + 1, "file_large"),
        (TELEGRAM, "file", "application/zip", 50 * MB + 1, "file_large"),
        (ONLY_PASSIVE, "image", "image/png", 1, "file_none"),
        (WECHAT, "voice", "audio/mpeg", 2 * MB, "voice a.bin.mp3 audio/mpeg"),
        (WECHAT, "voice", "audio/mpeg", 2 * MB + 1, "file_large"),
        (WECHAT, "file", "audio/mpeg", 3 * MB, "file_large"),
        (WECHAT, "video", "video/mp4", 10 * MB + 1, "file_large"),
        (SLACK, "file", "application/zip", 100 * MB, "file a.bin application/zip"),
        (SLACK, "file", "application/zip", 100 * MB + 1, "file_large"),
    ],
)
async def test_sizes_are_checked_before_sending(
    small: World, to: Capabilities, kind: str, mime: str, size: int, outcome: str
) -> None:
    name = "a.bin"
    found = await fit(small, to, b"x", kind, name, mime, size)
    assert found == (outcome if "_" in outcome else outcome.replace("a.bin.", "a."))


async def test_what_was_announced_too_large_is_told_so_though_it_was_never_fetched(small: World) -> None:
    row = models.Attachment(
        kind="video", name="tour.mp4", mime="video/mp4", size=60 * MB, state="failed", error="too large", due_at=START
    )  # fmt: skip
    for size, told in ((60 * MB, "outbox.file_large"), (6 * MB, "outbox.file_missing")):
        row.size = size
        with pytest.raises(Refused) as refused:
            await Fitting(files=small.files).fit(row, TELEGRAM)
        assert refused.value.say.name == told
        in_words(refused.value.say)


async def test_pictures_that_nobody_can_convert_are_refused_in_words(small: World) -> None:
    bombed, broken = bomb(9_000, 9_000), BMP[:40]
    assert await fit(small, WECHAT, broken, "image", "a.bmp", "image/bmp") == "file_broken"
    assert await fit(small, WECHAT, bombed, "image", "a.tiff", "image/tiff") == "image a.png image/png"
    narrow = replace(WECHAT, media={"image": MediaLimit(bytes=MB, types=frozenset({"image/jpeg"}))})
    assert await fit(small, narrow, bombed, "image", "a.png", "image/png") == "file_pixels"
    noise = saved(Image.effect_noise((400, 400), 100).convert("RGB"), "PNG")
    tight = replace(WECHAT, media={"image": MediaLimit(bytes=300)})
    assert await fit(small, tight, noise, "image", "a.png", "image/png") == "file_large"


async def test_a_photo_too_long_for_telegram_is_made_shorter(small: World) -> None:
    long = saved(painted(9_000, 1_600), "PNG")
    row = models.Attachment(
        kind="image", name="plan.png", mime="image/png", size=len(long), sha256=await small.files.save(long),
        state="stored", due_at=START,
    )  # fmt: skip
    file = await Fitting(files=small.files).fit(row, TELEGRAM)
    assert sum(opened(content(file)).size) <= 10_000


async def test_the_words_name_limit_platform_and_way_out(small: World) -> None:
    sha256 = await small.files.save(b"OggS")
    row = models.Attachment(
        kind="voice", name="memo.ogg", mime="audio/ogg", size=4, sha256=sha256, state="stored", due_at=START
    )
    with pytest.raises(Refused) as refused:
        await Fitting(files=small.files).fit(row, WECHAT)
    say = replace(refused.value.say, params={"platform": WECHAT.title, **refused.value.say.params})
    assert in_language("en")(say) == (
        '"memo.ogg" is OGG, and sound can\'t be converted here; WeChat plays only AMR, MP3 up to 2 MB. '
        "Write it instead, or save it as one of these"
    )
