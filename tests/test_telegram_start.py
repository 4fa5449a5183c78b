"""A bot's start: webhook or polling, what doctor says of it, and its commands."""

import json
from collections.abc import AsyncIterator

import pytest

from bots.telegram import menu
from bots.telegram.channel import TelegramChannel
from core.errors import Rejected, RetryLater
from tests.telegram_bot_api import SECRET, TOKEN, BotApi, Fault, bot_api, channel_to


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    async with channel_to(api.url) as channel:
        yield channel


async def test_a_webhook_is_set_once(api: BotApi) -> None:
    for _ in range(2):
        async with channel_to(api.url, "https://help.example.org/") as channel:
            await channel.open()
            assert (channel.username, channel.home) == ("Shop_Bot", "https://t.me/Shop_Bot")
    (call,) = api.of("setWebhook")
    assert call.fields["url"] == "https://help.example.org/telegram/shop"
    assert call.fields["secret_token"] == SECRET
    assert call.fields.get("drop_pending_updates") in (None, "false")
    assert json.loads(call.fields["allowed_updates"]) == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]


@pytest.mark.parametrize(
    "difference",
    [
        {"url": "https://old.example.org/telegram/shop"},
        {"allowed_updates": ["message"]},
        {
            "last_error_message": "Wrong response from the webhook: 403 Forbidden",
            "last_error_date": 1718000000,
        },
    ],
)
async def test_a_webhook_that_differs_is_set_anew(api: BotApi, difference: dict[str, object]) -> None:
    async with channel_to(api.url, "https://help.example.org") as channel:
        await channel.open()
        api.webhook |= difference
        await channel.open()
    assert len(api.of("setWebhook")) == 2


async def test_without_a_public_address_no_webhook_is_touched(api: BotApi) -> None:
    async with channel_to(api.url) as channel:
        await channel.open()
    assert api.methods == ["getMe"]


async def test_polling_deletes_the_webhook_and_keeps_what_waits(api: BotApi) -> None:
    async with channel_to(api.url, "https://help.example.org", mode="polling", secret="") as channel:
        await channel.open()
    assert api.methods == ["getMe", "deleteWebhook"]
    assert api.calls[1].fields["drop_pending_updates"] == "false"


async def test_what_a_failed_opening_means(api: BotApi) -> None:
    async with channel_to(api.url, "https://help.example.org") as channel:
        for method, fault, meaning in (
            ("getMe", Fault(401, "Unauthorized"), Rejected),
            ("getMe", Fault(502, body="bad gateway"), RetryLater),
            ("getWebhookInfo", Fault(0, done=True), RetryLater),
            ("setWebhook", Fault(400, "Bad Request: bad webhook: HTTPS url must be provided"), Rejected),
        ):
            api.fail(method, fault)
            with pytest.raises(meaning):
                await channel.open()
        await channel.open()
    assert api.webhook["url"] == "https://help.example.org/telegram/shop"


# --- doctor ---------------------------------------------------------------------------------------------------

WANTED = "https://help.example.org/telegram/shop"


@pytest.mark.parametrize(
    ("mode", "webhook", "pending", "ok", "words"),
    [
        ("webhook", {"url": WANTED}, 0, True, ""),
        ("webhook", {"url": WANTED}, 3, True, ""),
        ("webhook", {"url": WANTED}, 500, False, "readyz"),
        ("webhook", {"url": ""}, 0, False, WANTED),
        ("webhook", {"url": "https://x.example.org/?token=1"}, 0, False, WANTED),
        ("webhook", {"url": WANTED, "last_error_message": "Connection refused"}, 0, True, ""),
        ("webhook", {"url": WANTED, "last_error_message": "Connection refused"}, 2, False, "443"),
        (
            "webhook",
            {"url": WANTED, "last_error_message": "SSL error {verify failed}"},
            2,
            False,
            "certificate",
        ),
        (
            "webhook",
            {"url": WANTED, "last_error_message": "Wrong response: 403 Forbidden"},
            2,
            False,
            "secret",
        ),
        (
            "webhook",
            {"url": WANTED, "last_error_message": "Wrong response: 404 Not Found"},
            2,
            False,
            "proxy",
        ),
        ("webhook", {"url": WANTED, "last_error_message": "Wrong response: 503"}, 2, False, "readyz"),
        ("polling", {"url": ""}, 9, True, ""),
        ("polling", {"url": WANTED}, 0, False, "deletes the webhook"),
    ],
)
async def test_doctor_says_the_next_step(
    api: BotApi, mode: str, webhook: dict[str, object], pending: int, ok: bool, words: str
) -> None:
    api.webhook, api.pending = webhook, pending
    async with channel_to(api.url, "https://help.example.org", mode=mode) as channel:
        token, delivery = await channel.check()
    assert token.ok
    assert "@Shop_Bot" in token.what
    assert delivery.ok is ok
    assert words in delivery.next_step
    assert bool(delivery.next_step) is not ok
    assert "token=1" not in delivery.what
    assert {call.method for call in api.calls} == {"getMe", "getWebhookInfo"}


async def test_doctor_without_a_public_address_or_a_good_token(api: BotApi) -> None:
    async with channel_to(api.url) as channel:
        assert "public_url" in (await channel.check())[1].next_step
        api.fail("getMe", Fault(401, "Unauthorized"))
        (finding,) = await channel.check()
    assert not finding.ok
    assert "@BotFather" in finding.next_step
    assert TOKEN not in repr(finding)


# --- commands -------------------------------------------------------------------------------------------------

COMMANDS = {
    "en": [("help", "Questions"), ("person", "A person")],
    "zh": [("help", "问题"), ("person", "人工")],
}


async def test_commands_are_shown_and_then_set(channel: TelegramChannel, api: BotApi) -> None:
    api.commands = {
        "": [{"command": "help", "description": "Questions"}, {"command": "old", "description": "Old"}]
    }
    assert await menu.menu_difference(channel, COMMANDS) == [
        "telegram shop (en): - /old  Old",
        "telegram shop (en): + /person  A person",
        "telegram shop (zh): + /help  问题",
        "telegram shop (zh): + /person  人工",
    ]
    assert not api.of("setMyCommands")
    await menu.publish(channel, COMMANDS)
    assert api.commands["zh"] == [
        {"command": "help", "description": "问题"},
        {"command": "person", "description": "人工"},
    ]
    assert await menu.menu_difference(channel, COMMANDS) == []


async def test_only_what_differs_is_set(channel: TelegramChannel, api: BotApi) -> None:
    await menu.publish(channel, COMMANDS)
    await menu.publish(channel, {**COMMANDS, "zh": COMMANDS["zh"][::-1]})
    assert [call.fields.get("language_code", "") for call in api.of("setMyCommands")] == ["", "zh", "zh"]


async def test_a_failing_menu_says_what_to_do(channel: TelegramChannel, api: BotApi) -> None:
    api.fail("getMyCommands", Fault(500, "Internal Server Error"))
    with pytest.raises(RetryLater):
        await menu.menu_difference(channel, COMMANDS)
    api.fail("setMyCommands", Fault(400, "Bad Request: BOT_COMMAND_INVALID"))
    with pytest.raises(Rejected):
        await menu.publish(channel, COMMANDS)
