"""Changing and taking back what was sent to Telegram: each way it can go, and what it means."""

import json
from collections.abc import AsyncIterator

import pytest

from bots.telegram.channel import CAPABILITIES, TelegramChannel
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Address, Choice, Outbound
from core.ports import Channel
from tests.telegram_bot_api import BotApi, Fault, bot_api, channel_to

TO = Address(platform="telegram", account="shop", user="7001", chat="7001")
SAME = Fault(
    400, "Bad Request: message is not modified: specified new message content and reply markup are exactly"
)
NO_TEXT = Fault(400, "Bad Request: there is no text in the message to edit")
NOT_PARSED = Fault(400, "Bad Request: can't parse entities: Unsupported start tag")


def text(words: str, *choices: Choice) -> Outbound:
    return Outbound(key="edit:5:0", to=TO, text=words, choices=choices)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    async with channel_to(api.url) as channel:
        yield channel


async def test_a_text_gets_new_words_that_are_inert(channel: TelegramChannel, api: BotApi) -> None:
    port: Channel = channel
    assert (CAPABILITIES.edits, CAPABILITIES.deletes) == (True, True)
    await port.edit(text("<b>1 < 2</b> & 😀"), "700")
    (call,) = api.calls
    assert call.method == "editMessageText"
    assert call.fields == {
        "chat_id": "7001", "message_id": "700", "parse_mode": "HTML", "text": "&lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; 😀",
    }  # fmt: skip
    await port.edit(text("Which?", Choice(id="a", label="A")), "701")
    keyboard = json.loads(api.calls[1].fields["reply_markup"])
    assert keyboard == {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}


async def test_what_is_so_already_is_well(channel: TelegramChannel, api: BotApi) -> None:
    api.fail("editMessageText", SAME, NO_TEXT)
    api.fail("editMessageCaption", SAME)
    await channel.edit(text("as before"), "700")
    await channel.edit(text("as before, under a picture"), "701")
    api.fail("deleteMessage", Fault(400, "Bad Request: message to delete not found"))
    await channel.delete(TO, "700")
    assert api.methods == ["editMessageText", "editMessageText", "editMessageCaption", "deleteMessage"]


async def test_what_is_written_under_a_file_is_changed_there(channel: TelegramChannel, api: BotApi) -> None:
    api.fail("editMessageText", NO_TEXT)
    await channel.edit(text("a < b"), "701")
    assert api.calls[1].method == "editMessageCaption"
    assert api.calls[1].fields["caption"] == "a &lt; b"


async def test_what_can_not_be_parsed_is_changed_as_it_is(channel: TelegramChannel, api: BotApi) -> None:
    api.fail("editMessageText", NOT_PARSED)
    await channel.edit(text("<b>"), "700")
    assert api.calls[1].fields == {"chat_id": "7001", "message_id": "700", "text": "<b>"}


async def test_an_album_goes_as_a_whole_even_when_a_part_is_gone(
    channel: TelegramChannel, api: BotApi
) -> None:
    api.fail("deleteMessage", Fault(400, "Bad Request: message to delete not found"))
    await channel.delete(TO, "800,801,802")
    assert [call.fields["message_id"] for call in api.calls] == ["800", "801", "802"]


@pytest.mark.parametrize(
    ("method", "refusal", "words"),
    [
        ("editMessageText", "Bad Request: message to edit not found", "has deleted it"),
        ("editMessageText", "Bad Request: MESSAGE_ID_INVALID", "has deleted it"),
        ("editMessageText", "Bad Request: message can't be edited", "any more"),
        ("editMessageText", "Bad Request: message text is empty", "text is empty"),
        ("deleteMessage", "Bad Request: message can't be deleted for everyone", "48 hours"),
        ("deleteMessage", "Bad Request: message can't be deleted", "48 hours"),
    ],
)
async def test_what_telegram_does_not_do_is_said_in_words(
    channel: TelegramChannel, api: BotApi, method: str, refusal: str, words: str
) -> None:
    api.fail(method, Fault(400, refusal))
    changing = channel.delete(TO, "700") if method == "deleteMessage" else channel.edit(text("new"), "700")
    with pytest.raises(Rejected, match=words):
        await changing


@pytest.mark.parametrize("id", ["", "F9", "1,x", "-5", "٣"])
async def test_an_id_that_is_none_of_telegrams(channel: TelegramChannel, api: BotApi, id: str) -> None:
    with pytest.raises(Rejected, match="which message"):
        await channel.delete(TO, id)
    with pytest.raises(Rejected, match="which message"):
        await channel.edit(text("new"), id)


async def test_what_other_answers_mean(channel: TelegramChannel, api: BotApi) -> None:
    meant: list[tuple[Fault, type[Exception]]] = [
        (Fault(403, "Forbidden: bot was blocked by the user"), Unreachable),
        (Fault(400, "Bad Request: chat not found"), Unreachable),
        (Fault(429, "Too Many Requests", {"retry_after": 3}), RetryLater),
        (Fault(502, body="bad gateway"), RetryLater),
        (Fault(0, done=True), Unconfirmed),
    ]
    for fault, meaning in meant:
        api.fail("editMessageText", fault)
        api.fail("deleteMessage", fault)
        with pytest.raises(meaning):
            await channel.edit(text("new"), "700")
        with pytest.raises(meaning):
            await channel.delete(TO, "700")
