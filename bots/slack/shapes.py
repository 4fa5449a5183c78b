"""Looks into payloads whose shape nobody promised: each either finds what it is asked for or says what is wrong."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Body = Mapping[str, Any]

ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
TS = re.compile(r"[0-9]{1,11}\.[0-9]{1,6}")
URL = re.compile(r"https?://[\x21-\x7e]{1,2000}")


class NotUnderstood(ValueError):
    """The payload is Slack's, but not of a shape that we know."""


def direct(channel: Any) -> bool:
    return isinstance(channel, str) and channel.startswith("D")


def ids(value: Any) -> frozenset[str]:
    return frozenset({value}) if isinstance(value, str) and ID.fullmatch(value) else frozenset()


def mapping(value: Any, what: str) -> Body:
    if not isinstance(value, Mapping):
        raise NotUnderstood(f"{what} is no object")
    return value


def string(said: Body, key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""


def id_of(said: Body, key: str) -> str:
    value = string(said, key)
    if not ID.fullmatch(value):
        raise NotUnderstood(f"{key} is no id")
    return value


def ts_of(said: Body, key: str) -> str:
    value = string(said, key)
    if not TS.fullmatch(value):
        raise NotUnderstood(f"{key} is no time")
    return value


def user_of(body: Body) -> str:
    """Who pressed or sent something."""
    return id_of(mapping(body.get("user"), "user"), "id")


def view_of(body: Body, begins: str) -> Body | None:
    """The modal in which it was done, if its ``callback_id`` begins so."""
    view = body.get("view")
    ours = isinstance(view, Mapping) and string(view, "callback_id").startswith(begins)
    return view if ours and isinstance(view, Mapping) else None


def when(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
