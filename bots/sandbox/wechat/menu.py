"""The service menu at the bottom of an account's chat: what WeChat takes, and what the phone shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.wechat.errors import Errcode

CLICKS = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
OTHERS = {"view": ("url",), "miniprogram": ("url", "appid", "pagepath"), "media_id": ("media_id",)}
BUTTONS, SUB_BUTTONS = 3, 5
NAME_BYTES, SUB_NAME_BYTES = 16, 60
KEY_BYTES, URL_BYTES = 128, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line that can be tapped; ``event`` is the event's name (CLICK or VIEW), ``key`` its EventKey."""

    name: str
    key: str
    event: str


def check(menu: Json) -> list[Json]:
    """The buttons of ``menu``; raises Errcode where WeChat would."""
    buttons = menu.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS:
        raise Errcode(40016)
    for button in buttons:
        _check_name(button, NAME_BYTES, 40018)
        below = button.get("sub_button")
        if not below:
            _check_leaf(button)
            continue
        if not isinstance(below, list) or len(below) > SUB_BUTTONS:
            raise Errcode(40023)
        for leaf in below:
            _check_name(leaf, SUB_NAME_BYTES, 40025)
            _check_leaf(leaf)
    return buttons


def _check_name(button: Any, most: int, code: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= most:
        raise Errcode(code)


def _check_leaf(button: Json) -> None:
    kind = button.get("type")
    if kind in CLICKS:
        _check_size(button.get("key"), KEY_BYTES, 40019)
        return
    if kind not in OTHERS:
        raise Errcode(40017)
    for name in OTHERS[kind]:
        _check_size(button.get(name), URL_BYTES, 40020)


def _check_size(value: Any, most: int, code: int) -> None:
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise Errcode(code)


def entries(buttons: list[Json]) -> Iterator[Entry]:
    """All that can be tapped, sub-menus unfolded."""
    for button in buttons:
        if below := button.get("sub_button"):
            yield from entries(below)
        elif button["type"] in CLICKS:
            yield Entry(name=button["name"], key=button["key"], event="CLICK")
        elif button["type"] == "view":
            yield Entry(name=button["name"], key=button["url"], event="VIEW")


def as_current(buttons: list[Json]) -> list[Json]:
    """The buttons as get_current_selfmenu_info spells them: sub-buttons inside a ``list``."""
    return [
        {**button, "sub_button": {"list": button["sub_button"]}} if button.get("sub_button") else button
        for button in buttons
    ]
