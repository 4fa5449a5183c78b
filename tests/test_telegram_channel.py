"""What leaves for Telegram, against a server that plays the Bot API: each way a send can go, and what it means."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from telegram.error import TelegramError

from bots.telegram.api import BotApi as OurSide
from bots.telegram.api import asking, calling, outcome
from bots.telegram.channel import CAPABILITIES, TelegramChannel
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Address, Choice, Outbound
from core.ports import Channel
from tests.telegram_bot_api import TOKEN, BotApi, Fault, bot_api, channel_to

TO = Address(platform="telegram", account="shop", user="7001", chat="7001")
HOSTILE = '<b>1 < 2</b> & "more" ]]> \u202e *_`[x](y) &amp; 😀'


async def keep(trace: str) -> None:
    raise AssertionError("a send to Telegram leaves no trace to look up")


def text(words: str, *choices: Choice) -> Outbound:
    return Outbound(key="k1", to=TO, text=words, choices=choices)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    async with channel_to(api.url) as channel:
        yield channel


# --- text -----------------------------------------------------------------------------------------------------


async def test_it_is_a_channel(channel: TelegramChannel, api: BotApi) -> None:
    port: Channel = channel
    assert await port.send(text("hello"), keep) == "700"
    assert await port.find(text("hello"), "", datetime.now(UTC)) is None
    assert (port.platform, port.account, port.capabilities) == ("telegram", "shop", CAPABILITIES)


async def test_text_is_inert(channel: TelegramChannel, api: BotApi) -> None:
    await channel.send(text(HOSTILE), keep)
    (call,) = api.calls
    assert call.fields == {
        "chat_id": "7001",
        "parse_mode": "HTML",
        "text": '&lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; "more" ]]> \u202e *_`[x](y) &amp;amp; 😀'.replace(
            "]]>", "]]&gt;"
        ),
    }


async def test_choices_are_buttons_one_below_the_other(channel: TelegramChannel, api: BotApi) -> None:
    longest = "faq:" + "x" * 56
    await channel.send(
        text("Which?", Choice(id=longest, label="怎么退货 <1>"), Choice(id="none", label="…")), keep
    )
    keyboard = json.loads(api.calls[0].fields["reply_markup"])
    assert keyboard == {
        "inline_keyboard": [
            [{"text": "怎么退货 <1>", "callback_data": longest}],
            [{"text": "…", "callback_data": "none"}],
        ]
    }


async def test_what_can_not_be_parsed_is_sent_once_more_as_it_is(
    channel: TelegramChannel, api: BotApi
) -> None:
    refusal = Fault(400, 'Bad Request: can\'t parse entities: Unsupported start tag "b" at byte offset 0')
    api.fail("sendMessage", refusal)
    assert await channel.send(text(HOSTILE, Choice(id="a", label="A")), keep) == "700"
    first, second = api.calls
    assert second.fields["text"] == HOSTILE
    assert "parse_mode" not in second.fields
    assert second.fields["reply_markup"] == first.fields["reply_markup"]
    api.fail("sendMessage", refusal, refusal)
    with pytest.raises(Rejected):
        await channel.send(text(HOSTILE), keep)
    assert len(api.calls) == 4


async def test_text_that_no_encoding_holds_is_rejected(channel: TelegramChannel, api: BotApi) -> None:
    with pytest.raises(Rejected):
        await channel.send(text("\ud83d"), keep)
    assert api.calls == []


# --- what the answers mean ------------------------------------------------------------------------------------


async def test_what_each_refusal_means(channel: TelegramChannel, api: BotApi) -> None:
    meant: list[tuple[Fault, type[Exception]]] = [
        (Fault(403, "Forbidden: bot was blocked by the user"), Unreachable),
        (Fault(403, "Forbidden: user is deactivated"), Unreachable),
        (Fault(400, "Bad Request: chat not found"), Unreachable),
        (Fault(400, "Bad Request: PEER_ID_INVALID"), Unreachable),
        (Fault(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100}), Unreachable),
        (Fault(400, "Bad Request: message text is empty"), Rejected),
        (Fault(400, "Bad Request: BUTTON_DATA_INVALID"), Rejected),
        (Fault(401, "Unauthorized"), Rejected),
        (Fault(404, "Not Found"), Rejected),
        (Fault(413, "Request Entity Too Large"), Rejected),
        (Fault(500, "Internal Server Error: restart"), RetryLater),
        (Fault(502, body="<html>bad gateway</html>"), RetryLater),
        (Fault(503, body=""), RetryLater),
        (Fault(429, "Too Many Requests"), RetryLater),
        (Fault(0, done=True), Unconfirmed),
        (Fault(200, body="<html>a captive portal</html>"), Unconfirmed),
        (Fault(200, body="[]"), Unconfirmed),
        (Fault(200, body='{"ok": true}'), Unconfirmed),
        (Fault(200, body='{"ok": true, "result": {"message_id": 3}}'), Unconfirmed),
    ]
    for fault, meaning in meant:
        api.fail("sendMessage", fault)
        with pytest.raises(meaning) as raised:
            await channel.send(text("hello"), keep)
        assert str(raised.value), fault
        assert TOKEN not in repr(raised.value)
    assert len(api.calls) == len(meant)


async def test_telegram_says_how_long_to_wait(channel: TelegramChannel, api: BotApi) -> None:
    for told, waits in ((17, 17), (0, 1), (10**9, 3600), ("soon", 5)):
        api.fail("sendMessage", Fault(429, "Too Many Requests", {"retry_after": told}))
        with pytest.raises(RetryLater) as raised:
            await channel.send(text("hello"), keep)
        assert raised.value.after == timedelta(seconds=waits)


async def test_nobody_listens(unused_tcp_port: int) -> None:
    async with channel_to(f"http://127.0.0.1:{unused_tcp_port}") as channel:
        with pytest.raises(RetryLater):
            await channel.send(text("hello"), keep)
        with pytest.raises(RetryLater):
            await channel.open()
        await channel.typing(TO)
        (finding,) = await channel.check()
        assert not finding.ok
        assert "api_base" in finding.next_step


async def test_an_answer_that_does_not_come_is_unconfirmed(api: BotApi) -> None:
    """getUpdates hangs while there is nothing, so it serves as the call that is never answered."""
    ours = OurSide(TOKEN, api.url, seconds=0.05)
    try:
        with pytest.raises(Unconfirmed), calling():
            await ours.bot.get_updates()
        with pytest.raises(RetryLater), asking():
            await ours.bot.get_updates()
    finally:
        await ours.close()


def test_an_error_that_nobody_knows_is_unconfirmed() -> None:
    assert isinstance(outcome(TelegramError("strange")), Unconfirmed)


# --- signs of life --------------------------------------------------------------------------------------------


async def test_typing_never_fails(channel: TelegramChannel, api: BotApi) -> None:
    api.fail("sendChatAction", Fault(403, "Forbidden: bot was blocked by the user"), Fault(0), Fault(500))
    api.fail("sendChatAction", Fault(200, body="{}"), Fault(400, "Bad Request: chat not found"))
    for _ in range(6):
        await channel.typing(TO)
    assert api.methods == ["sendChatAction"] * 6


async def test_sends_of_different_chats_run_side_by_side(channel: TelegramChannel, api: BotApi) -> None:
    others = [Address(platform="telegram", account="shop", user=str(n), chat=str(n)) for n in range(20)]
    sent = [channel.send(Outbound(key=to.chat, to=to, text="hi"), keep) for to in others]
    assert await asyncio.gather(*sent) == ["700"] * 20
    assert {call.fields["chat_id"] for call in api.calls} == {to.chat for to in others}
