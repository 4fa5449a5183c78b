"""Hostile and broken payloads: read or refused, never anything else."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.warnings import PTBDeprecationWarning

from bots.telegram import codec
from core.messages import Inbound
from tests.telegram_bot_api import Json, payloads

PRIVATE = payloads("private")
EVERY = {**PRIVATE, **payloads("shared")}


def read(update: object) -> Inbound | None:
    return codec.reread(json.dumps(update).encode(), "shop", "shop_bot")


@pytest.mark.parametrize("payload", [b"", b"{", b"update_id=1", b"\xff\xfe{", b"[" * 100_000, b"1" * 5000])
def test_what_is_no_json(payload: bytes) -> None:
    with pytest.raises(codec.NotJson):
        codec.reread(payload, "shop", "shop_bot")


def broken(**message: Any) -> Json:
    update = copy.deepcopy(PRIVATE["text"])
    update["message"].update(message)
    update["message"] = {key: value for key, value in update["message"].items() if value is not ...}
    return update


@pytest.mark.parametrize(
    "update",
    [
        [],
        "text",
        {},
        {"message": {}},
        {"update_id": "7"},
        {"update_id": True},
        {"update_id": None, "message": PRIVATE["text"]["message"]},
        {"update_id": 7, "message": {}},
        {"update_id": 7, "message": []},
        {"update_id": 7, "message": False},
        {"update_id": 7, "message": "hi"},
        {"update_id": 7, "edited_message": {"message_id": 1}},
        {"update_id": 7, "callback_query": {"id": "1"}},
        {"update_id": 7, "my_chat_member": {"chat": {}}},
        broken(text=7),
        broken(text={"a": 1}),
        broken(date=...),
        broken(date="yesterday"),
        broken(date=10**30),
        broken(chat=...),
        broken(chat={"id": "7001", "type": "private"}),
        broken(message_id="41"),
        broken(message_id=1.5),
        broken(**{"from": ...}),
        broken(**{"from": {"id": "x", "is_bot": False, "first_name": "A"}}),
        broken(**{"from": {"id": 7, "is_bot": False, "first_name": 8}}),
        broken(text=..., photo=[{}]),
        broken(text=..., photo=[{"file_id": "f", "file_unique_id": "a", "width": "1", "height": 1}]),
        broken(text=..., voice="listen"),
        broken(text=..., location={"latitude": "north", "longitude": 1}),
        broken(text=..., location={"latitude": float("nan"), "longitude": 1}),
        broken(text=..., document={"file_id": "a", "file_unique_id": "b", "file_size": "big"}),
        broken(media_group_id=17),
        broken(reply_to_message=[]),
        broken(entities=[1], chat={"id": -1, "type": "group"}),
    ],
)
def test_what_is_not_understood(update: object) -> None:
    with pytest.raises(codec.NotUnderstood) as refused:
        read(update)
    assert not isinstance(refused.value, codec.NotJson)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a payload."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


@st.composite
def damaged(draw: st.DrawFn) -> Json:
    """A real update with one to three of its values replaced or taken away."""
    update = copy.deepcopy(EVERY[draw(st.sampled_from(sorted(EVERY)))])
    for _ in range(draw(st.integers(1, 3))):
        spots = list(places(update))
        if not spots:
            break
        container, key = draw(st.sampled_from(spots))
        if draw(st.booleans()):
            container[key] = draw(anything)
        else:
            del container[key]
    return update


def judged(payload: bytes) -> None:
    try:
        event = codec.reread(payload, "shop", "shop_bot")
    except codec.NotUnderstood:
        return
    if event is not None:
        assert event.id.lstrip("-").isdigit()
        assert event.sender.user.lstrip("-").isdigit()
        assert event.sender.chat.lstrip("-").isdigit()
        assert event.sent_at.tzinfo is not None
        for text in (event.text, event.name, event.choice, *(file.name for file in event.attachments)):
            assert "\0" not in text
            text.encode()


@pytest.mark.filterwarnings(f"ignore::{PTBDeprecationWarning.__module__}.PTBDeprecationWarning")
@settings(max_examples=400, deadline=None)
@given(damaged())
def test_a_damaged_update_is_read_or_refused(update: Json) -> None:
    judged(json.dumps(update).encode())


@settings(max_examples=100, deadline=None)
@given(anything)
def test_any_json_is_read_or_refused(value: object) -> None:
    judged(json.dumps(value).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    judged(payload)
