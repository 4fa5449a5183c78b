"""The fields of what people send, as WeChat names them."""

import hashlib

from bots.sandbox.wechat.account import Account
from bots.sandbox.wechat.media import Media
from bots.sandbox.wechat.xml import Fields


def said_fields(text: str) -> dict[str, str | int]:
    """A text message."""
    return {"MsgType": "text", "Content": text}


def sent_fields(kind: str, media: Media, account: Account, recognition: str) -> Fields:
    """A picture, voice message, video or forwarded file.

    A file's ``FileKey`` leads to nothing that an account could fetch: so it is at WeChat too.
    """
    if kind == "image":
        address = f"{account.base}{media.file.url}"
        return {"MsgType": "image", "PicUrl": address, "MediaId": media.id}
    if kind == "voice":
        voice: dict[str, str | int] = {"MsgType": "voice", "MediaId": media.id, "Format": _ending(media)}
        return {**voice, "Recognition": recognition} if recognition else voice
    if kind == "video":
        thumb = account.media.put("thumb", media.file.data, "thumb.jpg")
        return {"MsgType": "video", "MediaId": media.id, "ThumbMediaId": thumb.id}
    return {
        "MsgType": "file",
        "Title": media.file.name,
        "Description": "",
        "FileKey": media.id,
        "FileMd5": hashlib.md5(media.file.data, usedforsecurity=False).hexdigest(),
        "FileTotalLen": len(media.file.data),
    }


def _ending(media: Media) -> str:
    return {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg"}.get(media.file.mime, "amr")
