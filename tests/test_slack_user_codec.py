"""Slack's payloads to events of people: real shapes from tests/payloads, and shapes that nobody should send."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.api import Me, SlackUser
from bots.slack.codec import decode, people_in, reread
from bots.slack.shapes import NotUnderstood
from core.messages import Address, Attachment, Inbound

PAYLOADS = Path(__file__).parent / "payloads"
ME = Me(user_id="UBOT", bot_id="BBOT", team_id="T061EG9R6")
PEOPLE = {
    "U0LIN": SlackUser(id="U0LIN", name="Lin Mei", language="zh-CN"),
    "U0BOB": SlackUser(id="U0BOB", name="Bob"),
}
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIN = Address(platform="slack", account="slack", user="U0LIN", chat="D0LIN")
FILES = "https://files.slack.com"


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"slack_user_{name}.json").read_text(encoding="utf-8")))


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(1772443800 + seconds, UTC)


SAID = Inbound(
    id="T061EG9R6:D0LIN:1772443800.000100:",
    kind="said",
    sender=LIN,
    sent_at=at(0.0001),
    name="Lin Mei",
    language="zh-CN",
    text="@Bob 怎么退货? 😄 my order (https://shop.example/o?a=1&b=2)",
    external_id="1772443800.000100",
)

UNDERSTOOD = {
    "text": SAID,
    "files": replace(
        SAID,
        id="T061EG9R6:D0LIN:1772443801.000200:",
        sent_at=at(1.0002),
        text="",
        external_id="1772443801.000200",
        attachments=(
            Attachment(
                kind="image",
                ref=f"{FILES}/files-pri/T061EG9R6-F0PIC/broken_cup.jpg",
                name="broken cup.jpg",
                mime="image/jpeg",
                size=48213,
            ),
            Attachment(
                kind="voice",
                ref=f"{FILES}/files-tmb/T061EG9R6-F0VOICE/audio_message_audio.mp4",
                name="audio_message.m4a",
                mime="audio/mp4",
                size=20111,
                transcript="my cup is broken",
            ),
            Attachment(kind="file", ref="F0CHECK"),
            Attachment(kind="link", name="Invoice (https://docs.google.com/document/d/1)"),
        ),
    ),
    "edited": replace(
        SAID,
        id="T061EG9R6:D0LIN:1772443800.000100:1772443805.000000",
        kind="edited",
        sent_at=at(5),
        text="order 1234, not 1243",
        refers_to="1772443800.000100",
    ),
    "deleted": Inbound(
        id="Ev08MFMKH6", kind="deleted", sender=LIN, sent_at=at(9.0004), refers_to="1772443800.000100"
    ),
    "tombstone": Inbound(
        id="Ev08MFMKH6", kind="deleted", sender=LIN, sent_at=at(10.0005), refers_to="1772443800.000100"
    ),
    "in_thread": replace(
        SAID,
        id="T061EG9R6:D0LIN:1772443811.000600:",
        sent_at=at(11.0006),
        text="still broken",
        refers_to="1772443700.000100",
        external_id="1772443811.000600",
    ),
    "forwarded": replace(
        SAID,
        id="T061EG9R6:D0LIN:1772443812.000700:",
        sent_at=at(12.0007),
        text="Your parcel is here (https://shop.example/p)",
        external_id="1772443812.000700",
    ),
    "mention_message": Inbound(
        id="T061EG9R6:C0PUBLIC:1772443816.001100:",
        kind="mentioned",
        sender=replace(LIN, chat="C0PUBLIC"),
        sent_at=at(16.0011),
        text="hey @UBOT my parcel is lost",
        external_id="1772443816.001100",
    ),
    "chose": Inbound(
        id="T061EG9R6:D0LIN:U0LIN:1772443820.112233",
        kind="chose",
        sender=LIN,
        sent_at=at(20.112233),
        name="Lin Mei",
        language="zh-CN",
        choice="faq:return-goods",
        refers_to="1772443700.000100",
    ),
    "command": Inbound(
        id="T061EG9R6:U0LIN:12466734323.1395872398.c0ffec",
        kind="said",
        sender=replace(LIN, chat="U0LIN"),
        sent_at=NOW,
        name="Lin Mei",
        language="zh-CN",
        text="怎么退货 & 换货",
    ),
}
NOISE = [
    "unfurled",
    "ours",
    "other_bot",
    "joined",
    "channel_chat",
    "home_opened",
    "reaction",
    "desk_button",
    "view",
]
EVERY = sorted(path.stem.removeprefix("slack_user_") for path in PAYLOADS.glob("slack_user_*.json"))


@pytest.mark.parametrize("name", sorted(UNDERSTOOD))
def test_understood(name: str) -> None:
    event = decode(payload(name), ME, PEOPLE, NOW)
    assert event is not None
    near = replace(event, sent_at=UNDERSTOOD[name].sent_at)
    assert near == UNDERSTOOD[name]
    assert abs((event.sent_at - UNDERSTOOD[name].sent_at).total_seconds()) < 0.001


@pytest.mark.parametrize("name", NOISE)
def test_no_matter_of_ours(name: str) -> None:
    assert decode(payload(name), ME, PEOPLE, NOW) is None


def test_every_payload_has_a_test() -> None:
    assert sorted([*UNDERSTOOD, *NOISE, "mention_event"]) == EVERY


def test_a_mention_arrives_twice_and_is_one() -> None:
    as_message = decode(payload("mention_message"), ME, PEOPLE, NOW)
    assert as_message is not None
    assert decode(payload("mention_event"), ME, PEOPLE, NOW) == as_message


def test_two_edits_are_two_events() -> None:
    again = payload("edited")
    again["event"]["message"]["edited"]["ts"] = "1772443806.000000"
    first, second = (decode(body, ME, PEOPLE, NOW) for body in (payload("edited"), again))
    assert first is not None
    assert second is not None
    assert first.id != second.id


def test_our_own_edits_and_deletions_are_not_the_persons() -> None:
    edited, deleted = payload("edited"), payload("deleted")
    edited["event"]["message"]["user"] = edited["event"]["previous_message"]["user"] = "UBOT"
    deleted["event"]["previous_message"] = {"user": "UBOT", "bot_id": "BBOT"}
    assert decode(edited, ME, PEOPLE, NOW) is None
    assert decode(deleted, ME, PEOPLE, NOW) is None


def test_a_command_without_words_is_its_name() -> None:
    event = decode({**payload("command"), "text": " ", "command": "/status"}, ME, PEOPLE, NOW)
    assert event is not None
    assert event.text == "status"


def test_a_message_of_nothing_readable_is_kept() -> None:
    body = payload("text")
    body["event"]["text"] = "\u200b"
    event = decode(body, ME, PEOPLE, NOW)
    assert event is not None
    assert event.unknown_type == "message"


def test_a_choice_outside_a_direct_chat_is_nobodys() -> None:
    body = payload("chose")
    body["container"]["channel_id"] = "C0PUBLIC"
    assert decode(body, ME, PEOPLE, NOW) is None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("text", {"U0LIN", "U0BOB"}),
        ("edited", {"U0LIN"}),
        ("chose", {"U0LIN"}),
        ("command", {"U0LIN"}),
        ("channel_chat", set()),
        ("reaction", set()),
    ],
)
def test_whose_names_are_needed(name: str, wanted: set[str]) -> None:
    assert people_in(payload(name)) == wanted


def test_what_was_kept_can_be_read_again() -> None:
    raw = (PAYLOADS / "slack_user_text.json").read_bytes()
    assert reread(raw, ME, PEOPLE, NOW) == decode(payload("text"), ME, PEOPLE, NOW)
    for broken in (b"", b"[1]", b"\xff", b"[" * 100_000):
        with pytest.raises(NotUnderstood):
            reread(broken, ME, PEOPLE, NOW)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("event",), None),
        (("event",), "message"),
        (("event", "type"), 7),
        (("event", "user"), None),
        (("event", "user"), "U1\x00"),
        (("event", "ts"), "yesterday"),
        (("event", "ts"), "99999999999999999999.1"),
        (("event", "ts"), "1772443800.000100\n"),
        (("team_id",), ["T1"]),
        (("type",), "event_callback2"),
        (("type",), {}),
    ],
)
def test_not_understood(path: tuple[str, ...], value: Any) -> None:
    body = payload("text")
    *parents, last = path
    place = body
    for parent in parents:
        place = place[parent]
    place[last] = value
    with pytest.raises(NotUnderstood):
        decode(body, ME, PEOPLE, NOW)


# --- whatever may come --------------------------------------------------------------------------------------

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


def look(body: dict[str, Any]) -> None:
    people_in(body)
    try:
        event = decode(body, ME, PEOPLE, NOW)
    except NotUnderstood:
        return
    if event is not None:
        texts = [
            event.id,
            event.text,
            event.choice,
            event.name,
            event.refers_to,
            event.unknown_type,
            event.sender.user,
        ]
        texts += [
            part for file in event.attachments for part in (file.ref, file.name, file.mime, file.transcript)
        ]
        for text in texts:
            text.encode()  # no half of a surrogate pair
            assert "\x00" not in text


@given(st.data())
def test_one_broken_place_in_a_real_payload(data: st.DataObject) -> None:
    body = copy.deepcopy(payload(data.draw(st.sampled_from(EVERY))))
    path = data.draw(st.sampled_from(sorted(places(body), key=str)))
    place = body
    for key in path[:-1]:
        place = place[key]
    if isinstance(place, dict) and data.draw(st.booleans()):
        del place[path[-1]]
    else:
        place[path[-1]] = data.draw(values)
    look(body)


@given(
    st.dictionaries(
        st.sampled_from(["type", "event", "user", "command", "actions", "team_id"]), values, max_size=6
    )
)
def test_any_object_at_all(body: dict[str, Any]) -> None:
    look(body)
