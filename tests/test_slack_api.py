"""Calls to Slack's Web API against a local one: what each failure means, and that nothing is sent twice."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bots.slack.api import Refused, SlackApi, SlackUser, read_user
from bots.slack.files import Trusted
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from tests.servers import free_port
from tests.slack_web import slack_at_work

POST = "chat.postMessage"
READ = "conversations.history"


async def post(api: SlackApi) -> Mapping[str, Any]:
    return await api.call(POST, channel="D1", text="hello")


async def test_who_we_are() -> None:
    async with slack_at_work() as (_, api, _settings):
        me = await api.identify()
        assert (me.user_id, me.bot_id, me.team_id, me.url) == (
            "UBOT",
            "BBOT",
            "T1",
            "https://shop.slack.com/",
        )
        assert me.scopes == {"chat:write", "im:write"}
        assert api.me == me


REFUSALS: list[tuple[str, int, str, type[Exception]]] = [
    (POST, 200, "ratelimited", RetryLater),
    (POST, 200, "service_unavailable", RetryLater),
    (POST, 200, "fatal_error", Unconfirmed),
    (READ, 200, "fatal_error", RetryLater),
    (POST, 500, "", RetryLater),
    (POST, 503, "", RetryLater),
    (POST, 502, "", Unconfirmed),
    (POST, 504, "", Unconfirmed),
    (READ, 504, "", RetryLater),
    (POST, 200, "user_disabled", Unreachable),
    (POST, 200, "cannot_dm_bot", Unreachable),
    (POST, 200, "messages_tab_disabled", Unreachable),
    (POST, 200, "msg_too_long", Refused),
    (POST, 200, "invalid_auth", Refused),
    ("reactions.add", 200, "already_reacted", Refused),
]


@pytest.mark.parametrize(("method", "status", "code", "meaning"), REFUSALS)
async def test_what_a_refusal_means(method: str, status: int, code: str, meaning: type[Exception]) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script[method] = [web.json_response({"ok": False, "error": code}, status=status)]
        arguments: dict[str, Any] = {"channel": "D1"}
        if method == "reactions.add":
            arguments |= {"name": "eyes", "timestamp": "1.2"}
        with pytest.raises(meaning) as failure:
            await api.call(method, **arguments, **({"text": "hello"} if method == POST else {}))
        if meaning is Refused:
            assert failure.value.args[0] == code
            assert isinstance(failure.value, Refused)
            assert failure.value.code == code
            assert code in str(failure.value)
        assert len(slack.calls) == 1


@pytest.mark.parametrize(
    ("header", "after"), [("7", 7), ("", 30), ("soon", 30), ("-1", 30), ("999999", 3600)]
)
async def test_a_rate_limit_says_how_long(header: str, after: int) -> None:
    async with slack_at_work() as (slack, api, _):
        limited = web.json_response({"ok": False, "error": "ratelimited"}, status=429)
        limited.headers["Retry-After"] = header
        slack.script[POST] = [limited]
        with pytest.raises(RetryLater) as failure:
            await post(api)
        assert failure.value.after == timedelta(seconds=after)
        assert len(slack.calls) == 1


@pytest.mark.parametrize("loss", ["hang up", "silence"])
async def test_a_post_whose_answer_is_lost_is_sent_once(loss: str) -> None:
    async with slack_at_work(patience=0.2) as (slack, api, _):
        slack.script[POST] = [loss, loss]
        with pytest.raises(Unconfirmed):
            await post(api)
        assert len(slack.of(POST)) == 1


@pytest.mark.parametrize("loss", ["hang up", "silence"])
async def test_a_question_whose_answer_is_lost_may_be_asked_again(loss: str) -> None:
    async with slack_at_work(patience=0.2) as (slack, api, _):
        slack.script[READ] = [loss, loss]  # aiohttp itself asks a second time after a hang-up
        with pytest.raises(RetryLater):
            await api.call(READ, channel="D1")


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
async def test_an_answer_that_is_not_slacks_tells_nothing(kind: str) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script[POST] = [web.Response(text="<html>Welcome to the hotel's network", content_type=kind)]
        with pytest.raises(Unconfirmed):
            await post(api)


async def test_nobody_listens() -> None:
    async with slack_at_work() as (_, _api, settings), aiohttp.ClientSession() as http:
        nowhere = settings.model_copy(update={"api_base": f"http://127.0.0.1:{free_port()}"})
        with pytest.raises(RetryLater):
            await post(SlackApi(nowhere, http))


# --- files --------------------------------------------------------------------------------------------------


async def test_an_upload_is_kept_before_it_is_shared() -> None:
    async with slack_at_work() as (slack, api, _):
        shared_when_kept: list[int] = []

        async def keep(file: str) -> None:
            assert file == "F9"
            shared_when_kept.append(len(slack.of("files.completeUploadExternal")))

        file = await api.upload(
            data=b"\x89PNG", name="票.png", channel="C1", thread="1.2", comment="Lin", keep=keep
        )
        assert file == "F9"
        assert shared_when_kept == [0]
        assert slack.uploads == [b"\x89PNG"]
        assert slack.seen == [("/upload/F9", "")]
        assert slack.of("files.getUploadURLExternal") == [{"filename": "票.png", "length": "4"}]
        (done,) = slack.of("files.completeUploadExternal")
        assert (done["channel_id"], done["thread_ts"], done["initial_comment"]) == ("C1", "1.2", "Lin")
        assert '"id": "F9"' in done["files"]


class Kept:
    """A ``keep`` that remembers."""

    def __init__(self) -> None:
        self.traces: list[str] = []

    async def __call__(self, trace: str) -> None:
        self.traces.append(trace)


async def test_an_upload_whose_end_is_unknown_can_be_looked_up() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script["files.completeUploadExternal"] = ["hang up"]
        kept = Kept()
        with pytest.raises(Unconfirmed):
            await api.upload(data=b"x", name="x.txt", channel="C1", keep=kept)
        assert kept.traces == ["F9"]


@pytest.mark.parametrize(
    ("status", "meaning"), [(500, RetryLater), (429, RetryLater), (413, Rejected), (302, Rejected)]
)
async def test_bytes_that_slack_does_not_take(status: int, meaning: type[Exception]) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.paths["/upload/F9"] = lambda _: web.Response(
            status=status, headers={"Location": "http://x.invalid/"}
        )
        with pytest.raises(meaning):
            await api.upload(data=b"x", name="x.txt", channel="C1", keep=Kept())
        assert not slack.of("files.completeUploadExternal")


ARRIVALS: list[tuple[dict[str, Any], bool]] = [
    ({"file": {"shares": {"private": {"C1": [{"ts": "1.2"}]}}}}, True),
    ({"file": {"shares": {"public": {"C1": [{"ts": "1.2"}]}}}}, True),
    ({"file": {"ims": ["C1"]}}, True),
    ({"file": {"shares": {}, "channels": ["C2"]}}, False),
    ({"file": {}}, False),
    ({}, False),
    ({"error": "file_not_found"}, False),
]


@pytest.mark.parametrize(("answer", "arrived"), ARRIVALS)
async def test_whether_an_upload_arrived(answer: dict[str, Any], arrived: bool) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script["files.info"] = [answer]
        assert await api.arrived("F9", "C1") is arrived


async def test_a_look_up_that_slack_refuses_is_no_answer() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.script["files.info"] = [{"error": "missing_scope"}]
        with pytest.raises(Refused):
            await api.arrived("F9", "C1")


async def test_a_file_is_fetched_with_the_token() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.paths["/files/a.png"] = lambda _: web.Response(body=b"\x89PNG", content_type="image/png")
        slack.paths["/old/a.png"] = lambda _: web.Response(status=302, headers={"Location": "/files/a.png"})
        found = await api.download(f"{slack.base}/old/a.png", 100)
        assert (found.data, found.mime) == (b"\x89PNG", "image/png")
        assert slack.seen == [("/old/a.png", "Bearer xoxb-secret"), ("/files/a.png", "Bearer xoxb-secret")]


async def test_a_sign_in_page_is_no_file() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.paths["/a.png"] = lambda _: web.Response(text="<html>Sign in", content_type="text/html")
        with pytest.raises(Rejected, match="files:read"):
            await api.download(f"{slack.base}/a.png", 100)
        claimed = b"\xef\xbb\xbf\n<!DOCTYPE HTML><title>Sign in"
        slack.paths["/b.png"] = lambda _: web.Response(body=claimed, content_type="image/png")
        with pytest.raises(Rejected, match="files:read"):
            await api.download(f"{slack.base}/b.png", 100)
        page = {"Content-Disposition": 'attachment; filename="a.html"'}
        slack.paths["/a.html"] = lambda _: web.Response(text="<p>", content_type="text/html", headers=page)
        assert (await api.download(f"{slack.base}/a.html", 100)).data == b"<p>"


async def test_the_token_stays_with_slack() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization", ""))
        return web.Response(body=b"x", content_type="image/png")

    other = web.Application()
    other.router.add_get("/{path:.*}", elsewhere)
    async with TestServer(other, host="localhost") as server, slack_at_work() as (slack, api, _):
        url = f"http://localhost:{server.port}/a.png"
        slack.paths["/away"] = lambda _: web.Response(status=302, headers={"Location": url})
        for start in (f"{slack.base}/away", url):
            with pytest.raises(Rejected, match="outside Slack"):
                await api.download(start, 100)
        assert asked == []


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://slack.com/x", True),
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("http://files.slack.com/x", False),
        ("https://slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://slack.com@evil.example/x", False),
        ("//files.slack.com/x", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_whose_host_it_is(url: str, trusted: bool) -> None:
    assert Trusted("https://slack.com").holds(url) is trusted


@pytest.mark.parametrize("declared", [True, False])
async def test_a_file_may_be_too_large(declared: bool) -> None:
    async with slack_at_work() as (slack, api, _):

        def large(_: web.Request) -> web.StreamResponse:
            answer = web.Response(body=b"x" * 101, content_type="image/png")
            if not declared:
                answer.enable_chunked_encoding()
            return answer

        slack.paths["/large"] = large
        with pytest.raises(Rejected, match="larger than the"):
            await api.download(f"{slack.base}/large", 100)
        assert len((await api.download(f"{slack.base}/large", 101)).data) == 101


@pytest.mark.parametrize(
    ("status", "meaning"), [(404, Rejected), (403, Rejected), (429, RetryLater), (503, RetryLater)]
)
async def test_a_file_that_slack_does_not_hand_out(status: int, meaning: type[Exception]) -> None:
    async with slack_at_work() as (slack, api, _):
        slack.paths["/a.png"] = lambda _: web.Response(status=status)
        with pytest.raises(meaning):
            await api.download(f"{slack.base}/a.png", 100)


async def test_an_address_that_leads_in_circles() -> None:
    async with slack_at_work() as (slack, api, _):
        slack.paths["/a"] = lambda _: web.Response(status=302, headers={"Location": "/a"})
        with pytest.raises(Rejected, match="circles"):
            await api.download(f"{slack.base}/a", 100)


# --- people -------------------------------------------------------------------------------------------------


async def test_a_member_is_asked_for_once() -> None:
    async with slack_at_work() as (slack, api, _):
        expected = SlackUser(id="U1", name="Lin", language="zh-CN")
        assert [await api.user("U1"), await api.user("U1")] == [expected, expected]
        assert len(slack.of("users.info")) == 1
        slack.script["users.info"] = [{"error": "user_not_found"}]
        with pytest.raises(Unreachable):
            await api.user("U2")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"profile": {"display_name": "Lin", "real_name": "Lin Mei"}, "name": "lin"}, "Lin"),
        ({"profile": {"display_name": " ", "real_name": "Lin Mei"}}, "Lin Mei"),
        ({"real_name": "Lin Mei", "name": "lin"}, "Lin Mei"),
        ({"name": "lin"}, "lin"),
        ({"name": 7, "profile": None}, "U1"),
        (None, "U1"),
    ],
)
def test_what_a_member_is_called(said: Any, name: str) -> None:
    assert read_user("U1", said).name == name


def test_a_member_in_full() -> None:
    said = {
        "profile": {"display_name": "Lin", "email": "lin@example.com"},
        "locale": "zh-TW",
        "is_bot": True,
        "deleted": True,
    }
    assert read_user("U1", said) == SlackUser(
        id="U1", name="Lin", email="lin@example.com", language="zh-TW", is_bot=True, deleted=True
    )


async def test_calls_do_not_wait_for_each_other() -> None:
    async with slack_at_work() as (slack, api, _):
        slow = asyncio.ensure_future(post(api))
        slack.script[POST] = ["silence"]
        assert (await api.user("U1")).name == "Lin"
        slow.cancel()
        await asyncio.wait({slow})
        assert slow.cancelled()
