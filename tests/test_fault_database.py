"""The database away while people write: the platforms are told to come again, and nothing is lost or doubled."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bots.sandbox.pace import Pace
from bots.sandbox.pushing import Pushed
from bots.sandbox.slack.courier import Answer
from bots.sandbox.slack.courier import signature as slack_signature
from bots.sandbox.slack.stand import SlackStand
from bots.sandbox.wechat.push import sign_event
from tests.servers import Server, postgres_server
from tests.waiting import until
from tests.world import World, world

pytestmark = [pytest.mark.slow_faults, pytest.mark.timeout(150)]

PACE = Pace(
    wechat_patience=3.5, wechat_lead=0.05, slack_retries=(0.2, 2.5, 6), telegram_first_pause=0.2,
    telegram_longest_pause=0.5,
)  # fmt: skip
LOCK = (
    sys.executable,
    "-c",
    """import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One signed event, as a platform would post it."""

    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, str]


def slack_of(w: World) -> SlackStand:
    assert w.sandbox.slack
    return w.sandbox.slack


def from_wechat(w: World) -> Request:
    phone = w.sandbox.wechat.phone("shop")
    account = phone.account
    event = (
        f"<xml><ToUserName>{account.original}</ToUserName><FromUserName>{phone.user}</FromUserName>"
        f"<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>hi</Content><MsgId>1</MsgId></xml>"
    )
    sealed = sign_event(account.side, account.original, phone.user, event.encode(), w.sandbox.hub.now())
    return Request(
        path="/wechat/shop",
        headers={"Content-Type": "text/xml"},
        body=sealed.body,
        query=dict(sealed.query),
    )


def from_telegram(w: World) -> Request:
    user = {"id": 77, "is_bot": False, "first_name": "Ann"}
    chat = {"id": 77, "type": "private", "first_name": "Ann"}
    message = {"message_id": 1, "date": 1, "from": user, "chat": chat, "text": "hi"}
    secret = w.settings.telegram[0].secret.get_secret_value()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
    body = json.dumps({"update_id": 5, "message": message}).encode()
    return Request(path="/telegram/shop", headers=headers, body=body, query={})


def from_slack(w: World) -> Request:
    event = {
        "type": "message", "channel": "DANA", "channel_type": "im", "user": "UANA", "ts": "1.000001", "text": "hi"
    }  # fmt: skip
    body = {"type": "event_callback", "team_id": "TSHOP", "event_id": "Ev1", "event": event}
    posted = json.dumps(body).encode()
    stamp = str(int(w.sandbox.hub.now().timestamp()))
    assert w.settings.slack
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": slack_signature(
            w.settings.slack.signing_secret.get_secret_value(), stamp, posted
        ),
    }
    return Request(path="/slack/events", headers=headers, body=posted, query={})


async def answer_to(w: World, request: Request) -> tuple[int, bool]:
    """The status, and whether it says when to come again."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            w.url + request.path, data=request.body, headers=request.headers, params=request.query
        ) as answer,
    ):
        return answer.status, answer.headers.get("Retry-After", "").isdigit()


async def status(w: World, path: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(w.url + path) as answer:
        return answer.status


async def is_status(w: World, path: str, wanted: int) -> bool:
    return await status(w, path) == wanted


@asynccontextmanager
async def away(server: Server) -> AsyncIterator[None]:
    """All connections break; at the end the server is back with its data."""
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def everybody_writes(w: World, text: str) -> list[asyncio.Future[Pushed | Answer]]:
    """The same words from a person on each platform."""
    telegram = w.sandbox.telegram.phone("shop")
    if not telegram.started:
        await telegram.start()
    return [
        asyncio.ensure_future(w.sandbox.wechat.phone("shop").say(f"{text} on wechat")),
        asyncio.ensure_future(telegram.say(f"{text} on telegram")),
        asyncio.ensure_future(slack_of(w).customer().say(f"{text} on slack").answer()),
    ]


async def times_on_timeline(w: World, text: str) -> list[int]:
    """How often each platform's words of it were taken in."""
    found = await w.rows("SELECT text FROM message WHERE by = 'person'")
    texts = [row["text"] for row in found]
    return [texts.count(f"{text} on {platform}") for platform in ("wechat", "telegram", "slack")]


async def test_postgres_stops_while_people_write_and_comes_back(tmp_path: Path) -> None:
    with postgres_server() as server:
        async with world(tmp_path, PACE, database_url=server.address) as w:
            before = await everybody_writes(w, "人工 before")
            assert all(answer.ok for answer in await asyncio.gather(*before))
            going = await everybody_writes(w, "while it stops")
            async with away(server):
                for request in (from_wechat(w), from_telegram(w), from_slack(w)):
                    assert await answer_to(w, request) == (503, True)
                going += await everybody_writes(w, "while it is away")
                assert await status(w, "/healthz") == 200
                await until(lambda: is_status(w, "/readyz", 503))
            assert all(answer.ok for answer in await asyncio.gather(*going))
            await until(lambda: is_status(w, "/readyz", 200))
            for text in ("人工 before", "while it stops", "while it is away"):
                assert await times_on_timeline(w, text) == [1, 1, 1]


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Another process writes into the SQLite file and doesn't come to an end."""
    process = await asyncio.create_subprocess_exec(*LOCK, file, stdin=-1, stdout=-1)
    assert process.stdout
    await process.stdout.readline()
    try:
        yield
    finally:
        await process.communicate(b"")


async def test_sqlite_is_locked_by_another_process_for_a_while(tmp_path: Path) -> None:
    async with world(tmp_path, PACE) as w:
        before = await everybody_writes(w, "before")
        assert all(answer.ok for answer in await asyncio.gather(*before))
        file = Path(w.settings.database_url.removeprefix("sqlite://"))
        async with locked(file):
            assert await answer_to(w, from_telegram(w)) == (503, True)
            assert await status(w, "/healthz") == 200
            going = await everybody_writes(w, "while it is locked")
        assert all(answer.ok for answer in await asyncio.gather(*going))
        assert await answer_to(w, from_telegram(w)) == (200, False)
        for text in ("before", "while it is locked"):
            assert await times_on_timeline(w, text) == [1, 1, 1]
