"""Pictures, voice and video, both ways, over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bots.wechat.channel import WeChatChannel
from core.errors import Rejected, RetryLater
from core.messages import Attachment, Media, Outbound
from tests.wechat_api import PERSON, SEND, FakeWeChat, Reply, api, error, keep, lost, says

JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWeChat]:
    async with api() as fake:
        yield fake


@pytest.fixture
def channel(wechat: FakeWeChat) -> WeChatChannel:
    return wechat.channel()


def stored(folder: Path, data: bytes, kind: Media, mime: str = "", name: str = "") -> Outbound:
    path = folder / "file"
    path.write_bytes(data)
    attachment = Attachment(kind=kind, mime=mime, name=name, path=str(path))
    return Outbound(key="3", to=PERSON, attachments=(attachment,))


@pytest.mark.parametrize(
    ("kind", "mime", "name", "sent"),
    [
        ("image", "image/jpeg", "退货.jpg", "image"),
        ("image", "image/png; charset=binary", "", "image"),
        ("image", "", "", "image"),
        ("file", "image/gif", "a.gif", "image"),
        ("file", "audio/mp3", "歌.mp3", "voice"),
        ("voice", "audio/amr", "", "voice"),
        ("voice", "audio/mpeg", "", "voice"),
    ],
)
async def test_a_file_is_uploaded_and_sent_by_its_id(
    channel: WeChatChannel, wechat: FakeWeChat, tmp_path: Path, kind: Media, mime: str, name: str, sent: str
) -> None:
    await channel.send(stored(tmp_path, JPEG, kind, mime, name), keep)
    upload, message = wechat.calls[1:]
    assert (upload.query["type"], upload.type) == (sent, "multipart/form-data")
    assert JPEG in upload.body
    assert f'filename="{sent}.'.encode() in upload.body
    assert message.json == {"touser": "oPerson", "msgtype": sent, sent: {"media_id": "media-1"}}


async def test_a_video_is_sent_with_its_name(
    channel: WeChatChannel, wechat: FakeWeChat, tmp_path: Path
) -> None:
    await channel.send(stored(tmp_path, b"\0\0\0 ftyp", "video", "video/mp4", "开箱.mp4"), keep)
    video = {"media_id": "media-1", "thumb_media_id": "media-1", "title": "开箱.mp4", "description": ""}
    assert wechat.to(SEND)[0].json == {"touser": "oPerson", "msgtype": "video", "video": video}


@pytest.mark.parametrize(
    ("kind", "mime", "size"),
    [
        ("file", "application/pdf", 9),
        ("file", "", 9),
        ("voice", "audio/ogg", 9),
        ("image", "image/webp", 9),
        ("image", "image/jpeg", 0),
        ("voice", "audio/mpeg", 2 * 1024 * 1024 + 1),
        ("place", "", 9),
    ],
)
async def test_what_wechat_has_no_message_for_is_rejected_with_the_reason(
    channel: WeChatChannel, wechat: FakeWeChat, tmp_path: Path, kind: Media, mime: str, size: int
) -> None:
    with pytest.raises(Rejected, match="WeChat") as raised:
        await channel.send(stored(tmp_path, b"x" * size, kind, mime), keep)
    assert (mime or kind) in str(raised.value) or str(size) in str(raised.value)
    assert wechat.calls == []


async def test_a_file_that_is_gone_is_rejected(channel: WeChatChannel, tmp_path: Path) -> None:
    gone = Attachment(kind="image", mime="image/jpeg", path=str(tmp_path / "gone"))
    with pytest.raises(Rejected, match="file store"):
        await channel.send(Outbound(key="4", to=PERSON, attachments=(gone,)), keep)


@pytest.mark.parametrize("reply", [lost, says(errcode=0), lambda _: web.Response(text="?")])
async def test_a_lost_upload_is_no_lost_message(
    channel: WeChatChannel, wechat: FakeWeChat, tmp_path: Path, reply: Reply
) -> None:
    wechat.will("media/upload", reply)
    with pytest.raises(RetryLater):
        await channel.send(stored(tmp_path, JPEG, "image"), keep)
    assert wechat.to(SEND) == []


async def test_an_upload_with_a_dead_token_is_uploaded_again(
    channel: WeChatChannel, wechat: FakeWeChat, tmp_path: Path
) -> None:
    wechat.will("media/upload", error(42001))
    await channel.send(stored(tmp_path, JPEG, "image"), keep)
    assert [JPEG in call.body for call in wechat.to("media/upload")] == [True, True]


PICTURE = Attachment(kind="image", ref="media-9")


def picture(_: web.Request) -> web.StreamResponse:
    headers = {"Content-Disposition": 'attachment; filename="media-9.jpg"'}
    return web.Response(body=JPEG, content_type="image/jpeg", headers=headers)


async def test_what_a_person_sent_is_fetched(channel: WeChatChannel, wechat: FakeWeChat) -> None:
    wechat.will("media/get", picture)
    fetched = await channel.fetch(PICTURE)
    assert (fetched.data, fetched.mime, fetched.name) == (JPEG, "image/jpeg", "")
    assert wechat.to("media/get")[0].query["media_id"] == "media-9"


async def test_a_video_is_fetched_from_where_wechat_says_without_the_token(
    channel: WeChatChannel, wechat: FakeWeChat
) -> None:
    wechat.dead.add("")
    wechat.will("media/get", says(video_url=f"{wechat.base}/cgi-bin/videos/1?access_token=none"))
    wechat.will("videos/1", lambda _: web.Response(body=b"\0 ftyp", content_type="video/mp4"))
    fetched = await channel.fetch(replace(PICTURE, kind="video"))
    assert (fetched.data, fetched.mime) == (b"\0 ftyp", "video/mp4")
    assert wechat.to("videos/1")[0].query == {"access_token": "none"}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error(40007, "invalid media_id"), Rejected),
        (lambda _: web.Response(), Rejected),
        (lambda _: web.Response(text="<html>", content_type="text/html"), Rejected),
        (lambda _: web.Response(body=bytes(31 * 1024 * 1024), content_type="image/jpeg"), Rejected),
        (lambda _: web.Response(status=500), RetryLater),
        (lost, RetryLater),
    ],
)
async def test_what_can_not_be_fetched(
    channel: WeChatChannel, wechat: FakeWeChat, reply: Reply, expected: type[Exception]
) -> None:
    wechat.will("media/get", reply, reply)  # what only reads is asked once more by aiohttp itself
    with pytest.raises(expected):
        await channel.fetch(PICTURE)
