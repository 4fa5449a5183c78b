"""The Slack stand-in, driven by Slack's own client library and by an app that checks every signature."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bots.sandbox.config import SlackSide
from bots.sandbox.hub import Fault, Hub
from bots.sandbox.slack import SlackStand
from bots.sandbox.slack.blocks import message_mistakes, view_mistakes
from bots.sandbox.slack.courier import Answer
from bots.sandbox.slack.workspace import BOT, BOT_ID, GENERAL, Message, Refused

SECRET = "signing-secret"
TOKEN, APP_TOKEN = "xoxb-bot", "xapp-app"
SUPPORT = "CSUPPORT"


@dataclass
class App:
    """Our side's webhook: verifies as Slack's own library does, keeps what came, answers what it is told to."""

    got: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[web.Response | str] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.append(request)
        self.bodies.append(body)
        if not SignatureVerifier(SECRET).is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        answer = self.answers.pop(0) if self.answers else web.Response()
        if isinstance(answer, str):
            await self.hold.wait()
            return web.Response()
        return answer

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body)["event"] for body in self.bodies if body.startswith(b"{")]

    @property
    def payloads(self) -> list[dict[str, Any]]:
        forms = [parse_qs(body.decode()) for body in self.bodies if not body.startswith(b"{")]
        return [json.loads(form["payload"][0]) for form in forms if "payload" in form]


@dataclass(kw_only=True)
class Play:
    stand: SlackStand
    hub: Hub
    app: App
    url: str
    http: aiohttp.ClientSession
    client: AsyncWebClient

    def connect(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(token, base_url=f"{self.url}/api/", session=self.http, retry_handlers=[])

    async def call(self, method: str, **args: Any) -> dict[str, Any]:
        """Straight over HTTP, for what the client library would not send."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.http.post(f"{self.url}/api/{method}", headers=headers, **args) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def act(self, user: str, verb: str, **body: Any) -> dict[str, Any]:
        """As the page does it."""
        async with self.http.post(f"{self.url}/sandbox/slack/{user}/{verb}", json=body) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def card(self) -> str:
        claim = {"type": "button", "action_id": "claim", "value": "1042", "text": plain("Claim")}
        blocks = [section("T-1042"), {"type": "actions", "block_id": "ticket", "elements": [claim]}]
        posted = await self.client.chat_postMessage(channel=SUPPORT, text="T-1042", blocks=blocks)
        return str(posted["ts"])


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    app, hub = App(), Hub()
    webhook = web.Application()
    webhook.router.add_post("/slack/events", app.take)
    async with TestServer(webhook) as ours, aiohttp.ClientSession() as http:
        side = SlackSide(
            bot_token=TOKEN,
            signing_secret=SECRET,
            app_token=APP_TOKEN,
            support_channel=SUPPORT,
            webhook=str(ours.make_url("/slack/events")),
        )
        stand = SlackStand(side, hub, patience=0.3, retries=(0.0, 0.01, 0.02))
        slack = web.Application()
        slack.add_routes(stand.routes())
        async with TestServer(slack) as server:
            await stand.start(http)
            url = str(server.make_url("")).rstrip("/")
            client = AsyncWebClient(TOKEN, base_url=f"{url}/api/", session=http, retry_handlers=[])
            yield Play(stand=stand, hub=hub, app=app, url=url, http=http, client=client)
            app.hold.set()
            await stand.stop()


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


# --- tokens, scopes, arguments --------------------------------------------------------------------------------


async def test_the_app_learns_who_it_is_and_what_it_may(play: Play) -> None:
    answer = await play.client.auth_test()
    assert (answer["user_id"], answer["bot_id"]) == (BOT, BOT_ID)
    assert "chat:write.customize" in answer.headers["x-oauth-scopes"].split(",")
    assert (await play.client.api_test())["ok"]
    assert (await play.client.bots_info(bot=BOT_ID))["bot"]["user_id"] == BOT


async def test_tokens_are_told_apart(play: Play) -> None:
    assert await refusal(play.connect("xoxb-other").auth_test()) == "invalid_auth"
    assert await refusal(play.connect("").auth_test()) == "not_authed"
    assert await refusal(play.connect(APP_TOKEN).auth_test()) == "not_allowed_token_type"
    opened = play.client.apps_connections_open(app_token=TOKEN)
    assert await refusal(opened) == "not_allowed_token_type"
    assert (await play.client.apps_connections_open(app_token=APP_TOKEN))["url"].startswith("ws://")


async def test_scopes_are_needed(play: Play) -> None:
    assert await refusal(play.client.team_info()) == "missing_scope"
    play.stand.scopes.add("team:read")
    assert (await play.client.team_info())["team"]["domain"]
    play.stand.scopes.remove("users:read.email")
    assert "email" not in (await play.client.users_info(user="UMEI"))["user"]["profile"]


async def test_broken_calls_are_refused(play: Play) -> None:
    json_head = {"Content-Type": "application/json"}
    assert (await play.call("chat.fly"))["error"] == "unknown_method"
    url = f"{play.url}/api/chat.postMessage"
    for body, error in ((b"{", "invalid_json"), (b"[]", "json_not_object")):
        async with play.http.post(url, data=body, headers=json_head) as answer:
            assert (await answer.json())["error"] == error
    assert (await play.call("users.info", json={"user": "UMEI"}))["error"] == "user_not_found"
    assert (await play.call("users.info", data={"user": "UMEI"}))["ok"]


# --- people and Slack channels --------------------------------------------------------------------------------


async def test_people_are_found(play: Play) -> None:
    found = await play.client.users_info(user="ULIN", include_locale=True)
    assert (found["user"]["locale"], found["user"]["profile"]["display_name"]) == ("zh-TW", "林小姐")
    assert (await play.client.users_lookupByEmail(email="mei@shop.example"))["user"]["id"] == "UMEI"
    assert await refusal(play.client.users_lookupByEmail(email="nobody@shop.example")) == "users_not_found"
    assert await refusal(play.client.users_info(user="UNOBODY")) == "user_not_found"
    groups = await play.client.usergroups_list(include_users=True)
    assert groups["usergroups"][0]["users"] == ["UMEI", "UTOM"]


async def test_members_come_in_pages(play: Play) -> None:
    seen, cursor = [], ""
    for _ in range(3):
        page = await play.client.conversations_members(channel=SUPPORT, limit=1, cursor=cursor)
        seen += page["members"]
        cursor = page["response_metadata"]["next_cursor"]
    assert (seen, cursor) == (["UMEI", "UTOM", BOT], "")
    bad = play.client.conversations_members(channel=SUPPORT, cursor="///")
    assert await refusal(bad) == "invalid_cursor"
    assert await refusal(play.client.conversations_members(channel=SUPPORT, limit=0)) == "invalid_limit"
    everybody = await play.client.users_list(limit=2)
    assert len(everybody["members"]) == 2
    assert everybody["response_metadata"]["next_cursor"]


async def test_channels_are_described(play: Play) -> None:
    channel = (await play.client.conversations_info(channel=SUPPORT, include_num_members=True))["channel"]
    assert (channel["name"], channel["is_member"], channel["num_members"]) == ("support", True, 3)
    assert await refusal(play.client.conversations_info(channel="CNONE")) == "channel_not_found"
    assert [one["id"] for one in (await play.client.conversations_list())["channels"]] == [SUPPORT, GENERAL]
    assert await refusal(play.client.conversations_list(types="rooms")) == "invalid_types"


async def test_direct_messages_are_opened_once(play: Play) -> None:
    first = await play.client.conversations_open(users="ULIN")
    again = await play.client.conversations_open(users="ULIN", return_im=True)
    assert first["channel"]["id"] == again["channel"]["id"] == play.stand.customer().dm
    assert again["already_open"]
    assert again["channel"]["user"] == "ULIN"
    assert await refusal(play.client.conversations_open(users="UNOBODY")) == "user_not_found"
    assert await refusal(play.client.conversations_open(users=BOT)) == "cannot_dm_bot"
    assert (await play.call("conversations.open"))["error"] == "users_list_not_supplied"


# --- writing ---------------------------------------------------------------------------------------------------


async def test_a_post_is_kept_told_and_found_by_its_metadata(play: Play) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"key": "k1"}}
    posted = await play.client.chat_postMessage(channel=SUPPORT, text="hello", metadata=metadata)
    plainly = await play.client.conversations_history(channel=SUPPORT)
    assert "metadata" not in plainly["messages"][0]
    history = await play.client.conversations_history(channel=SUPPORT, include_all_metadata=True)
    assert history["messages"][0]["metadata"] == metadata
    await play.stand.deliveries[-1].answer()
    (event,) = play.app.events
    assert (event["ts"], event["bot_id"], event["user"]) == (posted["ts"], BOT_ID, BOT)
    assert (event["channel_type"], "subtype" in event) == ("channel", False)


async def test_a_name_of_the_apps_choice_makes_a_bot_message(play: Play) -> None:
    dressed: dict[str, Any] = {"username": "Anna · Telegram", "icon_emoji": ":airplane:"}
    posted = await play.client.chat_postMessage(channel=SUPPORT, text="hi", **dressed)
    assert (posted["message"]["subtype"], posted["message"]["username"]) == ("bot_message", "Anna · Telegram")
    assert "user" not in posted["message"]
    page = play.stand.state()["channels"][0]["messages"][0]
    assert (page["username"], page["icon_emoji"], page["is_bot"]) == ("Anna · Telegram", ":airplane:", True)
    play.stand.scopes.remove("chat:write.customize")
    again = await play.client.chat_postMessage(channel=SUPPORT, text="hi", **dressed)
    assert "username" not in again["message"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "CNONE", "text": "x"}, "channel_not_found"),
        ({"channel": SUPPORT}, "no_text"),
        ({"channel": SUPPORT, "text": ""}, "no_text"),
        ({"channel": SUPPORT, "text": "x", "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ({"channel": SUPPORT, "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"channel": SUPPORT, "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"channel": SUPPORT, "text": "x", "metadata": {"event_type": "a b"}}, "invalid_metadata_schema"),
    ],
)
async def test_posts_that_slack_refuses(play: Play, args: dict[str, Any], error: str) -> None:
    answer = await play.call("chat.postMessage", json=args)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert play.stand.support.messages == []


async def test_where_the_app_is_not_it_may_not_write(play: Play) -> None:
    play.stand.channel(GENERAL).members.remove(BOT)
    assert await refusal(play.client.chat_postMessage(channel=GENERAL, text="x")) == "not_in_channel"
    play.stand.channel(GENERAL).private = True
    assert await refusal(play.client.chat_postMessage(channel=GENERAL, text="x")) == "channel_not_found"


async def test_replies_hang_on_first_messages_only(play: Play) -> None:
    root = (await play.client.chat_postMessage(channel=SUPPORT, text="root"))["ts"]
    reply = await play.client.chat_postMessage(channel=SUPPORT, text="reply", thread_ts=root)
    nested = play.client.chat_postMessage(channel=SUPPORT, text="no", thread_ts=reply["ts"])
    assert await refusal(nested) == "cannot_reply_to_message"
    assert [one.text for one in play.stand.thread(root)] == ["root", "reply"]
    top = (await play.client.conversations_history(channel=SUPPORT))["messages"]
    assert [(one["text"], one["reply_count"]) for one in top] == [("root", 1)]


async def test_an_update_without_blocks_takes_them_away_and_shows(play: Play) -> None:
    ts = await play.card()
    with_blocks = await play.client.chat_update(channel=SUPPORT, ts=ts, text="a", blocks=[section("b")])
    assert "edited" not in with_blocks["message"]
    await play.client.chat_update(channel=SUPPORT, ts=ts, text="only words")
    message = play.stand.support.messages[0]
    assert (message.text, message.blocks, message.edited is not None) == ("only words", [], True)
    await play.stand.deliveries[-1].answer()
    changed = play.app.events[-1]
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "only words")
    assert changed["previous_message"]["text"] == "a"
    long = play.client.chat_update(channel=SUPPORT, ts=ts, text="x" * 4001)
    assert await refusal(long) == "msg_too_long"


async def test_only_its_own_messages_are_the_apps_to_change(play: Play) -> None:
    ts = play.stand.agent().post("mine").ts
    assert await refusal(play.client.chat_update(channel=SUPPORT, ts=ts, text="x")) == "cant_update_message"
    assert await refusal(play.client.chat_delete(channel=SUPPORT, ts=ts)) == "cant_delete_message"
    own = (await play.client.chat_postMessage(channel=SUPPORT, text="own"))["ts"]
    await play.client.chat_delete(channel=SUPPORT, ts=own)
    assert await refusal(play.client.chat_delete(channel=SUPPORT, ts=own)) == "message_not_found"
    assert [one.text for one in play.stand.support.messages] == ["mine"]


async def test_a_whisper_reaches_one_member(play: Play) -> None:
    await play.client.chat_postEphemeral(channel=SUPPORT, user="UMEI", text="only you")
    assert [one.text for one in play.stand.agent("UMEI").whispers] == ["only you"]
    assert play.stand.agent("UTOM").seen(SUPPORT) == []
    assert (await play.client.conversations_history(channel=SUPPORT))["messages"] == []
    outside = play.client.chat_postEphemeral(channel=SUPPORT, user="UPAT", text="x")
    assert await refusal(outside) == "user_not_in_channel"
    assert play.stand.state()["channels"][0]["messages"][0]["ephemeral_to"] == "UMEI"


async def test_one_post_a_second_when_switched_on(play: Play) -> None:
    play.stand.post_interval = 60
    await play.client.chat_postMessage(channel=SUPPORT, text="1")
    with pytest.raises(SlackApiError) as raised:
        await play.client.chat_postMessage(channel=SUPPORT, text="2")
    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["Retry-After"] == "1"
    await play.client.chat_postMessage(channel=GENERAL, text="elsewhere")


async def test_what_pings_is_seen(play: Play) -> None:
    await play.client.chat_postMessage(channel=SUPPORT, text="<!channel> <@UMEI> &lt;!here&gt;")
    assert play.stand.support.messages[0].pings == {"!channel", "@UMEI"}


# --- reading ---------------------------------------------------------------------------------------------------


async def test_history_pages_and_windows(play: Play) -> None:
    mei = play.stand.agent()
    ts = [mei.post(f"m{number}").ts for number in range(5)]
    first = await play.client.conversations_history(channel=SUPPORT, limit=3)
    assert [one["text"] for one in first["messages"]] == ["m4", "m3", "m2"]
    assert first["has_more"]
    mei.post("later")
    cursor = first["response_metadata"]["next_cursor"]
    rest = await play.client.conversations_history(channel=SUPPORT, limit=3, cursor=cursor)
    assert [one["text"] for one in rest["messages"]] == ["m1", "m0"]
    window: dict[str, Any] = {"channel": SUPPORT, "oldest": ts[1], "latest": ts[3]}
    inside = await play.client.conversations_history(**window)
    with_edges = await play.client.conversations_history(**window, inclusive=True)
    assert [one["text"] for one in inside["messages"]] == ["m2"]
    assert [one["text"] for one in with_edges["messages"]] == ["m3", "m2", "m1"]
    for broken in ("soon", "nan"):
        wrong = play.client.conversations_history(channel=SUPPORT, oldest=broken)
        assert await refusal(wrong) == "invalid_ts_oldest"


async def test_a_threads_head_stands_on_every_page(play: Play) -> None:
    mei = play.stand.agent()
    root = mei.post("root").ts
    for number in range(3):
        mei.reply(root, f"r{number}")
    first = await play.client.conversations_replies(channel=SUPPORT, ts=root, limit=2)
    assert [one["text"] for one in first["messages"]] == ["root", "r0", "r1"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = await play.client.conversations_replies(channel=SUPPORT, ts=root, limit=2, cursor=cursor)
    assert [one["text"] for one in rest["messages"]] == ["root", "r2"]
    missing = play.client.conversations_replies(channel=SUPPORT, ts="1700000000.000001")
    assert await refusal(missing) == "thread_not_found"


async def test_reactions_are_put_on_once(play: Play) -> None:
    ts = play.stand.agent().post("hello").ts
    on: dict[str, Any] = {"channel": SUPPORT, "timestamp": ts, "name": "eyes"}
    await play.client.reactions_add(**on)
    assert await refusal(play.client.reactions_add(**on)) == "already_reacted"
    got = await play.client.reactions_get(channel=SUPPORT, timestamp=ts)
    assert got["message"]["reactions"] == [{"name": "eyes", "users": [BOT], "count": 1}]
    await play.stand.deliveries[-1].answer()
    assert play.app.events[-1]["type"] == "reaction_added"
    assert play.app.events[-1]["item"]["ts"] == ts
    await play.client.reactions_remove(**on)
    assert await refusal(play.client.reactions_remove(**on)) == "no_reaction"
    assert await refusal(play.client.reactions_add(**{**on, "name": ":eyes:"})) == "invalid_name"
    gone = {**on, "timestamp": "1700000000.000001"}
    assert await refusal(play.client.reactions_add(**gone)) == "message_not_found"
    assert await refusal(play.client.reactions_add(**{**on, "timestamp": "soon"})) == "bad_timestamp"


# --- files -----------------------------------------------------------------------------------------------------


async def test_a_file_goes_up_into_a_thread_and_comes_down_with_the_token(play: Play) -> None:
    root = await play.card()
    sent: dict[str, Any] = {"channel": SUPPORT, "thread_ts": root, "initial_comment": "broken"}
    uploaded = await play.client.files_upload_v2(filename="box.png", content=b"\x89PNG", **sent)
    file = uploaded["files"][0]
    assert (file["mimetype"], file["shares"]) == ("image/png", {})
    (message,) = play.stand.support.replies(root)
    assert (message.text, message.files[0].data) == ("broken", b"\x89PNG")
    info = (await play.client.files_info(file=file["id"]))["file"]
    assert info["shares"]["public"][SUPPORT][0]["ts"] == message.ts
    assert info["shares"]["public"][SUPPORT][0]["thread_ts"] == root
    assert await download(play, file["url_private"], TOKEN) == ("image/png", b"\x89PNG")
    await play.stand.deliveries[-1].answer()
    event = play.app.events[-1]
    assert (event["subtype"], event["bot_id"], event["thread_ts"]) == ("file_share", BOT_ID, root)


async def download(play: Play, url: str, token: str) -> tuple[str, bytes]:
    async with play.http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status == 200
        return answer.content_type, await answer.read()


async def test_without_token_or_scope_a_file_is_a_page_to_sign_in(play: Play) -> None:
    await play.client.auth_test()
    await play.stand.agent().upload(("a.txt", b"words"), channel=SUPPORT).answer()
    url = play.app.events[-1]["files"][0]["url_private"]
    assert await download(play, url, TOKEN) == ("text/plain", b"words")
    assert (await download(play, url, "xoxb-other"))[0] == "text/html"
    play.stand.scopes.remove("files:read")
    kind, page = await download(play, url, TOKEN)
    assert (kind, b"Sign in" in page) == ("text/html", True)


async def test_uploads_keep_their_word(play: Play) -> None:
    step = await play.client.files_getUploadURLExternal(filename="a.txt", length=5)
    early = play.client.files_completeUploadExternal(files=[{"id": step["file_id"], "title": "a"}])
    assert await refusal(early) == "file_not_found"
    for data, status in ((b"too long", 400), (b"12345", 200), (b"12345", 404)):
        async with play.http.post(step["upload_url"], data=data) as answer:
            assert answer.status == status
    files = [{"id": step["file_id"], "title": "a"}]
    nowhere = play.client.files_completeUploadExternal(files=files, channel_id="CNONE")
    assert await refusal(nowhere) == "channel_not_found"
    lost = play.client.files_completeUploadExternal(files=files, channel_id=SUPPORT, thread_ts="1.2")
    assert await refusal(lost) == "thread_not_found"
    await play.client.files_completeUploadExternal(files=files, channel_id=SUPPORT)
    again = play.client.files_completeUploadExternal(files=files, channel_id=SUPPORT)
    assert await refusal(again) == "file_not_found"
    assert await refusal(play.client.files_info(file="FNONE")) == "file_not_found"
    assert (await play.call("files.getUploadURLExternal", json={"filename": "a", "length": 1}))["ok"] is False


# --- events to the app -----------------------------------------------------------------------------------------


async def test_a_persons_words_arrive_signed_and_as_slack_writes_them(play: Play) -> None:
    answer = await play.stand.customer("ULIN").say("運費 <多少> & @Onethread？ https://a.b/?x=1&y=2").answer()
    assert answer.ok
    body = json.loads(play.app.bodies[0])
    event = body["event"]
    assert (body["type"], body["team_id"], body["authorizations"][0]["user_id"]) == (
        "event_callback",
        "TSHOP",
        BOT,
    )
    assert event["text"] == f"運費 &lt;多少&gt; &amp; <@{BOT}>？ <https://a.b/?x=1&amp;y=2>"
    assert (event["channel"], event["channel_type"], event["user"]) == ("DLIN", "im", "ULIN")
    kinds = [one["type"] for one in event["blocks"][0]["elements"][0]["elements"]]
    assert kinds == ["text", "user", "text", "link"]
    assert [one["type"] for one in play.app.events] == ["message"]


async def test_a_mention_comes_twice(play: Play) -> None:
    await play.stand.customer("UANA").post("@onethread help", channel=GENERAL).answer()
    assert [one["type"] for one in play.app.events] == ["message", "app_mention"]
    ids = [json.loads(body)["event_id"] for body in play.app.bodies]
    assert len(set(ids)) == 2
    assert play.app.events[0]["ts"] == play.app.events[1]["ts"]


async def test_edits_deletions_and_unfurls(play: Play) -> None:
    mei = play.stand.agent()
    root = await play.card()
    ts = mei.reply(root, "first").ts
    assert mei.edit(ts, "first").deliveries == []
    await mei.edit(ts, "second").answer()
    changed = play.app.events[-1]
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("second", "first")
    assert changed["message"]["edited"]["user"] == "UMEI"
    await play.stand.unfurl(ts).answer()
    assert play.app.events[-1]["message"]["attachments"]
    assert play.app.events[-1]["message"]["edited"] == changed["message"]["edited"]
    await mei.delete(ts).answer()
    deleted = play.app.events[-1]
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    assert deleted["previous_message"]["thread_ts"] == root
    with pytest.raises(Refused, match="cant_update_message"):
        play.stand.agent("UTOM").edit(mei.post("mine").ts, "yours")


async def test_a_deleted_head_leaves_a_tombstone(play: Play) -> None:
    mei = play.stand.agent()
    root = mei.post("root").ts
    mei.reply(root, "reply")
    await mei.delete(root).answer()
    gone = play.app.events[-1]
    assert (gone["subtype"], gone["message"]["subtype"]) == ("message_changed", "tombstone")
    shown = [(one["deleted"], one["text"]) for one in play.stand.state()["channels"][0]["messages"]]
    assert shown == [(True, ""), (False, "reply")]


async def test_the_other_events(play: Play) -> None:
    pat, mei = play.stand.colleague(), play.stand.agent()
    await pat.join().answer()
    assert [(one["type"], one.get("subtype")) for one in play.app.events] == [
        ("member_joined_channel", None),
        ("message", "channel_join"),
    ]
    await pat.open_app("home").answer()
    assert (play.app.events[-1]["type"], play.app.events[-1]["tab"]) == ("app_home_opened", "home")
    root = mei.post("root").ts
    await mei.reply(root, "for all", broadcast=True).answer()
    assert (play.app.events[-1]["subtype"], play.app.events[-1]["root"]["ts"]) == ("thread_broadcast", root)
    await mei.react(root, "eyes").answer()
    assert (play.app.events[-1]["user"], play.app.events[-1]["item_user"]) == ("UMEI", "UMEI")
    play.stand.support.private = True
    await mei.post("closed doors").answer()
    assert play.app.events[-1]["channel_type"] == "group"


async def test_who_may_write_where(play: Play) -> None:
    root, pat = await play.card(), play.stand.colleague()
    with pytest.raises(Refused, match="not_in_channel"):
        pat.post("let me in")
    assert (await pat.reply(root, "I can see you").answer()).ok
    play.stand.support.private = True
    with pytest.raises(Refused, match="channel_not_found"):
        pat.reply(root, "no more")


async def test_what_happens_without_the_app_it_never_hears(play: Play) -> None:
    play.stand.channel(GENERAL).members.remove(BOT)
    assert play.stand.agent().post("secret", channel=GENERAL).deliveries == []


# --- again, in order, forged -----------------------------------------------------------------------------------


async def test_events_are_brought_again_until_taken(play: Play) -> None:
    play.app.answers += [web.Response(status=503), "never", web.Response(status=500)]
    delivery = play.stand.customer().say("hello").deliveries[0]
    assert (await delivery.answer()).ok
    retries = [
        (one.headers.get("X-Slack-Retry-Num"), one.headers.get("X-Slack-Retry-Reason"))
        for one in play.app.got
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_timeout"), ("3", "http_error")]
    assert len(set(play.app.bodies)) == 1
    assert [one.status for one in delivery.answers] == [503, 0, 500, 200]


async def test_three_retries_then_slack_gives_up(play: Play) -> None:
    play.app.answers += [web.Response(status=503) for _ in range(9)]
    assert (await play.stand.customer().say("hello").answer()).status == 503
    assert len(play.app.got) == 4


async def test_the_app_can_ask_for_no_retry(play: Play) -> None:
    play.app.answers.append(web.Response(status=500, headers={"X-Slack-No-Retry": "1"}))
    await play.stand.customer().say("hello").answer()
    assert len(play.app.got) == 1


async def test_first_attempts_of_a_chat_keep_their_order(play: Play) -> None:
    play.app.answers.append("held")
    lin, ana = play.stand.customer("ULIN"), play.stand.customer("UANA")
    acts = [lin.say("1"), lin.say("2"), ana.say("other chat")]
    await acts[2].answer()
    assert [one["text"] for one in play.app.events] == ["1", "other chat"]
    for act in acts:
        assert (await act.answer()).ok
    texts = [one["text"] for one in play.app.events]
    assert texts.index("1") < texts.index("2")
    assert sorted(texts) == ["1", "1", "2", "other chat"]


async def test_a_repeat_is_the_same_to_the_byte(play: Play) -> None:
    await play.stand.customer().say("hello").answer()
    assert (await play.stand.repeat()).ok
    assert play.app.bodies[0] == play.app.bodies[1]
    assert play.app.got[1].headers["X-Slack-Retry-Num"] == "1"


async def test_forged_and_stale_pushes_are_possible(play: Play) -> None:
    assert (await play.stand.push(b'{"event": {}}')).ok
    assert (await play.stand.push(b"{}", secret="wrong")).status == 401
    assert (await play.stand.push(b"{}", timestamp="1600000000")).status == 401


# --- presses, commands, modals ---------------------------------------------------------------------------------


async def test_a_press_brings_what_slack_brings(play: Play) -> None:
    ts = await play.card()
    assert await play.stand.agent().press(ts, "claim").answer() == Answer(status=200)
    (payload,) = play.app.payloads
    assert (payload["type"], payload["user"]["id"], payload["channel"]["id"]) == (
        "block_actions",
        "UMEI",
        SUPPORT,
    )
    (action,) = payload["actions"]
    assert (action["action_id"], action["value"], action["block_id"]) == ("claim", "1042", "ticket")
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    with pytest.raises(Refused, match="no such button"):
        play.stand.agent().press(ts, "explode")


async def test_presses_are_not_brought_again(play: Play) -> None:
    ts = await play.card()
    await play.stand.deliveries[-1].answer()
    play.app.answers.append(web.Response(status=500))
    assert (await play.stand.agent().press(ts, "claim").answer()).status == 500
    assert len(play.app.payloads) == 1


async def test_the_app_answers_a_press_where_it_was_told(play: Play) -> None:
    ts, mei = await play.card(), play.stand.agent()
    await mei.press(ts, "claim").answer()
    url = play.app.payloads[0]["response_url"]
    for body, status in (({"text": "yours"}, 200), ({}, 404), ([], 404)):
        async with play.http.post(url, json=body) as answer:
            assert answer.status == status
    assert [one.text for one in mei.whispers] == ["yours"]
    async with play.http.post(url, json={"replace_original": True, "text": "taken"}) as answer:
        assert answer.status == 200
    assert play.stand.thread(ts)[0].text == "taken"
    async with play.http.post(f"{play.url}/actions/T/unknown", json={"text": "x"}) as answer:
        assert (await answer.json())["error"] == "expired_url"


async def test_a_trigger_opens_one_modal_in_time(play: Play) -> None:
    ts, mei = await play.card(), play.stand.agent()
    view = {"type": "modal", "title": plain("History"), "blocks": [section("T-1041")]}
    triggers = []
    for _ in range(2):
        await mei.press(ts, "claim").answer()
        triggers.append(play.app.payloads[-1]["trigger_id"])
    with play.hub.listening() as stream:
        opened = await play.client.views_open(trigger_id=triggers[0], view=view)
        while (event := await stream.get())["what"] != "modal":
            pass
    assert (event["user"], event["view"]["id"]) == ("UMEI", opened["view"]["id"])
    spent = play.client.views_open(trigger_id=triggers[0], view=view)
    assert await refusal(spent) == "exchanged_trigger_id"
    play.stand.triggers.lives *= 0
    late = play.client.views_open(trigger_id=triggers[1], view=view)
    assert await refusal(late) == "expired_trigger_id"
    assert await refusal(play.client.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"
    stale = play.client.views_update(view_id=opened["view"]["id"], hash="old", view=view)
    assert await refusal(stale) == "hash_conflict"
    home = {"type": "home", "blocks": [section("Welcome")]}
    await play.client.views_publish(user_id="UMEI", view=home)
    assert mei.desktop.home


async def test_a_modal_is_filled_in_and_corrected(play: Play) -> None:
    ts, mei = await play.card(), play.stand.agent()
    words = {"type": "plain_text_input", "action_id": "words"}
    field_block = {"type": "input", "block_id": "note", "label": plain("Note"), "element": words}
    view = {
        "type": "modal",
        "title": plain("Note"),
        "submit": plain("Save"),
        "private_metadata": "1042",
        "blocks": [field_block],
    }
    await mei.press(ts, "claim").answer()
    await play.client.views_open(trigger_id=play.app.payloads[-1]["trigger_id"], view=view)
    errors = {"response_action": "errors", "errors": {"note": "too short"}}
    play.app.answers.append(web.json_response(errors))
    await mei.submit({"note": {"words": "x"}}).answer()
    assert mei.desktop.errors == {"note": "too short"}
    await mei.submit({"note": {"words": "long enough"}}).answer()
    assert mei.desktop.modals == []
    sent = play.app.payloads[-1]["view"]
    assert (sent["private_metadata"], sent["state"]["values"]["note"]["words"]["value"]) == (
        "1042",
        "long enough",
    )


async def test_slashes_belong_to_the_composer(play: Play) -> None:
    root, mei = await play.card(), play.stand.agent()
    await play.stand.deliveries[-1].answer()
    for line in ("/unknown", "// a note", "/usr/bin"):
        with pytest.raises(Refused, match="is not a valid command"):
            mei.post(line)
    with pytest.raises(Refused, match="not supported in threads"):
        mei.reply(root, "/onethread status")
    play.app.answers.append(web.Response(text="All well"))
    await mei.post("/onethread status").answer()
    form = parse_qs(play.app.bodies[-1].decode())
    assert (form["command"], form["text"], form["user_id"]) == (["/onethread"], ["status"], ["UMEI"])
    assert [one.text for one in mei.whispers] == ["All well"]
    play.app.answers.append(web.Response(status=500))
    await mei.post("/onethread status").answer()
    assert "dispatch_failed" in mei.whispers[-1].text


# --- Socket Mode -----------------------------------------------------------------------------------------------


@dataclass
class SocketApp:
    """The app over Socket Mode, with Slack's own client."""

    client: SocketModeClient
    heard: list[SocketModeRequest] = field(default_factory=list)
    deaf: int = 0
    reply: dict[str, Any] | None = None

    async def take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        if self.deaf:
            self.deaf -= 1
            return
        reply = self.reply if request.accepts_response_payload else None
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload=reply))


@pytest.fixture
async def socket_app(play: Play) -> AsyncIterator[SocketApp]:
    app = SocketApp(SocketModeClient(APP_TOKEN, web_client=play.client))
    app.client.socket_mode_request_listeners.append(app.take)
    client: Any = app.client
    await client.connect()
    await play.hub.until(lambda: play.stand.sockets.open)
    yield app
    await client.close()


async def test_events_presses_and_commands_over_the_socket(play: Play, socket_app: SocketApp) -> None:
    assert (await play.stand.customer().say("hello").answer()).ok
    ts = await play.card()
    socket_app.reply = {"text": "done"}
    mei = play.stand.agent()
    assert (await mei.press(ts, "claim").answer()).ok
    await mei.post("/onethread status").answer()
    assert [one.text for one in mei.whispers] == ["done"]
    kinds = [one.type for one in socket_app.heard]
    assert kinds == ["events_api", "events_api", "interactive", "slash_commands"]
    assert socket_app.heard[0].payload["event"]["text"] == "hello"
    assert play.app.got == []


async def test_what_is_not_acknowledged_comes_again(play: Play, socket_app: SocketApp) -> None:
    socket_app.deaf = 1
    assert (await play.stand.customer().say("hello").answer()).ok
    assert [(one.retry_attempt, one.retry_reason) for one in socket_app.heard] == [(0, ""), (1, "timeout")]


async def test_a_connection_is_refreshed(play: Play, socket_app: SocketApp) -> None:
    before = socket_app.client.current_session
    await play.stand.sockets.refresh()
    assert not play.stand.sockets.open
    assert (await play.stand.customer().say("still there?").answer()).ok
    assert socket_app.client.current_session is not before
    assert play.app.got == []


async def test_a_socket_address_serves_once(play: Play, socket_app: SocketApp) -> None:
    assert socket_app.client.wss_uri
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await play.http.ws_connect(socket_app.client.wss_uri)


# --- faults ----------------------------------------------------------------------------------------------------


def arm(play: Play, fault: str, method: str = "chat.postMessage", **more: Any) -> None:
    play.hub.arm(Fault(platform="slack", method=method, fault=fault, **more))


async def test_faults_with_a_status(play: Play) -> None:
    arm(play, "429", retry_after=7)
    arm(play, "500")
    statuses = []
    for _ in range(2):
        with pytest.raises(SlackApiError) as raised:
            await play.client.chat_postMessage(channel=SUPPORT, text="x")
        statuses.append((raised.value.response.status_code, raised.value.response.headers.get("Retry-After")))
    assert statuses == [(429, "7"), (500, None)]
    arm(play, "is_archived")
    assert await refusal(play.client.chat_postMessage(channel=SUPPORT, text="x")) == "is_archived"
    assert play.stand.support.messages == []
    await play.client.chat_postMessage(channel=SUPPORT, text="x")


async def test_a_call_without_answer_does_nothing(play: Play) -> None:
    arm(play, "timeout")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await play.client.chat_postMessage(channel=SUPPORT, text="x")
    assert play.stand.support.messages == []


async def test_stopping_lets_silent_calls_go(play: Play) -> None:
    arm(play, "timeout")
    call = asyncio.create_task(play.client.chat_postMessage(channel=SUPPORT, text="x"))
    await play.stand.stop()
    with pytest.raises(SlackApiError):
        await call


async def test_a_lost_answer_was_done(play: Play) -> None:
    arm(play, "drop_answer")
    with pytest.raises(aiohttp.ClientError):
        await play.client.chat_postMessage(channel=SUPPORT, text="x")
    assert [one.text for one in play.stand.support.messages] == ["x"]
    arm(play, "drop_answer", "files.completeUploadExternal")
    with pytest.raises(aiohttp.ClientError):
        await play.client.files_upload_v2(filename="a.txt", content=b"1", channel=SUPPORT)
    assert play.stand.support.messages[-1].files[0].data == b"1"


async def test_files_can_fail_too(play: Play) -> None:
    await play.client.auth_test()
    await play.stand.agent().upload(("a.txt", b"words"), channel=SUPPORT).answer()
    arm(play, "503", "download")
    async with play.http.get(play.app.events[-1]["files"][0]["url_private"]) as answer:
        assert answer.status == 503


# --- the page --------------------------------------------------------------------------------------------------


async def test_the_page_plays_agents_and_customers(play: Play) -> None:
    with play.hub.listening() as stream:
        assert await play.act("ULIN", "dm", text="運費多少？") == {"ok": True}
        shown = await stream.get()
    assert (shown["what"], shown["user"], shown["message"]["text"]) == ("dm", "ULIN", "運費多少？")
    await play.hub.until(lambda: len(play.stand.deliveries) == 2)
    await play.stand.deliveries[-1].answer()
    assert [one["type"] for one in play.app.events] == ["app_home_opened", "message"]
    ts = await play.card()
    assert (await play.act("UMEI", "post", channel=SUPPORT, thread_ts=ts, text="hello"))["ok"]
    reply = play.stand.thread(ts)[1]
    assert (await play.act("UMEI", "edit", channel=SUPPORT, ts=reply.ts, text="hello!"))["ok"]
    assert reply.text == "hello!"
    pressed = {"channel": SUPPORT, "ts": ts, "action_id": "claim", "block_id": "ticket", "value": "1042"}
    assert (await play.act("UMEI", "press", **pressed))["ok"]
    assert (await play.act("UMEI", "delete", channel=SUPPORT, ts=reply.ts))["ok"]
    assert play.stand.thread(ts)[1:] == []


async def test_the_page_shares_files(play: Play) -> None:
    ts = await play.card()
    for verb, fields in (
        ("upload", {"channel": SUPPORT, "thread_ts": ts, "text": "/look"}),
        ("dm_upload", {}),
    ):
        form = aiohttp.FormData(fields, quote_fields=False)
        form.add_field("file", b"\x89PNG", filename="包裹.png", content_type="image/png; x=1")
        async with play.http.post(f"{play.url}/sandbox/slack/UMEI/{verb}", data=form) as answer:
            assert await answer.json() == {"ok": True}
    message = play.stand.thread(ts)[1]
    assert (message.text, message.files[0].name, message.files[0].mime) == ("/look", "包裹.png", "image/png")
    page = play.stand.state()["channels"][0]["messages"][1]["files"][0]
    assert page["url"] in {file.url for file in play.hub.files.values()}
    assert play.stand.agent().messages[0].files[0].data == b"\x89PNG"


@pytest.mark.parametrize(
    ("user", "verb", "body", "error"),
    [
        ("UNOBODY", "dm", {"text": "x"}, "user_not_found"),
        ("UMEI", "fly", {}, "unknown action"),
        ("UMEI", "dm", {"text": "  "}, "no_text"),
        ("UMEI", "dm", {"text": "/unknown"}, "/unknown is not a valid command"),
        ("UPAT", "post", {"channel": SUPPORT, "text": "x"}, "not_in_channel"),
        ("UMEI", "edit", {"channel": SUPPORT, "ts": "1.2", "text": "x"}, "message_not_found"),
        ("UMEI", "upload", {}, "no file"),
    ],
)
async def test_the_page_is_told_what_cannot_be(
    play: Play, user: str, verb: str, body: dict[str, Any], error: str
) -> None:
    assert await play.act(user, verb, **body) == {"ok": False, "error": error}


async def test_new_customers_and_a_new_start(play: Play) -> None:
    async with play.http.post(f"{play.url}/sandbox/people/slack", json={"name": "陳先生"}) as answer:
        user = (await answer.json())["user"]
    assert play.stand.state()["slack_users"][-1] == {"id": user, "name": "陳先生", "role": "customer"}
    old = play.stand.newcomer().say("hello").ts
    play.stand.reset()
    assert [one["id"] for one in play.stand.state()["slack_users"]] == [
        "UMEI",
        "UTOM",
        "ULIN",
        "UANA",
        "UPAT",
    ]
    assert play.stand.state()["dms"] == []
    assert play.stand.customer().say("anew").ts > old


def page_sample() -> dict[str, Any]:
    text = (Path(__file__).parent / "payloads" / "sandbox_page.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


async def test_the_state_has_the_shape_that_the_page_draws(play: Play) -> None:
    sample = page_sample()
    await play.card()
    play.stand.customer().say("hello")
    state = play.stand.state()
    (drawn, known) = (state["channels"][0]["messages"][0], sample["channels"][0]["messages"][0])
    assert set(drawn) == set(known)
    assert set(state["dms"][0]) == set(sample["dms"][0])
    assert set(state) <= set(sample)


# --- Block Kit's limits ----------------------------------------------------------------------------------------


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def menu(options: int) -> dict[str, Any]:
    each = [{"text": plain("o"), "value": str(number)} for number in range(options)]
    return {"type": "static_select", "action_id": "pick", "options": each}


FITTING: list[list[dict[str, Any]]] = [
    [],
    [section("x" * 3000)],
    [{"type": "section", "fields": [plain("x" * 2000)] * 10}],
    [actions(*(button(action_id=str(number)) for number in range(25)))],
    [actions(button(text=plain("x" * 75), value="x" * 2000, action_id="x" * 255), menu(100))],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "context", "elements": [plain("x")] * 10}],
    [{"type": "divider"}] * 50,
]
EXCESSIVE: list[tuple[Any, str]] = [
    ([section("x" * 3001)], "/blocks/0/text/text"),
    ([section("")], "/blocks/0/text/text"),
    ([{"type": "section"}], "/blocks/0"),
    ([{"type": "section", "fields": [plain("x")] * 11}], "/blocks/0/fields"),
    ([{"type": "section", "fields": [plain("x" * 2001)]}], "/blocks/0/fields/0/text"),
    ([actions(*(button(action_id=str(number)) for number in range(26)))], "/blocks/0/elements"),
    ([actions()], "/blocks/0/elements"),
    ([actions(button(), button())], "/blocks/0/elements"),
    ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text"),
    ([actions(button(text={"type": "mrkdwn", "text": "x"}))], "/blocks/0/elements/0/text/type"),
    ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    ([actions(button(action_id="x" * 256))], "/blocks/0/elements/0/action_id"),
    ([actions(menu(101))], "/blocks/0/elements/0/options"),
    ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    ([{"type": "context", "elements": [plain("x")] * 11}], "/blocks/0/elements"),
    ([{"type": "divider", "block_id": "x" * 256}], "/blocks/0/block_id"),
    ([{"type": "divider", "block_id": "x"}] * 2, "/blocks"),
    ([{"type": "divider"}] * 51, "/blocks"),
    ([{"type": "divider", "colour": "red"}], "/blocks/0"),
    ([{"type": "from_the_future"}], "/blocks/0/type"),
    ([{"type": ["divider"]}], "/blocks/0/type"),
    (["divider"], "/blocks/0/type"),
    ([{"type": "input"}], "/blocks/0/type"),
    ([{"type": "image", "alt_text": "x"}], "/blocks/0"),
]


@pytest.mark.parametrize("blocks", FITTING)
def test_blocks_within_the_limits(blocks: list[dict[str, Any]]) -> None:
    assert message_mistakes(blocks) == []


@pytest.mark.parametrize(("blocks", "at"), EXCESSIVE)
def test_blocks_beyond_the_limits(blocks: Any, at: str) -> None:
    mistakes = message_mistakes(blocks)
    assert mistakes
    assert all(mistake.endswith(f"[json-pointer:{at}]") for mistake in mistakes)


def test_views_have_limits_of_their_own() -> None:
    view = {"type": "modal", "title": plain("x" * 24), "blocks": [{"type": "divider"}] * 100}
    asks = {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
    assert view_mistakes({**view, "private_metadata": "x" * 3000}) == []
    wrong: list[dict[str, Any]] = [
        {**view, "title": plain("x" * 25)},
        {**view, "blocks": [{"type": "divider"}] * 101},
        {**view, "private_metadata": "x" * 3001},
        {**view, "blocks": [asks]},
        {"type": "modal", "blocks": []},
        {"type": "tab", "blocks": []},
    ]
    assert all(view_mistakes(one) for one in wrong)
    assert view_mistakes("nothing")


def test_a_message_knows_its_buttons_and_words() -> None:
    chosen = {"type": "section", "text": plain("Pick"), "accessory": menu(2)}
    message = Message(ts="1.2", channel=SUPPORT, user=BOT, blocks=[chosen, actions(button(value="1"))])
    assert [(one.action_id, one.label, one.value) for one in message.buttons] == [
        ("pick", "", ""),
        ("go", "Go", "1"),
    ]
    assert message.words.split() == ["Pick", "o", "o", "Go"]
