"""The webhook over real HTTP: who may come in, what is kept, and what happens only after the commit."""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bots.telegram.channel import TelegramChannel
from bots.telegram.webhook import routes
from bots.web import Readiness, make_web
from core.metrics import Metrics
from tests.telegram_bot_api import SECRET, BotApi, Door, Fault, bot_api, channel_to, payloads

PRIVATE, SHARED = payloads("private"), payloads("shared")
SIGNED = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    async with channel_to(api.url) as channel:
        await channel.open()
        api.calls.clear()
        yield channel


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def client(channel: TelegramChannel, door: Door, api: BotApi) -> AsyncIterator[Client]:
    async with channel_to(api.url, account="polls", mode="polling", secret="") as other:
        with capture_logs():
            app = make_web(routes([channel, other], door), Readiness(), Metrics())
            async with TestClient(TestServer(app)) as client:
                yield client


async def post(client: Client, body: object, account: str = "shop", **headers: str) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await client.post(f"/telegram/{account}", data=data, headers=headers or SIGNED)
    return answer.status


async def test_an_update_is_taken_in(client: Client, door: Door) -> None:
    assert await post(client, PRIVATE["text"]) == 200
    assert [(event.kind, event.text, event.sender.account) for event in door.taken] == [
        ("said", "怎么退货？ <b>&amp;", "shop")
    ]


async def test_a_call_in_a_group_is_taken_in_under_the_name_learnt_at_start(
    client: Client, door: Door
) -> None:
    assert await post(client, SHARED["mention"]) == 200
    assert await post(client, SHARED["chatter"]) == 200
    assert [event.kind for event in door.taken] == ["mentioned"]


async def test_who_may_come_in(client: Client, door: Door) -> None:
    for account, given, status in (
        ("shop", SECRET + "x", 403),
        ("shop", SECRET[:-1], 403),
        ("shop", "", 403),
        ("shop", "sécret", 403),
        ("polls", "", 403),
        ("polls", SECRET, 403),
        ("nobody", SECRET, 404),
    ):
        header = {"X-Telegram-Bot-Api-Secret-Token": given}
        assert await post(client, PRIVATE["text"], account, **header) == status, (account, given)
    assert door.taken == []


async def test_without_the_header_nobody_comes_in(client: Client, door: Door) -> None:
    for account in ("shop", "polls"):
        assert await post(client, PRIVATE["text"], account, Accept="*/*") == 403
    assert (door.taken, door.quarantined) == ([], [])


async def test_what_is_no_json_is_refused(client: Client, door: Door) -> None:
    for body in (b"", b"{", b"a=1&b=2", b"<xml/>", b"\xff\x00", b"[" * 50_000):
        assert await post(client, body) == 400, body[:9]
    assert (door.taken, door.quarantined) == ([], [])


async def test_what_is_not_understood_is_quarantined(client: Client, door: Door) -> None:
    bodies = [[], 7, "x", None, {}, {"update_id": "1"}, {"update_id": 1, "message": {"text": "hi"}}]
    for body in bodies:
        assert await post(client, body) == 200
    assert [kept[:3] for kept in door.quarantined] == [
        ("telegram", "shop", json.dumps(body).encode()) for body in bodies
    ]
    assert all(kept[3] for kept in door.quarantined)
    assert door.taken == []


async def test_too_large_a_body(client: Client) -> None:
    body = io.BytesIO(b" " * (1024 * 1024 + 1))
    assert (await client.post("/telegram/shop", data=body, headers=SIGNED)).status == 413


async def test_telegram_must_come_again_while_the_database_is_away(client: Client, door: Door) -> None:
    door.away = {str(PRIVATE["text"]["update_id"]): 1, "quarantine": 1}
    assert await post(client, PRIVATE["text"]) == 503
    assert await post(client, {"update_id": 1, "message": 5}) == 503
    assert await post(client, PRIVATE["text"]) == 200
    assert await post(client, {"update_id": 1, "message": 5}) == 200
    assert (len(door.taken), len(door.quarantined)) == (1, 1)


async def test_a_tap_is_answered_only_after_the_commit(client: Client, door: Door, api: BotApi) -> None:
    door.gate = asyncio.Event()
    tap = asyncio.create_task(post(client, PRIVATE["callback"]))
    text = asyncio.create_task(post(client, PRIVATE["text"]))
    await door.until(lambda: len(door.asked) == 2)
    assert api.calls == []
    door.gate.set()
    assert (await tap, await text) == (200, 200)
    await api.until(lambda: api.of("answerCallbackQuery"))
    assert api.calls[0].fields == {"callback_query_id": "30064771072001"}
    assert {event.choice for event in door.taken} == {"faq:return-goods", ""}


async def test_a_tap_that_was_not_committed_is_not_answered(client: Client, door: Door, api: BotApi) -> None:
    door.away = {str(PRIVATE["callback"]["update_id"]): 1}
    assert await post(client, PRIVATE["callback"]) == 503
    assert await post(client, PRIVATE["callback"]) == 200
    await api.until(lambda: api.calls)
    assert api.methods == ["answerCallbackQuery"]


async def test_a_tap_that_means_nothing_still_stops_waiting(client: Client, door: Door, api: BotApi) -> None:
    assert await post(client, SHARED["callback_in_a_group"]) == 200
    await api.until(lambda: api.of("answerCallbackQuery"))
    assert door.taken == []


async def test_a_tap_that_is_too_old_does_no_harm(client: Client, api: BotApi) -> None:
    api.fail("answerCallbackQuery", Fault(400, "Bad Request: query is too old and response timeout expired"))
    assert await post(client, PRIVATE["callback"]) == 200
    await api.until(lambda: api.of("answerCallbackQuery"))
    assert await post(client, PRIVATE["text"]) == 200


@pytest.mark.parametrize("working", [True, False])
async def test_typing_is_shown_while_an_answer_is_made(
    client: Client, door: Door, api: BotApi, channel: TelegramChannel, working: bool
) -> None:
    door.working = working
    assert await post(client, PRIVATE["text"]) == 200
    if working:
        await api.until(lambda: api.of("sendChatAction"))
        assert api.calls[0].fields == {"chat_id": "7001", "action": "typing"}
    await channel.close()
    assert api.methods == ["sendChatAction"] * working


async def test_closing_ends_what_still_runs(client: Client, api: BotApi, channel: TelegramChannel) -> None:
    forever = asyncio.Event()

    async def never() -> None:
        await forever.wait()

    channel.in_background(never())
    async with asyncio.timeout(2):
        await channel.close()
