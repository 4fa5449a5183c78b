"""The sandbox's server: the page's state, stream and actions over HTTP, faults, files, and who may talk to it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bots.sandbox.backend import PAGE
from bots.sandbox.config import SandboxConfig, SlackSide, TelegramSide, WeChatSide
from bots.sandbox.guard import guard, is_loopback
from bots.sandbox.pace import Pace
from bots.sandbox.server import Sandbox
from bots.sandbox.telegram.stand import VERBS as TELEGRAM_VERBS
from bots.sandbox.wechat.stand import VERBS as WECHAT_VERBS

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (2).to_bytes(4, "big") * 2 + bytes(20)
NOWHERE = "http://127.0.0.1:9/hook"
WECHAT = WeChatSide(
    account="shop",
    app_id="wx00000000000000aa",
    app_secret="app-secret",
    token="token",
    aes_key="b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE",
    mode="aes",
    webhook=NOWHERE,
)
CONFIG = SandboxConfig(
    host="127.0.0.1",
    port=0,
    wechat=(WECHAT,),
    telegram=(TelegramSide(account="shop", token="100001:demo"),),
    slack=SlackSide(
        bot_token="xoxb-demo", signing_secret="s", app_token="", support_channel="C0SUPPORT", webhook=NOWHERE
    ),
)
QUICK = Pace(heartbeat=0.02, wechat_patience=0.02, slack_retries=())


@dataclass
class World:
    sandbox: Sandbox
    http: aiohttp.ClientSession

    async def state(self) -> Any:
        async with self.http.get(f"{self.sandbox.url}/sandbox/state") as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
            return await answer.json()

    async def act(self, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.http.post(f"{self.sandbox.url}/sandbox/{path}", json=body or {}) as answer:
            return answer.status, await answer.json()

    async def status(self, path: str, method: str = "GET", **headers: str) -> int:
        async with self.http.request(method, self.sandbox.url + path, headers=headers) as answer:
            return answer.status

    def phone_path(self, platform: str, verb: str) -> str:
        stand = self.sandbox.wechat if platform == "wechat" else self.sandbox.telegram
        return f"{platform}/shop/{stand.phone('shop').user}/{verb}"


@asynccontextmanager
async def opened(config: SandboxConfig = CONFIG, pace: Pace = QUICK) -> AsyncIterator[World]:
    sandbox = Sandbox(config, pace)
    await sandbox.start()
    try:
        async with aiohttp.ClientSession() as http:
            yield World(sandbox, http)
    finally:
        await sandbox.stop()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with opened() as world:
        yield world


async def next_event(stream: aiohttp.ClientResponse) -> Any:
    """The next event's data, past comments."""
    async with asyncio.timeout(5):
        while True:
            line = await stream.content.readline()
            assert line, "the stream ended"
            if line.startswith(b"data: "):
                return json.loads(line.removeprefix(b"data: "))


# --- the page -----------------------------------------------------------------------------------------------------


async def test_the_page_and_all_its_files_are_served_with_its_policy(world: World) -> None:
    meta = re.search(r'content="(default-src[^"]+)"', (PAGE / "index.html").read_text(encoding="utf-8"))
    assert meta is not None
    async with world.http.get(world.sandbox.url) as answer:
        assert answer.content_type == "text/html"
        assert answer.headers["Content-Security-Policy"].startswith(meta[1])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    files = [file for file in PAGE.rglob("*") if file.is_file()]
    assert len(files) > 20
    for file in files:
        path = "/" if file.name == "index.html" else f"/{file.relative_to(PAGE).as_posix()}"
        assert await world.status(path) == 200, path
    assert await world.status("/js/../../server.py") == 404


async def test_at_first_there_is_a_phone_or_two_for_each_account(world: World) -> None:
    state = await world.state()
    sample = json.loads(
        (Path(__file__).parent / "payloads" / "sandbox_page.json").read_text(encoding="utf-8")
    )
    assert set(state) == set(sample)
    for platform in ("wechat", "telegram"):
        assert set(state[platform][0]) == set(sample[platform][0])
    assert [phone["following"] for phone in state["wechat"]] == [True]
    assert [phone["name"] for phone in state["telegram"]] == ["Anna Petrova", "陳美玲"]
    assert "C0SUPPORT" in [channel["id"] for channel in state["channels"]]


@pytest.mark.parametrize(("platform", "verbs"), [("wechat", WECHAT_VERBS), ("telegram", TELEGRAM_VERBS)])
def test_every_action_of_the_page_exists(platform: str, verbs: Any) -> None:
    source = (PAGE / "js" / f"{platform}.js").read_text(encoding="utf-8")
    named = set(re.findall(r'(?:hand\.(?:run|now)|tap)\("(\w+)"', source)) | {"send"}
    assert len(named) > 5
    assert named <= set(verbs)


async def test_what_is_said_shows_in_the_state_and_on_the_stream(world: World) -> None:
    async with world.http.get(f"{world.sandbox.url}/sandbox/stream") as stream:
        assert stream.content_type == "text/event-stream"
        assert await world.act(world.phone_path("wechat", "say"), {"text": "怎么退货"}) == (200, {"ok": True})
        event = await next_event(stream)
    phone = world.sandbox.wechat.phone()
    assert (event["what"], event["account"], event["user"]) == ("wechat", "shop", phone.user)
    assert (event["message"]["from"], event["message"]["text"]) == ("me", "怎么退货")
    assert (await world.state())["wechat"][0]["messages"][0] == event["message"]


async def test_the_action_does_not_wait_for_the_webhook(world: World) -> None:
    async with opened(pace=replace(QUICK, wechat_patience=30)) as patient, asyncio.timeout(5):
        for number in range(3):
            await patient.act(patient.phone_path("wechat", "say"), {"text": str(number)})
        assert len(patient.sandbox.wechat.phone().messages) == 3


async def test_without_an_answer_the_person_sees_an_outage(world: World) -> None:
    await world.act(world.phone_path("wechat", "say"), {"text": "hi"})
    phone = world.sandbox.wechat.phone()
    await world.sandbox.hub.until(lambda: phone.messages[-1]["from"] == "system")


async def test_a_picture_is_sent_as_a_form(world: World) -> None:
    form = aiohttp.FormData({"kind": "image", "caption": "look"})
    form.add_field("file", PNG, filename="p.png", content_type="image/png")
    await world.act(world.phone_path("telegram", "start"))
    path = f"{world.sandbox.url}/sandbox/{world.phone_path('telegram', 'send')}"
    async with world.http.post(path, data=form) as answer:
        assert answer.status == 200
    message = (await world.state())["telegram"][0]["messages"][-1]
    assert (message["kind"], message["text"], message["file_name"]) == ("image", "look", "p.png")
    async with world.http.get(world.sandbox.url + message["file"]) as answer:
        assert await answer.read() == PNG


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("wechat/shop/nobody/say", {"text": "x"}, "there is no such phone"),
        ("wechat/other/nobody/say", {"text": "x"}, "there is no such account"),
        ("telegram/shop/1/say", {"text": "x"}, "there is no such phone"),
        ("WECHAT/say", {}, "text is missing or no text"),
        ("WECHAT/say", {"text": 5}, "text is missing or no text"),
        ("WECHAT/place", {"lat": "x", "lon": 1}, "lat is missing or no number"),
        ("WECHAT/dance", {}, "there is no such action"),
        ("WECHAT/send", {"kind": "image"}, "there is no file"),
        ("WECHAT/send", {"kind": "smell"}, "there is no kind smell"),
        ("WECHAT/scan", {"scene": ""}, "scene is empty"),
        ("TELEGRAM/say", {"text": "x"}, "press START first"),
        ("TELEGRAM/tap", {"message": "x", "data": "y"}, "press START first"),
        ("people/telegram", {"account": "other"}, "there is no such account"),
        ("faults", {"platform": "wechat", "method": "m", "fault": "explode"}, "there is no such fault"),
        ("faults", {"platform": "icq", "method": "m", "fault": "500"}, "there is no such fault"),
        (
            "faults",
            {"platform": "slack", "method": "m", "fault": "500", "count": 0},
            "count is at least 1, retry_after at least 0",
        ),
    ],
)
async def test_what_cannot_be_done_is_said(world: World, path: str, body: Any, error: str) -> None:
    for name in ("wechat", "telegram"):
        path = path.replace(name.upper(), world.phone_path(name, "").rstrip("/"))
    assert await world.act(path, body) == (400, {"ok": False, "error": error})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"text=x", "text/plain"),
        (b"x", "multipart/form-data"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(world: World, body: bytes, kind: str) -> None:
    path = f"{world.sandbox.url}/sandbox/{world.phone_path('wechat', 'say')}"
    async with world.http.post(path, data=body, headers={"Content-Type": kind}) as answer:
        assert (answer.status, (await answer.json())["ok"]) == (400, False)


async def test_halves_of_characters_do_not_break_anything(world: World) -> None:
    body = b'{"text": "a\\ud83d \\u0000 b"}'
    path = f"{world.sandbox.url}/sandbox/{world.phone_path('wechat', 'say')}"
    async with world.http.post(path, data=body, headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 200
    assert world.sandbox.wechat.phone().messages[0]["text"] == "a? \0 b"


async def test_new_people_come_with_a_phone(world: World) -> None:
    for platform in ("wechat", "telegram", "slack"):
        assert (await world.act(f"people/{platform}"))[0] == 200
    state = await world.state()
    assert (len(state["wechat"]), len(state["telegram"])) == (2, 3)
    assert not state["wechat"][1]["following"]


async def test_a_reset_begins_anew_and_forgets_faults(world: World) -> None:
    await world.act("faults", {"platform": "wechat", "method": "m", "fault": "45015"})
    await world.act(world.phone_path("wechat", "say"), {"text": "hi"})
    await world.act("people/wechat")
    before = world.sandbox.wechat.phone().user
    async with world.http.get(f"{world.sandbox.url}/sandbox/stream") as stream:
        assert await world.act("reset") == (200, {"ok": True})
        while (await next_event(stream))["what"] != "reset":
            pass
    state = await world.state()
    assert [phone["messages"] for phone in state["wechat"]] == [[]]
    assert state["wechat"][0]["user"] != before
    assert world.sandbox.hub.faults == []


async def test_a_fault_is_armed_by_the_page(world: World) -> None:
    body = {
        "platform": "telegram",
        "method": "getMe",
        "fault": "429",
        "count": 1,
        "retry_after": 5,
        "text": "x",
    }
    assert (await world.act("faults", body))[0] == 200
    async with world.http.get(f"{world.sandbox.url}/bot100001:demo/getMe") as answer:
        assert (answer.status, (await answer.json())["parameters"]) == (429, {"retry_after": 5})
    assert await world.status("/bot100001:demo/getMe") == 200


# --- the stream -----------------------------------------------------------------------------------------------------


async def test_the_stream_shows_signs_of_life(world: World) -> None:
    async with world.http.get(f"{world.sandbox.url}/sandbox/stream") as stream:
        lines = [await stream.content.readline() for _ in range(4)]
    assert lines == [b": live\n", b"\n", b": still here\n", b"\n"]


async def test_many_listen_and_all_streams_end_cleanly_with_the_sandbox() -> None:
    async with opened(pace=replace(QUICK, heartbeat=60)) as world:
        address = f"{world.sandbox.url}/sandbox/stream"
        streams = [await world.http.get(address) for _ in range(20)]
        await world.act(world.phone_path("wechat", "say"), {"text": "hi"})
        events = [await next_event(stream) for stream in streams]
        assert {event["message"]["text"] for event in events} == {"hi"}
        async with asyncio.timeout(5):
            await world.sandbox.stop()
            for stream in streams:
                await stream.read()


async def test_who_hangs_up_is_forgotten(world: World) -> None:
    async with world.http.get(f"{world.sandbox.url}/sandbox/stream"):
        assert len(world.sandbox.hub._listeners) == 1
    async with asyncio.timeout(5):
        while world.sandbox.hub._listeners:
            await world.state()


async def test_it_stops_quickly_while_calls_hang(world: World) -> None:
    await world.act("faults", {"platform": "telegram", "method": "getMe", "fault": "timeout"})
    hanging = [
        asyncio.create_task(world.status("/bot100001:demo/getMe")),
        asyncio.create_task(world.status("/bot100001:demo/getUpdates?timeout=50")),
    ]
    await world.sandbox.hub.until(
        lambda: not world.sandbox.hub.faults and world.sandbox.telegram.bot().updates.polls
    )
    async with asyncio.timeout(5):
        await world.sandbox.stop()
        await asyncio.gather(*hanging, return_exceptions=True)


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mime", "served"),
    [
        ("image/png", "image/png"),
        ("audio/wav", "audio/wav"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/pdf", "application/octet-stream"),
        ("evil\r\nX: y", "application/octet-stream"),
    ],
)
async def test_a_file_is_never_served_as_something_that_runs(world: World, mime: str, served: str) -> None:
    file = world.sandbox.hub.keep(b"<script>alert(1)</script>", "x.html", mime)
    async with world.http.get(world.sandbox.url + file.url) as answer:
        assert answer.headers["Content-Type"] == served
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert ("Content-Disposition" in answer.headers) == (served == "application/octet-stream")
    assert await world.status("/sandbox/files/nothing") == 404


# --- who may talk to it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "shop.example"}, 403),
        ({"Host": "127.0.0.1.shop.example"}, 403),
        ({"Host": "[bad"}, 403),
        ({"Host": "shop.example", "Origin": "http://shop.example"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
        ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://shop.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/sandbox/state", "/bot100001:demo/getMe", "/cgi-bin/token"])
async def test_only_this_machine_and_no_other_site(
    world: World, path: str, headers: dict[str, str], status: int
) -> None:
    assert await world.status(path, **headers) == status


async def test_another_site_cannot_act_but_may_link_to_the_page(world: World) -> None:
    path = f"/sandbox/{world.phone_path('wechat', 'say')}"
    assert await world.status(path, "POST", Origin="https://shop.example") == 403
    assert await world.status("/sandbox/reset", "POST", Origin="https://shop.example") == 403
    assert await world.status("/", **{"Sec-Fetch-Site": "cross-site"}) == 200
    assert world.sandbox.wechat.phone().messages == []


async def test_exposed_it_answers_by_any_name_and_still_no_other_site() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(middlewares=[guard(exposed=True)])
    app.router.add_get("/sandbox/state", page)
    async with TestClient(TestServer(app)) as client:
        for headers, status in (
            ({}, 200),
            ({"Origin": "http://demo.example"}, 200),
            ({"Origin": "http://x"}, 403),
        ):
            answer = await client.get("/sandbox/state", headers={"Host": "demo.example", **headers})
            assert answer.status == status


@pytest.mark.parametrize(
    ("host", "url", "alone"),
    [
        ("127.0.0.1", "http://127.0.0.1:8090", True),
        ("127.0.0.9", "http://127.0.0.9:8090", True),
        ("localhost", "http://localhost:8090", True),
        ("::1", "http://[::1]:8090", True),
        ("0.0.0.0", "http://127.0.0.1:8090", False),
        ("10.0.0.7", "http://10.0.0.7:8090", False),
        ("shop.example", "http://shop.example:8090", False),
    ],
)
def test_its_address_and_whether_others_can_reach_it(host: str, url: str, alone: bool) -> None:
    assert Sandbox(SandboxConfig(host=host, port=8090)).url == url
    assert is_loopback(host) == alone


async def test_without_accounts_it_is_an_empty_stage() -> None:
    async with opened(SandboxConfig(host="127.0.0.1", port=0)) as world:
        assert await world.state() == {
            "wechat": [],
            "telegram": [],
            "slack_users": [],
            "dms": [],
            "channels": [],
        }
        assert (await world.act("people/wechat"))[1] == {"ok": False, "error": "there is no such account"}


async def test_a_port_that_is_taken_is_said_at_start(world: World) -> None:
    port = int(world.sandbox.url.rpartition(":")[2])
    second = Sandbox(replace(CONFIG, port=port))
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop()


async def test_two_accounts_are_told_apart_by_their_tokens() -> None:
    other = replace(WECHAT, account="second", app_id="wx00000000000000bb", app_secret="other-secret")
    async with opened(replace(CONFIG, wechat=(WECHAT, other))) as world:
        first, second = world.sandbox.wechat.phone("shop"), world.sandbox.wechat.phone("second")
        query = {"grant_type": "client_credential", "appid": other.app_id, "secret": other.app_secret}
        async with world.http.get(f"{world.sandbox.url}/cgi-bin/token", params=query) as answer:
            token = (await answer.json(content_type=None))["access_token"]
        for phone, known in ((first, False), (second, True)):
            query = {"access_token": token, "openid": phone.user}
            async with world.http.get(f"{world.sandbox.url}/cgi-bin/user/info", params=query) as answer:
                assert ("subscribe" in await answer.json(content_type=None)) == known
