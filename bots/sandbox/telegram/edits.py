"""What a bot does to messages that are there: edit, delete, answer a pressed button."""

from collections.abc import Mapping
from datetime import timedelta

from bots.sandbox.hub import Json
from bots.sandbox.telegram.bot import Bot
from bots.sandbox.telegram.chats import Chat, Message, message_in
from bots.sandbox.telegram.failure import bad
from bots.sandbox.telegram.html import utf16
from bots.sandbox.telegram.markup import as_choices, read_keyboard
from bots.sandbox.telegram.params import Params
from bots.sandbox.telegram.sends import Method, caption_of, text_of
from bots.sandbox.telegram.texts import read_caption, read_text

CALLBACK_UNITS = 200
DELETABLE = timedelta(hours=48)
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def _to_edit(bot: Bot, params: Params) -> tuple[Chat, Message]:
    chat = bot.chat(params.text("chat_id"))
    message = message_in(chat, params.number("message_id"), "edit")
    if not message.by_bot:
        raise bad("message can't be edited")
    return chat, message


async def edit_text(bot: Bot, params: Params) -> Json:
    chat, message = _to_edit(bot, params)
    if "text" not in message.wire:
        raise bad("there is no text in the message to edit")
    written = read_text(params)
    return await _edit(bot, chat, message, text_of(written), written.shown, params)


async def edit_caption(bot: Bot, params: Params) -> Json:
    chat, message = _to_edit(bot, params)
    if "text" in message.wire:
        raise bad("there is no caption in the message to edit")
    written = read_caption(params)
    return await _edit(bot, chat, message, caption_of(written), written.shown, params)


async def edit_markup(bot: Bot, params: Params) -> Json:
    chat, message = _to_edit(bot, params)
    return await _edit(bot, chat, message, {}, {}, params)


async def _edit(bot: Bot, chat: Chat, message: Message, wire: Json, shown: Json, params: Params) -> Json:
    """Replace text or caption (if ``wire`` has one) and the keyboard; without a new keyboard the old one goes."""
    rows = read_keyboard(params) or []
    new = {**message.wire}
    if wire or shown:
        for name in ("text", "entities", "caption", "caption_entities"):
            new.pop(name, None)
    new |= wire
    new.pop("reply_markup", None)
    if rows:
        new["reply_markup"] = {"inline_keyboard": rows}
    if new == message.wire:
        raise bad(SAME)
    if shown:
        new["edit_date"] = int(bot.hub.now().timestamp())
        message.shown["edited"] = True
    message.wire = new
    message.shown |= {**shown, "choices": as_choices(rows)}
    await bot.publish(chat, message)
    return new


async def delete(bot: Bot, params: Params) -> bool:
    chat = bot.chat(params.text("chat_id"))
    message = message_in(chat, params.number("message_id"), "delete")
    if bot.hub.now().timestamp() - message.wire["date"] > DELETABLE.total_seconds():
        raise bad("message can't be deleted for everyone")
    message.shown["deleted"] = True
    await bot.publish(chat, message)
    return True


async def answer_query(bot: Bot, params: Params) -> bool:
    """What the presser sees at once: nothing, or a passing text."""
    query = bot.queries.get(params.text("callback_query_id"))
    if query is None or query["until"] <= bot.hub.now():
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = params.text("text")
    if utf16(text) > CALLBACK_UNITS:
        raise bad("MESSAGE_TOO_LONG")
    chat = bot.chats[query["user"]]
    if text:
        note = {
            "id": f"note-{params.text('callback_query_id')}",
            "from": "system",
            "kind": "text",
            "text": text,
        }
        note["at"] = bot.hub.now().isoformat()
        chat.messages.append(note)
        await bot.hub.publish({**chat.place, "message": note})
    query["answered"] = True
    await bot.hub.publish({"what": "telegram_query"})
    return True


EDITS: Mapping[str, Method] = {
    "editmessagetext": edit_text,
    "editmessagecaption": edit_caption,
    "editmessagereplymarkup": edit_markup,
    "deletemessage": delete,
    "answercallbackquery": answer_query,
}
