"""What a bot sends: texts, files, albums."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.telegram.bot import Bot
from bots.sandbox.telegram.chats import Chat
from bots.sandbox.telegram.failure import bad
from bots.sandbox.telegram.markup import read_keyboard
from bots.sandbox.telegram.params import Params
from bots.sandbox.telegram.texts import Written, read_caption, read_text

Method = Callable[[Bot, Params], Awaitable[Any]]

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
ALBUM = range(2, 11)


def caption_of(written: Written) -> Json:
    """The caption's part of a Message."""
    if not written.text:
        return {}
    entities = {"caption_entities": list(written.entities)} if written.entities else {}
    return {"caption": written.text, **entities}


def text_of(written: Written) -> Json:
    """The text's part of a Message."""
    return {"text": written.text} | ({"entities": list(written.entities)} if written.entities else {})


def _answered(chat: Chat, params: Params) -> Json:
    """The message that is replied to, checked."""
    reply = params.object("reply_parameters") or {}
    number = reply.get("message_id") or params.number("reply_to_message_id")
    if not number:
        return {}
    answered = chat.posted.get(number)
    if answered is not None:
        return {"reply_to_message": answered.wire}
    if reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


async def send_message(bot: Bot, params: Params) -> Json:
    chat = bot.chat(params.text("chat_id"))
    written, rows = read_text(params), read_keyboard(params)
    wire = {**text_of(written), **_answered(chat, params)}
    return (await bot.send(chat, wire, written.shown, rows)).wire


def sends_file(kind: str) -> Method:
    """sendPhoto, sendDocument … by the kind of file."""

    async def send(bot: Bot, params: Params) -> Json:
        chat = bot.chat(params.text("chat_id"))
        caption, rows = read_caption(params), read_keyboard(params)
        sent = bot.files.take(kind, params.file(kind))
        wire = {**bot.files.wire(sent), **caption_of(caption), **_answered(chat, params)}
        return (await bot.send(chat, wire, {**caption.shown, **sent.shown}, rows)).wire

    return send


async def send_album(bot: Bot, params: Params) -> list[Json]:
    chat = bot.chat(params.text("chat_id"))
    media = params.object("media")
    if not isinstance(media, list) or not all(isinstance(item, dict) for item in media):
        raise bad("expected an Array of InputMedia")
    if len(media) not in ALBUM:
        many = "few" if len(media) < ALBUM.start else "many"
        raise bad(f"too {many} messages to send as an album")
    _check_mixture([str(item.get("type")) for item in media])
    parts = [_album_part(bot, params, item) for item in media]
    album = bot.next_query()
    sent = [await bot.send(chat, {**wire, "media_group_id": album}, shown) for wire, shown in parts]
    return [message.wire for message in sent]


def _check_mixture(kinds: Sequence[str]) -> None:
    if not set(kinds) <= {"photo", "video", "document", "audio"}:
        raise bad("can't use the media type in the album")
    for alone in ("document", "audio"):
        if alone in kinds and set(kinds) != {alone}:
            raise bad(f"{alone} can't be mixed with other media types")


def _album_part(bot: Bot, params: Params, item: Json) -> tuple[Json, Json]:
    values = {"caption": item.get("caption", ""), "parse_mode": item.get("parse_mode", "")}
    caption = read_caption(Params(values=values))
    sent = bot.files.take(str(item["type"]), params.attached(str(item.get("media", ""))))
    return {**bot.files.wire(sent), **caption_of(caption)}, {**caption.shown, **sent.shown}


async def send_location(bot: Bot, params: Params) -> Json:
    chat = bot.chat(params.text("chat_id"))
    try:
        where = {"latitude": float(params.text("latitude")), "longitude": float(params.text("longitude"))}
    except ValueError:
        raise bad("can't parse the location") from None
    text = f"{where['latitude']}, {where['longitude']}"
    return (await bot.send(chat, {"location": where}, {"kind": "location", "text": text})).wire


async def send_action(bot: Bot, params: Params) -> bool:
    chat = bot.chat(params.text("chat_id"))
    if params.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    await bot.hub.publish({**chat.place, "what": "typing"})
    return True


async def get_file(bot: Bot, params: Params) -> Json:
    sent = bot.files.find(params.text("file_id"))
    return {**sent.head, "file_path": sent.path}


SENDS: Mapping[str, Method] = {
    "sendmessage": send_message,
    "sendmediagroup": send_album,
    "sendlocation": send_location,
    "sendchataction": send_action,
    "getfile": get_file,
    **{
        f"send{kind}": sends_file(kind)
        for kind in ("photo", "document", "voice", "audio", "video", "animation", "sticker")
    },
}
