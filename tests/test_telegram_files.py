"""Files to and from Telegram: which way each goes, albums, and what a failed fetch means."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.telegram.channel import TelegramChannel
from bots.telegram.sending import way_of
from core.errors import Rejected, RetryLater
from core.messages import Address, Attachment, Media, Outbound
from tests.telegram_bot_api import BotApi, Call, Fault, bot_api, channel_to

TO = Address(platform="telegram", account="shop", user="7001", chat="7001")


async def keep(trace: str) -> None:
    raise AssertionError("a send to Telegram leaves no trace to look up")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    async with channel_to(api.url) as channel:
        yield channel


def content(file: Attachment) -> bytes:
    return Path(file.path).read_bytes()


def stored(tmp_path: Path, kind: Media, name: str = "", mime: str = "") -> Attachment:
    path = tmp_path / f"{kind}-{name}"
    path.write_bytes(f"bytes of {path.name}".encode())
    return Attachment(kind=kind, name=name, mime=mime, path=str(path))


@pytest.mark.parametrize(
    ("kind", "name", "mime", "way"),
    [
        ("image", "a.jpg", "image/jpeg", "photo"),
        ("image", "", "image/png", "photo"),
        ("image", "a.png", "", "photo"),
        ("image", "a.webp", "image/webp; q=1", "photo"),
        ("image", "a.gif", "image/gif", "document"),
        ("image", "a.svg", "image/svg+xml", "document"),
        ("image", "", "", "document"),
        ("sticker", "👍", "image/webp", "photo"),
        ("sticker", "👍", "application/x-tgsticker", "document"),
        ("video", "a.mp4", "video/mp4", "video"),
        ("video", "a.mov", "video/quicktime", "document"),
        ("voice", "", "audio/ogg", "voice"),
        ("voice", "", "audio/mpeg", "voice"),
        ("voice", "a.m4a", "audio/x-m4a", "voice"),
        ("voice", "", "audio/amr", "document"),
        ("voice", "", "image/png", "document"),
        ("file", "a.jpg", "image/jpeg", "document"),
        ("file", "a.pdf", "application/pdf", "document"),
        ("file", "song.mp3", "audio/mpeg", "document"),
        ("image", "a.mp3", "audio/mpeg", "document"),
    ],
)
def test_which_way_a_file_goes(kind: Media, name: str, mime: str, way: str) -> None:
    assert way_of(Attachment(kind=kind, name=name, mime=mime)) == way


def sent_file(call: Call) -> tuple[str, str, bytes]:
    ((field, upload),) = call.files.items()
    return field, upload.name, upload.data


async def test_a_file_is_uploaded(channel: TelegramChannel, api: BotApi, tmp_path: Path) -> None:
    files = [
        stored(tmp_path, "image", "碎.jpg", "image/jpeg"),
        stored(tmp_path, "video", "v.mp4", "video/mp4"),
        stored(tmp_path, "voice", "", "audio/ogg"),
        stored(tmp_path, "file", 'in"voice\n.pdf', "application/pdf"),
    ]
    for file in files:
        assert await channel.send(Outbound(key="k", to=TO, attachments=(file,)), keep) == "700"
    assert api.methods == ["sendPhoto", "sendVideo", "sendVoice", "sendDocument"]
    assert [sent_file(call)[0] for call in api.calls] == ["photo", "video", "voice", "document"]
    assert [sent_file(call)[2] for call in api.calls] == [content(file) for file in files]
    assert sent_file(api.calls[0])[1] == "碎.jpg"
    assert sent_file(api.calls[2])[1].startswith("voice.")


@pytest.mark.parametrize(
    ("kind", "mime", "refusal"),
    [
        ("image", "image/png", "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        ("image", "image/jpeg", "Bad Request: IMAGE_PROCESS_FAILED"),
        ("voice", "audio/ogg", "Bad Request: VOICE_MESSAGES_FORBIDDEN"),
    ],
)
async def test_what_telegram_does_not_show_goes_as_a_document(
    channel: TelegramChannel, api: BotApi, tmp_path: Path, kind: Media, mime: str, refusal: str
) -> None:
    file = stored(tmp_path, kind, "", mime)
    api.fail("sendPhoto", Fault(400, refusal))
    api.fail("sendVoice", Fault(400, refusal))
    assert await channel.send(Outbound(key="k", to=TO, attachments=(file,)), keep) == "700"
    assert api.methods[1:] == ["sendDocument"]
    api.fail("sendDocument", Fault(400, "Bad Request: file is empty"))
    with pytest.raises(Rejected):
        await channel.send(Outbound(key="k", to=TO, attachments=(stored(tmp_path, "file"),)), keep)


async def test_pictures_leave_as_one_album(channel: TelegramChannel, api: BotApi, tmp_path: Path) -> None:
    files = (
        stored(tmp_path, "image", "1.jpg", "image/jpeg"),
        stored(tmp_path, "image", "2.png", "image/png"),
        stored(tmp_path, "video", "3.mp4", "video/mp4"),
    )
    assert await channel.send(Outbound(key="k", to=TO, attachments=files), keep) == "800,801,802"
    (call,) = api.calls
    media = json.loads(call.fields["media"])
    assert [item["type"] for item in media] == ["photo", "photo", "video"]
    found = [call.files[item["media"].removeprefix("attach://")] for item in media]
    assert [upload.data for upload in found] == [content(file) for file in files]


async def test_an_album_with_another_file_is_one_of_documents(
    channel: TelegramChannel, api: BotApi, tmp_path: Path
) -> None:
    files = (
        stored(tmp_path, "image", "1.jpg", "image/jpeg"),
        stored(tmp_path, "image", "2.svg", "image/svg+xml"),
    )
    await channel.send(Outbound(key="k", to=TO, attachments=files), keep)
    assert [item["type"] for item in json.loads(api.calls[0].fields["media"])] == ["document", "document"]


async def test_an_album_that_telegram_does_not_show_goes_as_documents(
    channel: TelegramChannel, api: BotApi, tmp_path: Path
) -> None:
    files = tuple(stored(tmp_path, "image", f"{n}.jpg", "image/jpeg") for n in range(2))
    api.fail("sendMediaGroup", Fault(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    assert await channel.send(Outbound(key="k", to=TO, attachments=files), keep) == "800,801"
    ways = [[item["type"] for item in json.loads(call.fields["media"])] for call in api.calls]
    assert ways == [["photo", "photo"], ["document", "document"]]


async def test_a_file_that_is_gone_from_the_store(
    channel: TelegramChannel, api: BotApi, tmp_path: Path
) -> None:
    gone = Attachment(kind="file", path=str(tmp_path / "nothing"))
    for files in ((gone,), (gone, gone), (Attachment(kind="file"),)):
        with pytest.raises(Rejected, match="file store"):
            await channel.send(Outbound(key="k", to=TO, attachments=files), keep)
    assert api.calls == []


async def test_a_persons_file_is_fetched(channel: TelegramChannel, api: BotApi) -> None:
    api.files = {"photos/file 1.jpg": b"\xff\xd8 a picture", "documents/f_2": b"%PDF"}
    picture = await channel.fetch(Attachment(kind="image", ref="photos/file 1.jpg"))
    assert (picture.data, picture.mime) == (b"\xff\xd8 a picture", "image/jpeg")
    invoice = Attachment(kind="file", ref="documents/f_2", name="发票.pdf", mime="application/pdf", size=4)
    fetched = await channel.fetch(invoice)
    assert (fetched.data, fetched.mime, fetched.name) == (b"%PDF", "application/pdf", "发票.pdf")


async def test_what_a_bot_may_not_fetch(channel: TelegramChannel, api: BotApi) -> None:
    with pytest.raises(Rejected, match="20 MB"):
        await channel.fetch(Attachment(kind="video", ref="v", size=20 * 1024 * 1024 + 1))
    assert api.calls == []
    api.fail("getFile", Fault(400, "Bad Request: file is too big"))
    with pytest.raises(Rejected, match="20 MB"):
        await channel.fetch(Attachment(kind="video", ref="v"))


async def test_what_a_failed_fetch_means(channel: TelegramChannel, api: BotApi) -> None:
    api.files = {"f": b"x"}
    meant: list[tuple[str, Fault, type[Exception]]] = [
        (
            "getFile",
            Fault(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
            Rejected,
        ),
        ("getFile", Fault(403, "Forbidden"), Rejected),
        ("getFile", Fault(500, "Internal Server Error"), RetryLater),
        ("getFile", Fault(0, done=True), RetryLater),
        (
            "getFile",
            Fault(200, body='{"ok": true, "result": {"file_id": "f", "file_unique_id": "u"}}'),
            Rejected,
        ),
        ("file", Fault(404, "Not Found"), Rejected),
        ("file", Fault(502, body="bad gateway"), RetryLater),
        ("file", Fault(429, "Too Many Requests", {"retry_after": 3}), RetryLater),
    ]
    for method, fault, meaning in meant:
        api.fail(method, fault)
        with pytest.raises(meaning):
            await channel.fetch(Attachment(kind="file", ref="f"))
    assert (await channel.fetch(Attachment(kind="file", ref="f"))).data == b"x"
