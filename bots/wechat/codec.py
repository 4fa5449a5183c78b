"""WeChat's messages and events as our own values. Pure; the only file that knows their shapes.

Sources: the Official Accounts manual, "receiving messages" and "receiving events"; a ``msgmenu`` tap is a text
message with ``bizmsgmenuid``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bots.wechat.flat_xml import NotXml, read
from core.messages import Address, Attachment, Inbound, Kind

PLATFORM = "wechat"
LANGUAGE = "zh-CN"
"""Of people who have shown none yet; WeChat tells of nobody's."""
MENU_KEYS = frozenset({"help", "tickets", "person"})
SCENE = "qrscene_"
LONGEST_CHOICE = 60
"""Bytes of a choice's id, as everywhere in the core."""
LONGEST_NAME = 255

UNSHOWABLE = "【收到不支持的消息类型，暂无法显示】"
"""What WeChat puts as ``Content`` of a text message in place of animated stickers and other things it keeps back."""

VOICE_TYPES = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}

Fields = Mapping[str, str]

_USER = re.compile(r"[A-Za-z0-9_@.=-]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MSG_ID = re.compile(r"[0-9]{1,20}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_MEDIA_ID = re.compile(r"[\x21-\x7e]{1,512}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")
_ADDRESS = re.compile(r"\S{1,4096}")
_EVENT_KEY = re.compile(r"[^\x00-\x1f]{0,100}")


class NotUnderstood(ValueError):
    """Verified, but not what WeChat's manual says it sends."""


def reread(payload: bytes, account: str) -> Inbound | None:
    """A quarantined (decrypted) payload, read again for an operator's retry. Raises NotUnderstood."""
    try:
        return decode(read(payload), account)
    except NotXml as error:
        raise NotUnderstood(str(error)) from None


def decode(fields: Fields, account: str) -> Inbound | None:
    """What a person did; None for what is no person's doing. Raises NotUnderstood."""
    if not fields:
        raise NotUnderstood("it holds no XML elements")
    kind = _matching(fields, "MsgType", _WORD).lower()
    return _event(fields, account) if kind == "event" else _message(kind, fields, account)


def own_id(fields: Fields) -> str:
    """The account's own id (``gh_…``), from whom a passive reply comes. Raises NotUnderstood."""
    return _matching(fields, "ToUserName", _USER)


# --- messages -----------------------------------------------------------------------------------------------


def _message(kind: str, fields: Fields, account: str) -> Inbound:
    number = _matching(fields, "MsgId", _MSG_ID)
    sender = _sender(fields, account)
    said = Inbound(
        id=f"{sender.user}:{number}",
        kind="said",
        sender=sender,
        language=LANGUAGE,
        sent_at=_sent_at(fields),
        external_id=number,
    )
    return _READERS[kind](said, fields) if kind in _READERS else replace(said, unknown_type=kind)


def _text(said: Inbound, fields: Fields) -> Inbound:
    text = _given(fields, "Content")
    if text == UNSHOWABLE:
        return replace(said, unknown_type="sticker")
    choice = fields.get("bizmsgmenuid", "")
    if choice and len(choice.encode()) <= LONGEST_CHOICE:
        return replace(said, kind="chose", choice=choice, text=text)
    return replace(said, text=text)


def _image(said: Inbound, fields: Fields) -> Inbound:
    return _with(said, Attachment(kind="image", ref=_matching(fields, "MediaId", _MEDIA_ID)))


def _voice(said: Inbound, fields: Fields) -> Inbound:
    """With speech recognition switched on, WeChat tells the words as well."""
    words = fields.get("Recognition", "")
    voice = Attachment(
        kind="voice",
        ref=_matching(fields, "MediaId", _MEDIA_ID),
        mime=VOICE_TYPES.get(fields.get("Format", "").lower(), ""),
        transcript=words,
    )
    return replace(_with(said, voice), text=words)


def _video(said: Inbound, fields: Fields) -> Inbound:
    video = Attachment(kind="video", ref=_matching(fields, "MediaId", _MEDIA_ID), mime="video/mp4")
    return _with(said, video)


def _place(said: Inbound, fields: Fields) -> Inbound:
    """Location_X is the latitude, Location_Y the longitude."""
    where = ", ".join(_matching(fields, name, _DEGREES) for name in ("Location_X", "Location_Y"))
    label = fields.get("Label", "")[: LONGEST_NAME - len(where) - 3]
    return _with(said, Attachment(kind="place", name=f"{label} ({where})" if label else where))


def _link(said: Inbound, fields: Fields) -> Inbound:
    url = _matching(fields, "Url", _ADDRESS)
    about = " · ".join(filter(None, (fields.get("Title", "")[:80], fields.get("Description", "")[:80])))
    name = f"{about} {url}".strip()[:LONGEST_NAME]
    return _with(said, Attachment(kind="link", ref=url, name=name))


_READERS: Mapping[str, Callable[[Inbound, Fields], Inbound]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _place,
    "link": _link,
}


# --- events -------------------------------------------------------------------------------------------------


def _event(fields: Fields, account: str) -> Inbound | None:
    """Anything that is not named here is WeChat's own noise: views, reported positions, finished jobs …"""
    name = _matching(fields, "Event", _WORD)
    key = fields.get("EventKey", "")
    match name.lower():
        case "click":
            return _did(fields, account, kind="chose", choice=f"menu:{key if key in MENU_KEYS else 'help'}")
        case "subscribe":
            scene = key.removeprefix(SCENE) if key.startswith(SCENE) else ""
            return _did(fields, account, kind="followed", text=scene)
        case "scan":
            return _did(fields, account, kind="linked", text=key)
        case "unsubscribe":
            return _did(fields, account, kind="left")
        case _:
            return None


def _did(fields: Fields, account: str, kind: Kind, text: str = "", choice: str = "") -> Inbound:
    """Events have no MsgId: who, when, what and on what make their id."""
    sender = _sender(fields, account)
    key = _matching(fields, "EventKey", _EVENT_KEY) if "EventKey" in fields else ""
    return Inbound(
        id=f"{sender.user}:{_matching(fields, 'CreateTime', _SECONDS)}:{fields['Event']}:{key}",
        kind=kind,
        sender=sender,
        language=LANGUAGE,
        sent_at=_sent_at(fields),
        text=text,
        choice=choice,
    )


# --- parts --------------------------------------------------------------------------------------------------


def _sender(fields: Fields, account: str) -> Address:
    user = _matching(fields, "FromUserName", _USER)
    return Address(platform=PLATFORM, account=account, user=user, chat=user)


def _sent_at(fields: Fields) -> datetime:
    return datetime.fromtimestamp(int(_matching(fields, "CreateTime", _SECONDS)), UTC)


def _with(said: Inbound, attachment: Attachment) -> Inbound:
    return replace(said, attachments=(attachment,))


def _given(fields: Fields, name: str) -> str:
    if name not in fields:
        raise NotUnderstood(f"{name} is missing")
    return fields[name]


def _matching(fields: Fields, name: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(fields.get(name, "")):
        raise NotUnderstood(f"{name} is missing or not as WeChat writes it")
    return fields[name]
