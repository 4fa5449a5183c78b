"""Polling against a server that plays the Bot API: nothing is skipped, nothing is confirmed before its commit."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from bots.telegram.polling import poll
from tests.telegram_bot_api import WEBHOOK_ERROR, BotApi, Door, Fault, Json, bot_api, channel_to, payloads

PRIVATE = payloads("private")


def said(number: int, chat: int = 7001) -> Json:
    update = copy.deepcopy(PRIVATE["text"])
    update["update_id"] = number
    update["message"]["chat"]["id"] = update["message"]["from"]["id"] = chat
    return update


def offsets(api: BotApi) -> list[int]:
    return [int(call.fields["offset"]) for call in api.of("getUpdates")]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@asynccontextmanager
async def polling(api: BotApi, door: Door) -> AsyncIterator[asyncio.Event]:
    """Polls while the block runs, and must end promptly after it."""
    stop = asyncio.Event()
    async with channel_to(api.url, mode="polling", secret="") as channel:
        with capture_logs():
            task = asyncio.create_task(poll(channel, door, stop))
            try:
                yield stop
            finally:
                stop.set()
                async with asyncio.timeout(2):
                    await task


async def test_updates_are_taken_and_then_confirmed(api: BotApi) -> None:
    api.updates = [said(11), PRIVATE["blocked"] | {"update_id": 12}]
    door = Door()
    async with polling(api, door):
        await api.until(lambda: api.hanging)
        assert [(event.id, event.kind) for event in door.taken] == [("11", "said"), ("12", "left")]
        assert offsets(api) == [0, 13]
        await api.push(said(13))
        await door.until(lambda: len(door.taken) == 3)
    first = api.of("getUpdates")[0].fields
    assert first["allowed_updates"] == '["message", "edited_message", "callback_query", "my_chat_member"]'


async def test_after_a_quiet_answer_any_id_is_welcome(api: BotApi) -> None:
    api.updates = [said(900)]
    door = Door()
    async with polling(api, door):
        await api.until(lambda: api.hanging)
        assert offsets(api) == [0, 901]
        api.empty_answers = 1
        await api.tell()
        await api.until(lambda: offsets(api)[-1] == 0)
        await api.push(said(5))
        await door.until(lambda: len(door.taken) == 2)
    assert [event.id for event in door.taken] == ["900", "5"]


async def test_nothing_is_confirmed_while_a_turn_is_open(api: BotApi) -> None:
    api.updates = [said(11)]
    door = Door(gate=asyncio.Event())
    async with polling(api, door):
        await door.until(lambda: door.asked)
        assert offsets(api) == [0]
        assert door.gate
        door.gate.set()
        await api.until(lambda: api.hanging)
        assert offsets(api) == [0, 12]


async def test_one_chat_keeps_its_order_and_waits_for_no_other(api: BotApi) -> None:
    api.updates = [said(1, chat=70), said(2, chat=71), said(3, chat=70), said(4, chat=71)]
    door = Door(away={"1": 1})
    async with polling(api, door):
        await api.until(lambda: api.hanging)
    ids = [event.id for event in door.taken]
    assert [name for name in ids if name in "13"] == ["1", "3"]
    assert ids[:2] == ["2", "4"]
    assert offsets(api) == [0, 1, 5]


async def test_a_spoilt_update_is_quarantined_and_blocks_nothing(api: BotApi) -> None:
    api.updates = [said(1), {"update_id": 2, "message": {"text": "who am I"}}, said(3)]
    door = Door()
    async with polling(api, door):
        await api.until(lambda: api.hanging)
    assert [event.id for event in door.taken] == ["1", "3"]
    assert [kept[:2] for kept in door.quarantined] == [("telegram", "shop")]
    assert offsets(api) == [0, 4]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(0),
        Fault(0, done=True),
        Fault(502, body="<html>bad gateway</html>"),
        Fault(200, body="<html>a captive portal</html>"),
        Fault(429, "Too Many Requests: retry after 1", {"retry_after": 1}),
    ],
)
async def test_a_failure_of_the_network_loses_and_skips_nothing(api: BotApi, fault: Fault) -> None:
    api.updates = [said(11), said(12)]
    api.fail("getUpdates", fault)
    door = Door()
    async with polling(api, door):
        await api.until(lambda: api.hanging)
    assert [event.id for event in door.taken] == ["11", "12"]
    assert offsets(api) == [0, 0, 13]


async def test_a_webhook_in_the_way_is_deleted_and_what_waits_is_kept(api: BotApi) -> None:
    api.updates = [said(11)]
    api.fail("getUpdates", Fault(409, WEBHOOK_ERROR))
    door = Door()
    async with polling(api, door):
        await door.until(lambda: door.taken)
    assert api.methods[:3] == ["getUpdates", "deleteWebhook", "getUpdates"]
    assert api.of("deleteWebhook")[0].fields["drop_pending_updates"] == "false"


async def test_another_poller_is_waited_for_and_no_webhook_is_touched(api: BotApi) -> None:
    other = (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    api.updates = [said(11)]
    api.fail("getUpdates", Fault(409, other))
    door = Door()
    async with polling(api, door):
        await door.until(lambda: door.taken)
    assert api.methods[:2] == ["getUpdates", "getUpdates"]


async def test_it_stops_while_it_waits_after_a_failure(api: BotApi) -> None:
    api.fail("getUpdates", Fault(401, "Unauthorized"))
    async with polling(api, Door()):
        await api.until(lambda: api.calls)


async def test_it_finishes_the_turn_in_hand_when_it_stops(api: BotApi) -> None:
    api.updates = [said(11)]
    door = Door(gate=asyncio.Event())
    async with polling(api, door) as stop:
        await door.until(lambda: door.asked)
        stop.set()
        assert door.gate
        door.gate.set()
    assert [event.id for event in door.taken] == ["11"]
