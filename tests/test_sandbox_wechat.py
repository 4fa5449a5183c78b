"""The WeChat stand-in, called as an account's server calls WeChat, and its pushes to a small webhook."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import ImageReply, TextReply
from wechatpy.utils import check_signature

from bots.sandbox.acting import Refused, Upload
from bots.sandbox.config import SandboxConfig, WeChatSide
from bots.sandbox.hub import Fault
from bots.sandbox.pace import Pace
from bots.sandbox.server import Sandbox
from bots.sandbox.wechat.phone import OUTAGE, WeChatPhone
from bots.sandbox.wechat.seal import sign

TOKEN, APP, KEY = "sandboxtoken", "wx00000000000000aa", "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (2).to_bytes(4, "big") * 2 + bytes(20)
AMR = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(40)
CALM = Pace(wechat_lead=5)
HASTY = Pace(wechat_patience=0.15, wechat_lead=0.02)


@dataclass
class Shop:
    """An account's server: verifies, keeps what came, answers with ``reply``."""

    crypto: WeChatCrypto = field(default_factory=lambda: WeChatCrypto(TOKEN, KEY, APP))
    messages: list[Any] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    reply: Callable[[Any], Awaitable[web.Response]] | None = None

    async def take(self, request: web.Request) -> web.Response:
        query, body = dict(request.query), await request.read()
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        self.queries.append(query)
        self.bodies.append(body)
        if query.get("encrypt_type") == "aes":
            body = self.crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"]
            ).encode()
        message = parse_message(body.decode())
        self.messages.append(message)
        return await self.reply(message) if self.reply else web.Response(text="success")

    def sealed(self, reply: Any) -> web.Response:
        return web.Response(text=self.crypto.encrypt_message(reply.render(), "nonce", "1700000000"))

    def says(self, text: str, seal: bool = True) -> None:
        async def answer(message: Any) -> web.Response:
            reply = TextReply(content=text, message=message)
            return self.sealed(reply) if seal else web.Response(text=reply.render())

        self.reply = answer


@dataclass
class World:
    sandbox: Sandbox
    shop: Shop
    http: aiohttp.ClientSession
    token: str = ""

    @property
    def phone(self) -> WeChatPhone:
        return self.sandbox.wechat.phone("shop")

    async def get(self, method: str, **query: str) -> Any:
        query = {"access_token": self.token, **query}
        async with self.http.get(f"{self.sandbox.url}/cgi-bin/{method}", params=query) as answer:
            assert answer.status == 200
            return await answer.json(content_type=None)

    async def post(self, method: str, body: Any, **query: str) -> Any:
        query = {"access_token": self.token, **query}
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        async with self.http.post(f"{self.sandbox.url}/cgi-bin/{method}", params=query, data=data) as answer:
            assert answer.status == 200
            return await answer.json(content_type=None)

    async def code(self, method: str, body: Any, **query: str) -> int:
        answer: int = (await self.post(method, body, **query))["errcode"]
        return answer

    async def send(self, text: str = "hello") -> int:
        body = {"touser": self.phone.user, "msgtype": "text", "text": {"content": text}}
        return await self.code("message/custom/send", body)

    async def upload(self, kind: str, data: bytes, name: str = "photo.png") -> Any:
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(data), filename=name)
        address = f"{self.sandbox.url}/cgi-bin/media/upload"
        async with self.http.post(
            address, params={"access_token": self.token, "type": kind}, data=form
        ) as answer:
            return await answer.json(content_type=None)

    async def sign_in(self, **more: Any) -> Any:
        body = {"grant_type": "client_credential", "appid": APP, "secret": "app-secret", **more}
        return await self.post("stable_token", body)


@asynccontextmanager
async def opened(mode: str = "aes", pace: Pace = CALM) -> AsyncIterator[World]:
    shop = Shop()
    app = web.Application()
    app.router.add_post("/wechat/shop", shop.take)
    async with AsyncExitStack() as stack:
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        stack.push_async_callback(server.close)
        side = WeChatSide(
            account="shop",
            app_id=APP,
            app_secret="app-secret",
            token=TOKEN,
            aes_key=KEY,
            mode=mode,
            webhook=str(server.make_url("/wechat/shop")),
        )
        sandbox = Sandbox(SandboxConfig(host="127.0.0.1", port=0, wechat=(side,)), pace)
        await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        world = World(sandbox, shop, http)
        world.token = (await world.sign_in())["access_token"]
        yield world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with opened() as world:
        yield world


@pytest.fixture
async def hasty() -> AsyncIterator[World]:
    """Where WeChat soon gives up waiting."""
    async with opened(pace=HASTY) as world:
        yield world


# --- pushes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["plain", "compatible", "aes"])
async def test_a_text_arrives_signed_and_the_passive_reply_is_shown(mode: str) -> None:
    async with opened(mode) as world:
        world.shop.says("7 天内 < & > 可以", seal=mode == "aes")
        pushed = await world.phone.say("怎么退货 ]]> <xml>")
        assert (pushed.status, pushed.tries, pushed.text) == (200, 1, "7 天内 < & > 可以")
        assert world.shop.messages[0].content == "怎么退货 ]]> <xml>"
        assert world.shop.messages[0].source == world.phone.user
        assert (b"<Content>" in world.shop.bodies[0]) == (mode != "aes")
        assert ("msg_signature" in world.shop.queries[0]) == (mode != "plain")
        assert [(one["from"], one.get("passive", False)) for one in world.phone.messages] == [
            ("me", False),
            ("bot", True),
        ]


async def test_the_compatible_form_carries_both_and_takes_an_encrypted_answer() -> None:
    async with opened("compatible") as world:
        world.shop.says("sealed")
        assert (await world.phone.say("hi")).text == "sealed"
        assert b"<Encrypt>" in world.shop.bodies[0]
        assert b"<Content>" in world.shop.bodies[0]


async def test_success_and_nothing_show_nothing(world: World) -> None:
    assert (await world.phone.say("hi")).reply is None

    async def empty(_: Any) -> web.Response:
        return web.Response()

    world.shop.reply = empty
    assert (await world.phone.say("hi")).reply is None
    assert len(world.phone.messages) == 2


@pytest.mark.parametrize(
    "body",
    [
        "OK",
        '{"ok":true}',
        "<xml></xml>",
        "<!DOCTYPE x><xml/>",
        "<xml><Encrypt>!</Encrypt></xml>",
        "<xml>]]></xml>",
    ],
)
async def test_an_answer_that_is_no_reply_shows_the_outage(world: World, body: str) -> None:
    async def answer(_: Any) -> web.Response:
        return web.Response(text=body)

    world.shop.reply = answer
    pushed = await world.phone.say("hi")
    assert (pushed.tries, pushed.text) == (1, "")
    assert (world.phone.messages[-1]["from"], world.phone.messages[-1]["text"]) == ("system", OUTAGE)


async def test_an_encrypted_account_takes_no_plain_reply_and_none_for_somebody_else(world: World) -> None:
    world.shop.says("plain", seal=False)
    await world.phone.say("hi")
    assert world.phone.messages[-1]["text"] == OUTAGE

    async def astray(message: Any) -> web.Response:
        return world.shop.sealed(TextReply(content="x", source=message.target, target="o-nobody"))

    world.shop.reply = astray
    await world.phone.say("hi")
    assert world.phone.messages[-1]["text"] == OUTAGE


async def test_a_reply_that_is_too_long_is_an_outage(world: World) -> None:
    world.shop.says("长" * 683)
    await world.phone.say("hi")
    assert world.phone.messages[-1]["text"] == OUTAGE


async def test_a_picture_can_be_the_passive_reply(world: World) -> None:
    media = (await world.upload("image", PNG))["media_id"]

    async def answer(message: Any) -> web.Response:
        return world.shop.sealed(ImageReply(media_id=media, message=message))

    world.shop.reply = answer
    await world.phone.say("hi")
    assert world.phone.messages[-1]["kind"] == "image"
    assert world.phone.messages[-1]["passive"]


async def test_a_refusal_is_tried_three_times_with_one_id_and_fresh_signatures(hasty: World) -> None:
    async def away(_: Any) -> web.Response:
        return web.Response(status=503)

    hasty.shop.reply = away
    pushed = await hasty.phone.say("hi")
    assert (pushed.status, pushed.tries) == (503, 3)
    assert len({message.id for message in hasty.shop.messages}) == 1
    assert len({query["nonce"] for query in hasty.shop.queries}) == 3
    assert hasty.phone.messages[-1]["text"] == OUTAGE


async def test_a_slow_answer_is_given_up_and_the_next_try_can_succeed(hasty: World) -> None:
    async def slow_once(message: Any) -> web.Response:
        if len(hasty.shop.messages) == 1:
            await asyncio.Event().wait()
        return hasty.shop.sealed(TextReply(content="here", message=message))

    hasty.shop.reply = slow_once
    pushed = await hasty.phone.say("hi")
    assert (pushed.tries > 1, pushed.text) == (True, "here")


async def test_the_next_message_does_not_wait_for_a_slow_answer() -> None:
    release = asyncio.Event()
    async with opened(pace=Pace(wechat_lead=0.02)) as world:

        async def first_is_slow(message: Any) -> web.Response:
            if message.content == "one":
                await release.wait()
            return web.Response()

        world.shop.reply = first_is_slow
        first, second = world.phone.say("one"), world.phone.say("two")
        await second
        assert not first.done()
        release.set()
        await first
        assert {message.content for message in world.shop.messages} == {"one", "two"}


async def test_messages_arrive_in_order(world: World) -> None:
    going = [world.phone.say(str(number)) for number in range(20)]
    await asyncio.gather(*going)
    assert [message.content for message in world.shop.messages] == [str(number) for number in range(20)]


async def test_the_last_push_comes_again_byte_for_byte(world: World) -> None:
    world.shop.says("same")
    first = await world.phone.say("hi")
    again = await world.phone.again()
    assert (again.text, first.text) == ("same", "same")
    assert world.shop.bodies[0] == world.shop.bodies[1]
    assert world.shop.queries[0] == world.shop.queries[1]
    assert len(world.phone.messages) == 2


async def test_raw_bytes_are_validly_signed_unless_the_query_is_changed(world: World) -> None:
    event = b"<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName><CreateTime>1</CreateTime>"
    event += b"<MsgType>text</MsgType><Content>x</Content><MsgId>5</MsgId></xml>"
    assert (await world.phone.raw(event)).status == 200
    assert (await world.phone.raw(event, sealed=False)).status == 200
    assert (await world.phone.raw(event, query={"signature": "0" * 40})).status == 500
    assert [message.id for message in world.shop.messages] == [5, 5]
    assert "encrypt_type" not in world.shop.queries[1]


# --- what people do -------------------------------------------------------------------------------------------


async def test_everything_a_person_can_send(world: World) -> None:
    phone = world.phone
    await phone.send("image", Upload(data=PNG, name="p.png", mime="image/png"))
    await phone.send("voice", Upload(data=AMR, name="v.amr", mime="audio/amr"), recognition="怎么退货")
    await phone.send("video", Upload(data=MP4, name="v.mp4", mime="video/mp4"))
    await phone.send("file", Upload(data=b"%PDF-1", name="a.pdf", mime="application/pdf"))
    await phone.place(31.2304, 121.4737, "人民广场")
    await phone.link("T", "D", "https://shop.example/1")
    await phone.unknown("channels_video")
    image, voice, video, file, place, link, unknown = world.shop.messages
    assert (image.type, voice.type, video.type, place.type, link.type) == (
        "image",
        "voice",
        "video",
        "location",
        "link",
    )
    assert (voice.format, voice.recognition) == ("amr", "怎么退货")
    assert (place.label, place.location) == ("人民广场", ("31.230400", "121.473700"))
    assert (file._data["MsgType"], file._data["Title"]) == ("file", "a.pdf")
    assert unknown._data["MsgType"] == "channels_video"
    async with world.http.get(image.image) as answer:
        assert await answer.read() == PNG


async def test_a_picture_is_fetched_as_bytes_and_a_video_by_its_address(world: World) -> None:
    await world.phone.send("image", Upload(data=PNG, name="p.png", mime="image/png"))
    await world.phone.send("video", Upload(data=MP4, name="v.mp4", mime="video/mp4"))
    image, video = (message.media_id for message in world.shop.messages)
    address = f"{world.sandbox.url}/cgi-bin/media/get"
    query = {"access_token": world.token, "media_id": image}
    async with world.http.get(address, params=query) as answer:
        assert (await answer.read(), answer.content_type) == (PNG, "image/png")
        assert answer.content_disposition is not None
        assert answer.content_disposition.filename == f"{image}.png"
    where = (await world.get("media/get", media_id=video))["video_url"]
    async with world.http.get(where) as answer:
        assert (await answer.read(), answer.content_type) == (MP4, "video/mp4")


async def test_following_scanning_and_leaving(world: World) -> None:
    phone = await world.sandbox.wechat.newcomer("shop", "新人")
    with pytest.raises(Refused):
        phone.say("hi")
    await phone.scan("link-7")
    await phone.scan("link-8")
    await phone.unfollow()
    await phone.follow()
    events = [(message.event, getattr(message, "scene_id", "")) for message in world.shop.messages]
    assert events == [
        ("subscribe_scan", "link-7"),
        ("scan", "link-8"),
        ("unsubscribe", ""),
        ("subscribe", ""),
    ]
    assert not any("MsgId" in message._data for message in world.shop.messages)


async def test_a_choice_of_a_menu_message_comes_back_with_its_id(world: World) -> None:
    await world.phone.say("hi")
    body = {
        "touser": world.phone.user,
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "?",
            "list": [{"id": "faq:1", "content": "怎么退货"}],
            "tail_content": "",
        },
    }
    assert await world.code("message/custom/send", body) == 0
    assert world.phone.messages[-1]["choices"] == [[{"id": "faq:1", "label": "怎么退货"}]]
    with pytest.raises(Refused):
        world.phone.tap("faq:2")
    await world.phone.tap("faq:1")
    assert (world.shop.messages[-1].content, world.shop.messages[-1]._data["bizmsgmenuid"]) == (
        "怎么退货",
        "faq:1",
    )


async def test_the_service_menu_is_set_shown_and_clicked(world: World) -> None:
    assert (await world.get("menu/get"))["errcode"] == 46003
    leaf = {"type": "view", "name": "网店", "url": "https://shop.example/"}
    buttons = [{"type": "click", "name": "问题", "key": "faq"}, {"name": "更多", "sub_button": [leaf]}]
    assert await world.code("menu/create", {"button": buttons}) == 0
    assert [entry["key"] for entry in world.phone.state()["menu"]] == ["faq", "https://shop.example/"]
    await world.phone.menu("faq")
    await world.phone.menu("https://shop.example/")
    assert [message._data["Event"] for message in world.shop.messages] == ["CLICK", "VIEW"]
    current = await world.get("get_current_selfmenu_info")
    assert current["is_menu_open"] == 1
    assert current["selfmenu_info"]["button"][1]["sub_button"]["list"] == [leaf]
    assert (await world.get("menu/delete"))["errcode"] == 0
    with pytest.raises(Refused):
        world.phone.menu("faq")


@pytest.mark.parametrize(
    ("button", "code"),
    [
        ([], 40016),
        ([{"type": "click", "name": "名" * 6, "key": "k"}], 40018),
        ([{"type": "click", "name": "n", "key": ""}], 40019),
        ([{"type": "view", "name": "n", "url": ""}], 40020),
        ([{"type": "nonsense", "name": "n"}], 40017),
        ([{"name": "n", "sub_button": [{"type": "click", "name": "n", "key": "k"}] * 6}], 40023),
    ],
)
async def test_a_menu_that_wechat_refuses(world: World, button: Any, code: int) -> None:
    assert await world.code("menu/create", {"button": button}) == code


# --- sending --------------------------------------------------------------------------------------------------


async def test_five_sends_after_a_message_and_no_more_until_the_next(world: World) -> None:
    assert await world.send() == 45015
    await world.phone.say("hi")
    assert [await world.send() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await world.phone.say("again")
    assert await world.send() == 0


async def test_the_window_closes_after_48_hours(world: World) -> None:
    await world.phone.say("hi")
    quota, now = world.phone.quota, world.sandbox.hub.now()
    assert quota.left(now + timedelta(hours=47, minutes=59)) == 5
    assert quota.left(now + timedelta(hours=48, minutes=1)) == 0


async def test_a_click_opens_three_sends_for_a_minute_and_does_not_add_to_the_five(world: World) -> None:
    phone = await world.sandbox.wechat.newcomer("shop")
    await phone.follow()
    now = world.sandbox.hub.now()
    assert phone.quota.left(now) == 3
    assert phone.quota.left(now + timedelta(seconds=61)) == 0
    await phone.say("hi")
    assert phone.quota.left(now) == 5
    phone.quota.spend(now)
    await phone.scan("s")
    assert phone.quota.left(world.sandbox.hub.now()) == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"touser": "o-nobody"}, 40003),
        ({"touser": ["o"]}, 40003),
        ({"msgtype": "carrier-pigeon"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": "长" * 683}}, 45002),
        ({"text": {"content": "长" * 682}}, 0),
        ({"msgtype": "image", "image": {"media_id": "m"}}, 40007),
        ({"msgtype": "image", "image": {}}, 41006),
        ({"msgtype": "msgmenu", "msgmenu": {"head_content": "", "list": [], "tail_content": ""}}, 40035),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1", "content": "c"}] * 21}}, 45098),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": 1}]}}, 47001),
        ({"msgtype": "news", "news": {"articles": [{"title": "t"}] * 2}}, 45008),
    ],
)
async def test_what_the_send_api_takes_and_refuses(world: World, body: Any, code: int) -> None:
    await world.phone.say("hi")
    known = {"touser": world.phone.user, "msgtype": "text", "text": {"content": "hello"}}
    assert await world.code("message/custom/send", {**known, **body}) == code


@pytest.mark.parametrize(("body", "code"), [(b"", 44002), (b"no", 47001), (b"[]", 47001), (b"\xff", 47001)])
async def test_a_body_that_is_no_object_is_refused(world: World, body: bytes, code: int) -> None:
    assert await world.code("message/custom/send", body) == code


async def test_escaped_chinese_is_shown_as_it_stands_there(world: World) -> None:
    await world.phone.say("hi")
    body = {"touser": world.phone.user, "msgtype": "text", "text": {"content": "你好\n\\u"}}
    assert await world.code("message/custom/send", json.dumps(body).encode()) == 0
    assert world.phone.messages[-1]["text"] == "\\u4f60\\u597d\n\\u"


async def test_somebody_who_left_or_turned_messages_off_gets_nothing(world: World) -> None:
    await world.phone.say("hi")
    world.phone.accepts = False
    assert await world.send() == 48002
    await world.phone.unfollow()
    assert await world.send() == 43004


async def test_an_account_without_customer_service(world: World) -> None:
    world.sandbox.wechat.account("shop").customer_service = False
    await world.phone.say("hi")
    assert await world.send() == 48001


async def test_typing_is_shown_for_a_while_and_only_soon_after_something_happened(world: World) -> None:
    body = {"touser": world.phone.user, "command": "Typing"}
    assert await world.code("message/custom/typing", body) == 45080
    await world.phone.say("hi")
    with world.sandbox.hub.listening() as events:
        assert await world.code("message/custom/typing", body) == 0
        assert events.get_nowait() == {"what": "typing", "account": "shop", "user": world.phone.user}
    assert await world.code("message/custom/typing", body) == 45081
    assert await world.code("message/custom/typing", {**body, "command": "CancelTyping"}) == 0
    assert await world.code("message/custom/typing", {**body, "command": "Shout"}) == 45072
    assert await world.code("message/custom/typing", body) == 0


# --- media ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("image", PNG, 0),
        ("image", b"\xff\xd8\xff" + bytes(10), 0),
        ("image", b"<svg/>", 40005),
        ("image", PNG + bytes(10 * 2**20), 40006),
        ("image", b"", 44001),
        ("voice", AMR, 0),
        ("voice", b"#!AMR\n" + (b"\x3c" + bytes(31)) * 3001, 45007),
        ("voice", b"OggS" + bytes(10), 40005),
        ("voice", b"ID3" + bytes(2 * 2**20), 40006),
        ("video", MP4, 0),
        ("video", PNG, 40005),
        ("file", PNG, 40004),
    ],
)
async def test_what_can_be_uploaded(world: World, kind: str, data: bytes, code: int) -> None:
    answer = await world.upload(kind, data)
    assert answer.get("errcode", 0) == code
    assert ("media_id" in answer) == (code == 0)


async def test_uploaded_media_can_be_sent_as_what_it_is(world: World) -> None:
    await world.phone.say("hi")
    media = (await world.upload("image", PNG))["media_id"]
    body = {"touser": world.phone.user, "msgtype": "voice", "voice": {"media_id": media}}
    assert await world.code("message/custom/send", body) == 40007
    body = {"touser": world.phone.user, "msgtype": "image", "image": {"media_id": media}}
    assert await world.code("message/custom/send", body) == 0
    async with world.http.get(world.sandbox.url + world.phone.messages[-1]["file"]) as answer:
        assert await answer.read() == PNG


async def test_unknown_media_and_a_form_without_a_file(world: World) -> None:
    assert (await world.get("media/get", media_id="m"))["errcode"] == 40007
    assert (await world.get("media/get"))["errcode"] == 41006
    assert await world.code("media/upload", b"x", type="image") == 41005


# --- tokens, users, codes ---------------------------------------------------------------------------------------


async def test_stable_tokens_stay_until_they_are_forced(world: World) -> None:
    assert (await world.sign_in())["access_token"] == world.token
    assert 7100 < (await world.sign_in())["expires_in"] <= 7200
    forced = (await world.sign_in(force_refresh=True))["access_token"]
    assert forced != world.token
    assert (await world.get("menu/get"))["errcode"] == 40001
    world.token = forced
    assert (await world.get("menu/get"))["errcode"] == 46003


async def test_plain_tokens_are_new_each_time(world: World) -> None:
    query = {"grant_type": "client_credential", "appid": APP, "secret": "app-secret"}
    first = (await world.get("token", **query))["access_token"]
    second = (await world.get("token", **query))["access_token"]
    assert first != second
    tokens, now = world.sandbox.wechat.account("shop").tokens, world.sandbox.hub.now()
    tokens.check(first, now)
    tokens.check(second, now)
    with pytest.raises(Exception, match="42001"):
        tokens.check(first, now + timedelta(minutes=6))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"appid": "wx1"}, 40013),
        ({"secret": "no"}, 40125),
        ({"grant_type": "x"}, 40002),
        ({"appid": ""}, 41002),
    ],
)
async def test_wrong_credentials(world: World, wrong: dict[str, str], code: int) -> None:
    assert (await world.sign_in(**wrong))["errcode"] == code


async def test_a_call_with_no_token_a_wrong_one_the_wrong_verb_or_the_wrong_path(world: World) -> None:
    assert (await world.get("menu/get", access_token=""))["errcode"] == 41001
    assert (await world.get("menu/get", access_token="x"))["errcode"] == 40001
    assert (await world.get("menu/create"))["errcode"] == 43002
    assert await world.code("menu/get", b"{}") == 43001
    assert (await world.get("no/such/thing"))["errcode"] == 40066
    world.sandbox.wechat.account("shop").tokens.revoke()
    assert (await world.get("menu/get"))["errcode"] == 40001


async def test_user_info_has_no_names(world: World) -> None:
    info = await world.get("user/info", openid=world.phone.user)
    assert (info["subscribe"], info["nickname"]) == (1, "")
    await world.phone.unfollow()
    assert (await world.get("user/info", openid=world.phone.user))["subscribe"] == 0
    assert (await world.get("user/info", openid="o-nobody"))["errcode"] == 40003


async def test_a_qr_code_and_its_limits(world: World) -> None:
    scene = {"scene": {"scene_str": "link-1"}}
    body: dict[str, Any] = {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": scene}
    made = await world.post("qrcode/create", body)
    assert (made["expire_seconds"], bool(made["ticket"])) == (600, True)
    await world.phone.scan("link-1")
    assert world.shop.messages[-1]._data["Ticket"] == made["ticket"]
    assert (
        await world.code("qrcode/create", {**body, "action_info": {"scene": {"scene_str": "x" * 65}}})
        == 40053
    )
    assert await world.code("qrcode/create", {**body, "expire_seconds": 2592001}) == 40035


async def test_the_accounts_own_auto_replies_can_be_on(world: World) -> None:
    assert (await world.get("get_current_autoreply_info"))["is_autoreply_open"] == 0
    world.sandbox.wechat.account("shop").auto_replies = True
    assert (await world.get("get_current_autoreply_info"))["is_autoreply_open"] == 1


# --- faults -----------------------------------------------------------------------------------------------------


def arm(world: World, fault: str, **more: Any) -> None:
    world.sandbox.hub.arm(Fault(platform="wechat", method="message/custom/send", fault=fault, **more))


async def test_error_codes_and_statuses_on_demand(world: World) -> None:
    await world.phone.say("hi")
    arm(world, "-1", count=2)
    assert [await world.send() for _ in range(3)] == [-1, -1, 0]
    arm(world, "500")
    address = f"{world.sandbox.url}/cgi-bin/message/custom/send"
    async with world.http.post(address, params={"access_token": world.token}) as answer:
        assert answer.status == 500


async def test_no_answer_means_that_nothing_was_done(world: World) -> None:
    await world.phone.say("hi")
    arm(world, "timeout")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await world.send()
    assert world.phone.messages[-1]["from"] == "me"


async def test_a_lost_answer_means_that_all_was_done(world: World) -> None:
    await world.phone.say("hi")
    arm(world, "drop_answer")
    with pytest.raises(aiohttp.ClientError):
        await world.send("lost")
    assert world.phone.messages[-1]["text"] == "lost"


async def test_signatures_are_as_wechat_documents_them() -> None:
    parts = sorted(["AAAAA", "1714037059", "486452656"])
    assert sign("AAAAA", "1714037059", "486452656") == hashlib.sha1("".join(parts).encode()).hexdigest()
    assert sign("AAAAA", "1714037059", "486452656").startswith("899cf89e")
