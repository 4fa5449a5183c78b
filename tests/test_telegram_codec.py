"""Telegram's updates as our events: a table over real shapes, and that no payload can do more than be refused."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bots.telegram import codec
from core.messages import Address, Attachment, Inbound
from tests.telegram_bot_api import payloads

PRIVATE, SHARED = payloads("private"), payloads("shared")
EVERY = {**PRIVATE, **SHARED}

PICTURE = Attachment(kind="image", ref="AgACAgIAAxx", mime="image/jpeg", size=84210)
PLACE = Attachment(kind="place", name="31.23042, 121.47370")


def sticker(number: int, mime: str) -> Attachment:
    return Attachment(kind="sticker", ref=f"CAACAgIAAx{number}", name="👍", mime=mime, size=21000)


def said(text: str = "", *attachments: Attachment, **more: Any) -> dict[str, Any]:
    return {"kind": "said", "text": text, "attachments": attachments, **more}


def chose(choice: str, **more: Any) -> dict[str, Any]:
    return {"kind": "chose", "choice": choice, **more}


EXPECTED: dict[str, dict[str, Any] | None] = {
    "text": said("怎么退货？ <b>&amp;"),
    "text_reply": said("yes, that one", refers_to="42"),
    "text_forwarded": said("Your parcel has left"),
    "text_with_link": said("see my photo"),
    "photo": said("这个碎了", PICTURE),
    "photo_sizes_in_another_order": said("", PICTURE),
    "album_first": said("before and after", PICTURE, album="13700000000000001"),
    "album_second": said("", PICTURE, album="13700000000000001"),
    "live_photo": said("", PICTURE),
    "document": said(
        "invoice",
        Attachment(kind="file", ref="BQACAgIAAx1", name="发票.pdf", mime="application/pdf", size=52000),
    ),
    "voice": said("", Attachment(kind="voice", ref="AwACAgIAAx1", mime="audio/ogg", size=9120)),
    "audio": said(
        "", Attachment(kind="file", ref="CQACAgIAAx1", name="Teresa - Call", mime="audio/mpeg", size=2880000)
    ),
    "video": said(
        "it rattles",
        Attachment(kind="video", ref="BAACAgIAAx1", name="VID_1.mp4", mime="video/mp4", size=1900000),
    ),
    "video_note": said("", Attachment(kind="video", ref="DQACAgIAAx1", mime="video/mp4", size=412000)),
    "animation": said(
        "", Attachment(kind="video", ref="CgACAgIAAx1", name="wave.gif.mp4", mime="video/mp4", size=61000)
    ),
    "animation_gif": said(
        "", Attachment(kind="image", ref="CgACAgIAAx1", name="wave.gif", mime="image/gif", size=61000)
    ),
    "sticker": said("", sticker(1, "image/webp")),
    "sticker_animated": said("", sticker(2, "application/x-tgsticker")),
    "sticker_video": said("", sticker(3, "video/webm")),
    "location": said("", PLACE),
    "location_live": said("", PLACE),
    "venue": said(
        "",
        Attachment(kind="place", name="People's Square, Huangpu, Shanghai (31.23042, 121.47370)"),
    ),
    "contact": said("", Attachment(kind="contact", name="Li Lei, +8613800138000")),
    "command start": {"kind": "followed"},
    "command start Az-9_link": {"kind": "followed", "text": "Az-9_link"},
    "command START@shop_bot": {"kind": "followed"},
    "command help": chose("menu:help"),
    "command faq": chose("menu:help"),
    "command status": chose("menu:tickets"),
    "command ticket": chose("menu:tickets"),
    "command agent": chose("menu:person"),
    "command person": chose("menu:person"),
    "command help@Shop_Bot": chose("menu:help"),
    "command help@other_bot": said("/help@other_bot"),
    "command person my parcel is lost": said("/person my parcel is lost"),
    "command orders": said("/orders"),
    "unknown_poll": said(unknown_type="poll"),
    "unknown_dice": said(unknown_type="dice"),
    "unknown_game": said(unknown_type="game"),
    "unknown_story": said(unknown_type="story"),
    "unknown_paid_media": said("look", unknown_type="paid_media"),
    "unknown_newer_than_the_library": said(unknown_type="hologram"),
    "unknown_not_shown_to_bots": said(unknown_type="unsupported"),
    "service_pinned": None,
    "service_title": None,
    "service_write_access": None,
    "edited": {"kind": "edited", "text": "my order is 1043, not 1042"},
    "edited_caption": {"kind": "edited", "text": "the left one", "attachments": (PICTURE,)},
    "edited_live_location": None,
    "edited_live_location_ended": None,
    "callback": chose("faq:return-goods", external_id=""),
    "callback_on_an_old_message": chose("person", external_id="", refers_to="12"),
    "callback_of_a_game": None,
    "callback_of_an_inline_message": None,
    "blocked": {"kind": "left", "external_id": ""},
    "unblocked": {"kind": "followed", "external_id": ""},
    "still_a_member": None,
    "another_bot": None,
    "inline_query": None,
}

CALLS = {
    "mention": ("7001", "-1001900000001"),
    "mention_in_a_caption": ("7001", "-4900001"),
    "reply_to_us": ("7001", "-1001900000001"),
    "command_for_us": ("7001", "-4900001"),
    "mention_by_an_anonymous_admin": ("1087968824", "-1001900000001"),
}


def read(update: object, username: str = "Shop_bot") -> Inbound | None:
    return codec.reread(json.dumps(update).encode(), "shop", username)


def test_every_payload_is_in_the_table() -> None:
    assert set(EXPECTED) == set(PRIVATE)
    assert set(CALLS) < set(SHARED)


@pytest.mark.parametrize("name", list(EXPECTED))
def test_what_a_private_update_becomes(name: str) -> None:
    update, expected = PRIVATE[name], EXPECTED[name]
    event = read(update)
    if expected is None:
        assert event is None
        return
    assert event is not None
    assert event.id == str(update["update_id"])
    assert event.sender == Address(platform="telegram", account="shop", user="7001", chat="7001")
    assert (event.name, event.language) == ("小明 李", "zh-hans")
    inner = update.get("message") or update.get("edited_message") or {}
    message = str(inner.get("message_id", ""))
    facts: dict[str, Any] = {
        "external_id": message,
        "refers_to": message if expected["kind"] == "edited" else "",
        "text": "",
        "attachments": (),
        "choice": "",
        "album": "",
        "unknown_type": "",
        **expected,
    }
    if name == "callback":
        facts["refers_to"] = str(update["callback_query"]["message"]["message_id"])
    assert {key: getattr(event, key) for key in facts} == facts


@pytest.mark.parametrize("name", list(SHARED))
def test_in_a_shared_chat_only_a_call_is_heard(name: str) -> None:
    event = read(SHARED[name])
    if name not in CALLS:
        assert event is None
        return
    assert event is not None
    assert (event.kind, event.attachments) == ("mentioned", ())
    assert (event.sender.user, event.sender.chat) == CALLS[name]


def test_a_bot_that_does_not_know_its_name_yet_hears_no_call() -> None:
    assert [name for name in CALLS if read(SHARED[name], username="") is not None] == []


@pytest.mark.parametrize(
    ("name", "second"),
    [("text", 0), ("edited", 30), ("blocked", 40), ("callback", 0)],
)
def test_when_it_was_sent(name: str, second: int) -> None:
    event = read(PRIVATE[name])
    assert event is not None
    assert event.sent_at == datetime.fromtimestamp(1718000000 + second, UTC)


def test_callback_queries_are_named_for_their_answer() -> None:
    ids = {name: codec.query(codec.parse(json.dumps(update).encode())) for name, update in EVERY.items()}
    assert ids["callback"] == "30064771072001"
    assert ids["callback_of_a_game"] == "30064771072003"
    assert ids["text"] == ""


def test_text_loses_what_no_database_takes() -> None:
    update = copy.deepcopy(PRIVATE["text"])
    update["message"]["text"] = "a\0b \ud83d \U0001f600 \u202eabc"
    event = read(update)
    assert event is not None
    assert event.text == "ab \ufffd \U0001f600 \u202eabc"
    event.text.encode()


def test_a_batch_is_read_update_by_update() -> None:
    private, shared = PRIVATE["callback"], SHARED["mention"]
    batch = codec.polled([private, shared, {"update_id": 9, "message": "spoilt"}])
    assert [(one.id, one.lane) for one in batch] == [
        (private["update_id"], "7001"),
        (shared["update_id"], "-1001900000001"),
        (9, ""),
    ]
    assert json.loads(batch[0].payload) == private


def test_what_belongs_to_one_chat_shares_a_lane() -> None:
    lanes = {one.lane for one in codec.polled(list(PRIVATE.values()))}
    assert lanes == {"7001"} | {str(PRIVATE["another_bot"]["message"]["chat"]["id"])}


@pytest.mark.parametrize("batch", [None, {}, [1], [{}], [{"update_id": "1"}], [{"update_id": True}]])
def test_a_batch_of_another_shape(batch: object) -> None:
    with pytest.raises(codec.NotUnderstood):
        codec.polled(batch)
