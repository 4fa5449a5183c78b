"""The Telegram stand-in, called by python-telegram-bot as the real Bot API is, and its pushes to a small webhook."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MenuButtonCommands,
    Message,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from bots.sandbox.acting import Refused, Upload
from bots.sandbox.config import SandboxConfig, TelegramSide
from bots.sandbox.hub import Fault
from bots.sandbox.pace import Pace
from bots.sandbox.server import Sandbox
from bots.sandbox.telegram.html import parse_html, utf16
from bots.sandbox.telegram.phone import TelegramPhone

TOKEN = "100001:sandbox-demo-token"
SECRET = "secret_1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (2).to_bytes(4, "big") * 2 + bytes(20)
OGG = b"OggS" + bytes(60)
QUICK = Pace(telegram_first_pause=0.02, telegram_longest_pause=0.05)
YES = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


@dataclass
class Door:
    """The bot's webhook: keeps what came with the right secret; ``reply`` decides the status."""

    url: str = ""
    updates: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    reply: Callable[[dict[str, Any]], Awaitable[int]] | None = None

    async def take(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != SECRET:
            return web.Response(status=403)
        body = await request.read()
        update = json.loads(body)
        self.updates.append(update)
        self.bodies.append(body)
        return web.Response(status=await self.reply(update) if self.reply else 200)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.updates if "message" in update]

    @property
    def kinds(self) -> list[str]:
        return [next(name for name in update if name != "update_id") for update in self.updates]


@dataclass
class World:
    sandbox: Sandbox
    bot: Bot
    door: Door
    http: aiohttp.ClientSession

    @property
    def phone(self) -> TelegramPhone:
        return self.sandbox.telegram.phone("shop")

    async def hook(self) -> None:
        await self.bot.set_webhook(self.door.url, secret_token=SECRET)

    async def call(self, method: str, **body: Any) -> Any:
        """The bare API, where the library would not let a mistake through."""
        async with self.http.post(f"{self.sandbox.url}/bot{TOKEN}/{method}", json=body) as answer:
            result = await answer.json()
            assert answer.status == result.get("error_code", 200)
            return result

    async def why(self, method: str, **body: Any) -> str:
        return str((await self.call(method, **body))["description"])


def make_bot(url: str) -> Bot:
    requests = [HTTPXRequest(read_timeout=10) for _ in range(2)]
    return Bot(
        TOKEN,
        base_url=f"{url}/bot",
        base_file_url=f"{url}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    door = Door()
    app = web.Application()
    app.router.add_post("/telegram/shop", door.take)
    async with AsyncExitStack() as stack:
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        stack.push_async_callback(server.close)
        door.url = str(server.make_url("/telegram/shop"))
        side = TelegramSide(account="shop", token=TOKEN)
        sandbox = Sandbox(SandboxConfig(host="127.0.0.1", port=0, telegram=(side,)), QUICK)
        await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        bot = await stack.enter_async_context(make_bot(sandbox.url))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield World(sandbox, bot, door, http)


@pytest.fixture
async def hooked(world: World) -> World:
    """With a webhook, and a person who has pressed START."""
    await world.hook()
    await world.phone.start()
    return world


def files(*names: str) -> list[tuple[str, Upload]]:
    return [("image", Upload(data=PNG, name=name, mime="image/png")) for name in names]


# --- who it is and how it is reached ----------------------------------------------------------------------------


async def test_the_bot_knows_itself_and_a_wrong_token_is_refused(world: World) -> None:
    me = await world.bot.get_me()
    assert (me.id, me.username, me.is_bot) == (100001, "shop_bot", True)
    other = Bot("1:wrong", base_url=f"{world.sandbox.url}/bot")
    with pytest.raises(InvalidToken):
        await other.initialize()
    await other.shutdown()
    assert await world.why("noSuchThing") == "Not Found: method not found"


async def test_the_webhook_is_told_with_the_secret_and_kept(world: World) -> None:
    assert (await world.bot.get_webhook_info()).url == ""
    await world.hook()
    assert (await world.phone.start("from-wechat_7")).status == 200
    update = Update.de_json(world.door.updates[0], world.bot)
    assert update.message is not None
    assert update.message.text == "/start from-wechat_7"
    assert update.message.entities[0].type == "bot_command"
    assert update.effective_user is not None
    assert (update.effective_user.full_name, update.effective_user.language_code) == ("Anna Petrova", "en")
    info = await world.bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (world.door.url, 0)


@pytest.mark.parametrize(
    ("url", "secret", "why"),
    [
        ("http://shop.example/x", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("ftp://127.0.0.1/x", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://", "", "bad webhook: invalid webhook URL specified"),
        ("https://[", "", "bad webhook: invalid webhook URL specified"),
        ("https://shop.example/x", "not allowed!", "secret token contains unallowed characters"),
    ],
)
async def test_a_webhook_that_telegram_refuses(world: World, url: str, secret: str, why: str) -> None:
    assert await world.why("setWebhook", url=url, secret_token=secret) == f"Bad Request: {why}"


async def test_a_failed_push_comes_again_and_is_remembered(hooked: World) -> None:
    answers = iter([500, 503, 503])

    async def reply(_: Any) -> int:
        return next(answers, 200)

    hooked.door.reply = reply
    going = hooked.phone.say("hi")
    info = await hooked.sandbox.hub.until(lambda: hooked.sandbox.telegram.bot().updates.pending)
    assert info
    pushed = await going
    assert (pushed.status, pushed.tries) == (200, 4)
    assert len({update["update_id"] for update in hooked.door.updates[1:]}) == 1
    assert (await hooked.bot.get_webhook_info()).last_error_message is None


async def test_what_went_wrong_stands_in_the_webhook_info(hooked: World) -> None:
    async def reply(_: Any) -> int:
        return 503

    hooked.door.reply = reply
    hooked.phone.say("hi")
    updates = hooked.sandbox.telegram.bot().updates
    await hooked.sandbox.hub.until(lambda: updates.trouble)
    info = await hooked.bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert info.pending_update_count == 1


async def test_one_chat_waits_for_its_own_earlier_message_and_for_no_other(hooked: World) -> None:
    other = await hooked.sandbox.telegram.newcomer("shop", "Bo", "en")
    release = asyncio.Event()

    async def reply(update: Any) -> int:
        if update["message"]["text"] == "slow":
            await release.wait()
        return 200

    hooked.door.reply = reply
    slow, behind = hooked.phone.say("slow"), hooked.phone.say("behind")
    await other.start()
    assert hooked.door.texts == ["/start", "slow", "/start"]
    assert not behind.done()
    release.set()
    await asyncio.gather(slow, behind)
    assert hooked.door.texts[-1] == "behind"


async def test_a_pressed_button_does_not_wait_for_messages(hooked: World) -> None:
    sent = await hooked.bot.send_message(hooked.phone.id, "?", reply_markup=YES)
    release = asyncio.Event()

    async def reply(update: Any) -> int:
        if "message" in update:
            await release.wait()
        return 200

    hooked.door.reply = reply
    slow = hooked.phone.say("slow")
    assert (await hooked.phone.tap(str(sent.message_id), "yes")).ok
    release.set()
    await slow


async def test_updates_wait_for_polling_and_go_once_they_are_confirmed(world: World) -> None:
    started = world.phone.start()
    updates = await world.bot.get_updates(timeout=0)
    assert [update.message.text for update in updates if update.message] == ["/start"]
    assert not started.done()
    waiting = asyncio.create_task(world.bot.get_updates(offset=updates[0].update_id + 1, timeout=10))
    assert (await started).status == 200
    said = world.phone.say("hi")
    [update] = await waiting
    assert update.update_id == updates[0].update_id + 1
    assert await world.bot.get_updates(offset=update.update_id + 1, timeout=0) == ()
    assert (await said).ok


async def test_polling_and_webhook_exclude_each_other_and_so_do_two_polls(world: World) -> None:
    first = asyncio.create_task(world.bot.get_updates(timeout=10))
    updates = world.sandbox.telegram.bot().updates
    await world.sandbox.hub.until(lambda: updates.polls)
    async with make_bot(world.sandbox.url) as other:
        second = asyncio.create_task(other.get_updates(timeout=10))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await first
        await world.hook()
        with pytest.raises(Conflict, match="terminated by setWebhook"):
            await second
    with pytest.raises(Conflict, match="while webhook is active"):
        await world.bot.get_updates(timeout=0)
    await world.bot.delete_webhook()
    assert await world.bot.get_updates(timeout=0) == ()


async def test_what_waited_is_pushed_once_there_is_a_webhook_unless_it_is_dropped(world: World) -> None:
    world.phone.start()
    waiting = world.phone.say("hi")
    await world.hook()
    assert (await waiting).ok
    assert world.door.texts == ["/start", "hi"]
    await world.bot.delete_webhook()
    dropped = world.phone.say("dropped")
    await world.bot.delete_webhook(drop_pending_updates=True)
    assert (await dropped).why == "dropped"


async def test_allowed_updates_leave_the_rest_out(world: World) -> None:
    await world.bot.set_webhook(world.door.url, secret_token=SECRET, allowed_updates=["message"])
    await world.phone.start()
    assert (await world.phone.block()).status is None
    assert world.door.kinds == ["message"]


async def test_the_last_push_again_and_bytes_of_ones_own(hooked: World) -> None:
    assert (await hooked.phone.again()).ok
    assert hooked.door.bodies[0] == hooked.door.bodies[1]
    assert (await hooked.phone.raw(b'{"update_id": 1}')).ok
    assert (await hooked.phone.raw(b'{"update_id": 1}', secret="wrong")).status == 403


# --- what people do ---------------------------------------------------------------------------------------------


async def test_everything_a_person_can_send_is_read_by_the_library(hooked: World) -> None:
    phone = hooked.phone
    await phone.say("hi")
    for kind in ("image", "voice", "video", "file", "audio"):
        await phone.send(kind, Upload(data=PNG, name="x.bin", mime="application/x-test"), "a caption")
    await phone.sticker()
    await phone.location(31.2304, 121.4737, "人民广场")
    await phone.contact("Bo", "+10000")
    await asyncio.gather(*phone.album(files("1.png", "2.png"), "both"))
    messages = [Update.de_json(update, hooked.bot).message for update in hooked.door.updates[1:]]
    known = [message for message in messages if message is not None]
    assert len(known) == 11
    kinds = ("photo", "voice", "video", "document", "audio", "sticker", "location", "contact")
    assert [kind for message in known for kind in kinds if getattr(message, kind)] == [
        *kinds,
        "photo",
        "photo",
    ]
    assert known[7].venue is not None
    assert [message.caption for message in known[1:6]] == ["a caption"] * 5
    assert known[-1].media_group_id
    assert known[-1].media_group_id == known[-2].media_group_id
    assert [one["kind"] for one in phone.messages[2:6]] == ["image", "voice", "video", "file"]


async def test_a_photo_has_sizes_and_the_largest_is_the_photo(hooked: World) -> None:
    await hooked.phone.send("image", Upload(data=PNG, name="p.png", mime="image/png"))
    message = Update.de_json(hooked.door.updates[-1], hooked.bot).message
    assert message is not None
    largest = max(message.photo, key=lambda size: size.width)
    assert len(message.photo) == 2
    file = await hooked.bot.get_file(largest.file_id)
    assert bytes(await file.download_as_bytearray()) == PNG
    with pytest.raises(BadRequest, match=r"(?i)invalid file_id"):
        await hooked.bot.get_file("nothing")


async def test_a_file_over_20_megabytes_cannot_be_fetched(hooked: World) -> None:
    await hooked.phone.send("file", Upload(data=bytes(20 * 2**20 + 1), name="big.bin", mime=""))
    with pytest.raises(BadRequest, match=r"(?i)file is too big"):
        await hooked.bot.get_file(hooked.door.updates[-1]["message"]["document"]["file_id"])


async def test_an_edit_is_an_update_of_its_own(hooked: World) -> None:
    await hooked.phone.say("helo")
    own = hooked.phone.messages[-1]
    await hooked.phone.edit(own["id"], "hello")
    edited = Update.de_json(hooked.door.updates[-1], hooked.bot).edited_message
    assert edited is not None
    assert (edited.text, str(edited.message_id)) == ("hello", own["id"])
    assert edited.edit_date is not None
    assert (own["text"], own["edited"]) == ("hello", True)
    assert hooked.door.texts[-1] == "helo"


async def test_a_blocked_bot_gets_403_until_it_is_unblocked(hooked: World) -> None:
    await hooked.phone.block()
    change = Update.de_json(hooked.door.updates[-1], hooked.bot).my_chat_member
    assert change is not None
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await hooked.bot.send_message(hooked.phone.id, "hi")
    with pytest.raises(Refused):
        hooked.phone.say("hi")
    await hooked.phone.start()
    assert hooked.door.kinds[-2:] == ["my_chat_member", "message"]
    await hooked.bot.send_message(hooked.phone.id, "hi")


async def test_nobody_is_written_to_who_never_started(world: World) -> None:
    for chat in (world.phone.id, 424242):
        with pytest.raises(BadRequest, match=r"(?i)chat not found"):
            await world.bot.send_message(chat, "hi")
    assert await world.why("sendMessage", text="x") == "Bad Request: chat_id is empty"
    for verb in (world.phone.sticker, world.phone.unblock):
        with pytest.raises(Refused):
            verb()
    with pytest.raises(Refused):
        world.phone.start("with spaces")


async def test_in_a_group_a_mention_is_marked_and_can_be_answered(hooked: World) -> None:
    group = hooked.sandbox.telegram.group("shop")
    await hooked.phone.mention(group, "hey @shop_bot help")
    message = Update.de_json(hooked.door.updates[-1], hooked.bot).message
    assert message is not None
    assert (message.chat.type, message.parse_entities()) == ("supergroup", {message.entities[0]: "@shop_bot"})
    await hooked.bot.send_message(group.id, "write to me directly", reply_to_message_id=message.message_id)
    assert group.messages[-1]["text"] == "write to me directly"


# --- what a bot sends -------------------------------------------------------------------------------------------


async def test_html_is_parsed_and_shown_as_it_was_sent(hooked: World) -> None:
    html = '<b>Hi</b> 👋 &lt;you&gt; <a href="https://shop.example/?a=1&amp;b=2">here</a>'
    sent = await hooked.bot.send_message(hooked.phone.id, html, parse_mode=ParseMode.HTML)
    assert sent.text == "Hi 👋 <you> here"
    assert [sent.parse_entity(entity) for entity in sent.entities] == ["Hi", "here"]
    assert sent.entities[1].url == "https://shop.example/?a=1&b=2"
    shown = hooked.phone.messages[-1]
    assert (shown["text"], shown["plain"], shown["html"]) == (html, sent.text, True)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("长<p>x</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("1 < 2 > 1", 'Unsupported start tag "" at byte offset 2'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href='x>y", "Unclosed start tag at byte offset 0"),
    ],
)
async def test_broken_html_is_refused_as_telegram_does(hooked: World, source: str, why: str) -> None:
    answer = await hooked.why("sendMessage", chat_id=hooked.phone.id, text=source, parse_mode="HTML")
    assert answer == f"Bad Request: can't parse entities: {why}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("a &amp; b & c &#65;&#x42; &nope; &#0;", "a & b & c AB &nope; &#0;", []),
        ("👋<i>x</i>", "👋x", [("italic", 2, 1)]),
        ("<B>x<i>y</i></B>", "xy", [("bold", 0, 2), ("italic", 1, 1)]),
        ('<a href="">x</a><b></b>', "x", []),
        (
            '<span class="tg-spoiler">x</span><blockquote expandable>y</blockquote>',
            "xy",
            [("spoiler", 0, 1), ("blockquote", 1, 1)],
        ),
        ('<pre><code class="language-py">x</code></pre>', "x", [("code", 0, 1), ("pre", 0, 1)]),
        ("1 > 0", "1 > 0", []),
    ],
)
def test_what_html_means(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    parsed, found = parse_html(source)
    assert (parsed, [(one["type"], one["offset"], one["length"]) for one in found]) == (text, entities)


async def test_length_is_counted_in_utf16_units_after_parsing(hooked: World) -> None:
    await hooked.bot.send_message(hooked.phone.id, "👋" * 2048)
    await hooked.bot.send_message(hooked.phone.id, "<b>" + "x" * 4096 + "</b>", parse_mode=ParseMode.HTML)
    with pytest.raises(BadRequest, match=r"(?i)message is too long"):
        await hooked.bot.send_message(hooked.phone.id, "👋" * 2048 + "x")
    assert utf16("👋x") == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"text": " \n"}, "message text is empty"),
        ({}, "message text is empty"),
        ({"text": "\u200b"}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x", "parse_mode": "Nonsense"}, "unsupported parse_mode"),
        ({"text": "\ud83d"}, "strings must be encoded in UTF-8"),
        ({"text": "x", "reply_parameters": {"message_id": 1}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"text": "x", "reply_markup": []}, "object expected as reply markup"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "长" * 22}]]}},
            "BUTTON_DATA_INVALID",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "b"}]]}},
            "text buttons are unallowed in the inline keyboard",
        ),
    ],
)
async def test_a_text_that_is_refused(hooked: World, body: dict[str, Any], why: str) -> None:
    assert await hooked.why("sendMessage", chat_id=hooked.phone.id, **body) == f"Bad Request: {why}"


async def test_methods_take_queries_forms_and_any_case(hooked: World) -> None:
    query = {"chat_id": str(hooked.phone.id), "text": "by query"}
    async with hooked.http.get(f"{hooked.sandbox.url}/bot{TOKEN}/SENDMESSAGE", params=query) as answer:
        assert (await answer.json())["result"]["text"] == "by query"
    address = f"{hooked.sandbox.url}/bot{TOKEN}/sendMessage"
    async with hooked.http.post(address, data={**query, "text": "by form"}) as answer:
        assert (await answer.json())["result"]["text"] == "by form"
    async with hooked.http.post(address, data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400


async def test_every_kind_of_file_arrives(hooked: World) -> None:
    bot, chat = hooked.bot, hooked.phone.id
    sent: list[Message] = [
        await bot.send_photo(chat, PNG, caption="<i>look</i>", parse_mode=ParseMode.HTML),
        await bot.send_document(chat, b"%PDF-1.4", filename="invoice.pdf"),
        await bot.send_voice(chat, OGG),
        await bot.send_audio(chat, b"ID3" + bytes(9)),
        await bot.send_video(chat, b"\x00\x00\x00\x18ftypmp42"),
        await bot.send_animation(chat, b"GIF89a" + bytes(9)),
        await bot.send_sticker(chat, b"RIFF0000WEBP"),
    ]
    kinds = [one["kind"] for one in hooked.phone.messages[1:]]
    assert kinds == ["image", "file", "voice", "file", "video", "video", "sticker"]
    assert (sent[0].caption, hooked.phone.messages[1]["plain"]) == ("look", "look")
    assert sent[1].document is not None
    assert (sent[1].document.file_name, hooked.phone.messages[2]["file_name"]) == (
        "invoice.pdf",
        "invoice.pdf",
    )
    async with hooked.http.get(hooked.sandbox.url + hooked.phone.messages[1]["file"]) as answer:
        assert (await answer.read(), answer.content_type) == (PNG, "image/png")
    again = await bot.send_photo(chat, sent[0].photo[-1].file_id)
    assert again.photo[-1].file_id == sent[0].photo[-1].file_id


async def test_a_voice_that_telegram_cannot_play_becomes_a_file(hooked: World) -> None:
    sent = await hooked.bot.send_voice(hooked.phone.id, b"RIFF0000WAVE")
    assert (sent.voice, bool(sent.document)) == (None, True)


@pytest.mark.parametrize(
    ("photo", "why"),
    [
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (b"", "file must be non-empty"),
        (PNG + bytes(10 * 2**20), "too big for a photo"),
        (PNG[:16] + (9000).to_bytes(4, "big") * 2, "PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_a_photo_that_is_refused(hooked: World, photo: bytes, why: str) -> None:
    form = aiohttp.FormData({"chat_id": str(hooked.phone.id)})
    form.add_field("photo", io.BytesIO(photo), filename="p.png")
    async with hooked.http.post(f"{hooked.sandbox.url}/bot{TOKEN}/sendPhoto", data=form) as answer:
        assert answer.status == 400
        assert why in (await answer.json())["description"]


async def test_a_file_over_50_megabytes_is_413(hooked: World) -> None:
    form = aiohttp.FormData({"chat_id": str(hooked.phone.id)})
    form.add_field("document", io.BytesIO(bytes(50 * 2**20 + 1)), filename="big.bin")
    async with hooked.http.post(f"{hooked.sandbox.url}/bot{TOKEN}/sendDocument", data=form) as answer:
        assert answer.status == 413
        assert (await answer.json())["error_code"] == 413


async def test_a_caption_and_a_reference_that_are_refused(hooked: World) -> None:
    with pytest.raises(BadRequest, match="caption is too long"):
        await hooked.bot.send_photo(hooked.phone.id, PNG, caption="x" * 1025)
    chat = hooked.phone.id
    assert "there is no photo" in await hooked.why("sendPhoto", chat_id=chat)
    assert "wrong file identifier" in await hooked.why("sendPhoto", chat_id=chat, photo="nothing")
    assert "failed to get HTTP URL" in await hooked.why(
        "sendPhoto", chat_id=chat, photo="https://shop.example/p"
    )
    assert "no attached" in await hooked.why("sendPhoto", chat_id=chat, photo="attach://p")


async def test_an_album_is_one_call_and_messages_of_its_own(hooked: World) -> None:
    media = [InputMediaPhoto(PNG, caption="both"), InputMediaPhoto(PNG)]
    sent = await hooked.bot.send_media_group(hooked.phone.id, media)
    assert len({message.media_group_id for message in sent}) == 1
    assert [one["text"] for one in hooked.phone.messages[-2:]] == ["both", ""]
    with pytest.raises(BadRequest, match="can't be mixed"):
        await hooked.bot.send_media_group(hooked.phone.id, [InputMediaPhoto(PNG), InputMediaDocument(OGG)])
    for many, why in ((1, "too few"), (11, "too many")):
        album = [{"type": "photo", "media": "x"}] * many
        assert why in await hooked.why("sendMediaGroup", chat_id=hooked.phone.id, media=album)


async def test_a_button_is_pressed_and_answered_once_known(hooked: World) -> None:
    sent = await hooked.bot.send_message(hooked.phone.id, "?", reply_markup=YES)
    assert hooked.phone.messages[-1]["choices"] == [[{"id": "yes", "label": "Yes"}]]
    with pytest.raises(Refused):
        hooked.phone.tap(str(sent.message_id), "no")
    await hooked.phone.tap(str(sent.message_id), "yes")
    query = Update.de_json(hooked.door.updates[-1], hooked.bot).callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("yes", hooked.phone.id)
    assert isinstance(query.message, Message)
    assert query.message.message_id == sent.message_id
    await query.answer("Noted")
    assert (hooked.phone.messages[-1]["from"], hooked.phone.messages[-1]["text"]) == ("system", "Noted")
    with pytest.raises(BadRequest, match="too old"):
        await hooked.bot.answer_callback_query("5")
    with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
        await query.answer("x" * 201)


async def test_messages_are_edited_and_deleted(hooked: World) -> None:
    sent = await hooked.bot.send_message(hooked.phone.id, "?", reply_markup=YES)
    await sent.edit_text("!", reply_markup=YES)
    shown = hooked.phone.messages[-1]
    assert (shown["text"], shown["edited"], bool(shown["choices"])) == ("!", True, True)
    with pytest.raises(BadRequest, match="not modified"):
        await sent.edit_text("!", reply_markup=YES)
    await sent.edit_reply_markup()
    assert shown["choices"] == []
    photo = await hooked.bot.send_photo(hooked.phone.id, PNG, caption="a")
    await photo.edit_caption("b")
    assert hooked.phone.messages[-1]["text"] == "b"
    with pytest.raises(BadRequest, match="no text in the message"):
        await photo.edit_text("x")
    await sent.delete()
    assert shown["deleted"]
    with pytest.raises(BadRequest, match="to edit not found"):
        await sent.edit_text("?")
    with pytest.raises(BadRequest, match="to delete not found"):
        await sent.delete()
    own = int(hooked.phone.messages[0]["id"])
    with pytest.raises(BadRequest, match="can't be edited"):
        await hooked.bot.edit_message_text("x", hooked.phone.id, own)


async def test_typing_reaches_the_page(hooked: World) -> None:
    with hooked.sandbox.hub.listening() as events:
        await hooked.bot.send_chat_action(hooked.phone.id, ChatAction.TYPING)
        assert events.get_nowait() == {"what": "typing", "account": "shop", "user": hooked.phone.user}
    assert "wrong parameter action" in await hooked.why("sendChatAction", chat_id=hooked.phone.id, action="x")


async def test_commands_by_language_and_the_menu_button(world: World) -> None:
    await world.bot.set_my_commands([BotCommand("faq", "Questions")])
    await world.bot.set_my_commands(
        [BotCommand("faq", "問題")], scope=BotCommandScopeAllPrivateChats(), language_code="zh"
    )
    english, chinese = world.sandbox.telegram.state()["telegram"]
    assert english["commands"] == [{"command": "faq", "description": "Questions"}]
    assert chinese["commands"] == [{"command": "faq", "description": "問題"}]
    assert [command.command for command in await world.bot.get_my_commands()] == ["faq"]
    assert await world.bot.get_my_commands(language_code="zh") == ()
    await world.bot.delete_my_commands()
    assert world.phone.state()["commands"] == []
    await world.bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await world.bot.get_chat_menu_button()).type == "commands"
    known = [{"command": "faq", "description": "x"}]
    assert "language code" in await world.why("setMyCommands", commands=known, language_code="zh-hant")
    assert "COMMAND_INVALID" in await world.why("setMyCommands", commands=[{"command": "A B"}])


# --- faults and time ----------------------------------------------------------------------------------------------


def arm(world: World, fault: str, **more: Any) -> None:
    world.sandbox.hub.arm(Fault(platform="telegram", method="sendMessage", fault=fault, **more))


async def test_too_many_requests_and_server_errors_on_demand(hooked: World) -> None:
    arm(hooked, "429", retry_after=7)
    with pytest.raises(RetryAfter) as refused, pytest.warns(PTBDeprecationWarning):
        await hooked.bot.send_message(hooked.phone.id, "x")
    with pytest.warns(PTBDeprecationWarning):
        assert refused.value.retry_after == 7
    arm(hooked, "500", count=2)
    for _ in range(2):
        with pytest.raises(NetworkError, match="Internal Server Error"):
            await hooked.bot.send_message(hooked.phone.id, "x")
    arm(hooked, "403")
    with pytest.raises(Forbidden):
        await hooked.bot.send_message(hooked.phone.id, "x")
    await hooked.bot.send_message(hooked.phone.id, "arrives")
    assert [one["text"] for one in hooked.phone.messages[1:]] == ["arrives"]


async def test_no_answer_and_a_lost_answer(hooked: World) -> None:
    arm(hooked, "timeout")
    with pytest.raises(TimedOut):
        await hooked.bot.send_message(hooked.phone.id, "never", read_timeout=0.1)
    arm(hooked, "drop_answer")
    with pytest.raises(NetworkError):
        await hooked.bot.send_message(hooked.phone.id, "lost")
    assert [one["text"] for one in hooked.phone.messages[1:]] == ["lost"]


async def test_a_pressed_button_lives_150_seconds(world: World) -> None:
    world.phone.start()
    sent = await world.bot.send_message(world.phone.id, "?", reply_markup=YES)
    world.phone.tap(str(sent.message_id), "yes")
    updates = world.sandbox.telegram.bot().updates
    await world.sandbox.hub.until(lambda: len(updates.pending) == 2)
    lives = sorted(
        (update.until - world.sandbox.hub.now()).total_seconds() for update in updates.pending.values()
    )
    assert lives[0] == pytest.approx(150, abs=5)
    assert lives[1] == pytest.approx(86400, abs=5)
