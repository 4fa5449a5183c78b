"""YAML as a tree that knows where everything stands, and keeps every word as it was written.

Events are read instead of loaded values: lines and columns come along, nothing is turned into another type, nothing
is repeated by aliases. libyaml reads an entry of 24 lines in 0.1 ms; where PyYAML was built without it, its own reader
serves, ten times slower.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from core.conversation.faq.mistakes import in_words
from core.errors import Invalid

LARGEST = 8_000_000
"""Bytes of one file; that much takes a second or two to read."""
DEEPEST = 16
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)
"""What no text needs and nobody sees; YAML would take some of them for the end of a line."""
_OTHER_TYPES = re.compile(
    r"(?P<nothing>~|null|Null|NULL)"
    r"|(?P<yes_or_no>(?i:true|false|yes|no|on|off))"
    r"|(?P<a_time_of_day>[-+]?\d+(?::[0-5]?\d)+)"
    r"|(?P<a_date>\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?)"
    r"|(?P<a_number>[-+]?(?:0[xo][\da-fA-F]+|\.?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.(?i:inf|nan)))"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written; ``plain``: without quotes, so that other programs may take it for something else.

    ``span``, here and below: where it begins and ends, in signs from the beginning of the file.
    """

    at: Place
    text: str
    plain: bool
    span: tuple[int, int] = (0, 0)

    def taken_for(self) -> str:
        """What YAML may make of it, in words; "" for what is surely a text."""
        return taken_for(self.text) if self.plain else ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list; ``flow``: in brackets."""

    at: Place
    items: "tuple[Node, ...]"
    flow: bool = False
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in the order of the file; a key may stand there twice. ``flow``: in braces."""

    at: Place
    pairs: "tuple[tuple[Scalar, Node], ...]"
    flow: bool = False
    span: tuple[int, int] = (0, 0)


Node = Scalar | Items | Table


class _Refused(Exception):
    """Well-formed, but not for us."""

    def __init__(self, event: Any, why: str) -> None:
        super().__init__(why)
        self.at = _place(event.start_mark)


def taken_for(text: str) -> str:
    """What YAML may make of these words when they stand without quotes; "" for what is surely a text."""
    found = _OTHER_TYPES.fullmatch(text)
    return found.lastgroup.replace("_", " ") if found and found.lastgroup else ""


def unprintable(text: str) -> re.Match[str] | None:
    """The first sign that can't stand in a file as it is."""
    return _UNPRINTABLE.search(text)


def parse(name: str, content: bytes | str) -> Node | None:
    """The one document of a file; None if it is empty. Raises Invalid with one problem."""
    text = _readable(name, content)
    try:
        return _document(iter(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        at, told = in_words(text, error)
        raise Invalid([problem(name, _at(text[:at]), told)]) from error
    except _Refused as refused:
        raise Invalid([problem(name, refused.at, str(refused))]) from refused


def problem(name: str, at: Place, what: str) -> str:
    """One line that an editor or a terminal can jump to."""
    return f"{name}:{at.line}:{at.column}: {what}"


def decoded(name: str, content: bytes) -> str:
    """The file's text, a byte-order mark included. Raises Invalid with one problem."""
    _bounded(name, len(content))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        at = _at(content[: error.start].decode("utf-8"))
        raise Invalid([problem(name, at, "not UTF-8; save the file as UTF-8")]) from error


def _readable(name: str, content: bytes | str) -> str:
    """Without a byte-order mark. Raises Invalid."""
    text = decoded(name, content) if isinstance(content, bytes) else content
    _bounded(name, len(text))
    text = text.removeprefix("\ufeff")
    if odd := unprintable(text):
        told = f"an invisible control character (U+{ord(odd[0]):04X}); delete it"
        raise Invalid([problem(name, _at(text[: odd.start()]), told)])
    return text


def _bounded(name: str, size: int) -> None:
    if size > LARGEST:
        told = f"larger than {LARGEST // 1_000_000} MB; split it into several files"
        raise Invalid([problem(name, Place(1, 1), told)])


def _at(before: str) -> Place:
    before = before.removeprefix("\ufeff")
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _document(events: Iterator[Any]) -> Node | None:
    found: Node | None = None
    documents = 0
    for event in events:
        match event:
            case StreamStartEvent() | StreamEndEvent() | DocumentEndEvent():
                pass
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise _Refused(event, "a second document begins here; delete the line ---")
            case _:
                found = _node(events, event, DEEPEST)
    return found


def _node(events: Iterator[Any], event: Any, depth: int) -> Node:
    if depth == 0:
        raise _Refused(event, "nested too deep; an entry has only keys, languages and lists")
    if isinstance(event, AliasEvent):
        raise _Refused(event, "an alias (*) stands here; write the text itself, or put it in quotes")
    if event.tag:
        raise _Refused(
            event, f"{event.tag} is a tag, which has no meaning here; delete it, or put the text in quotes"
        )
    at, begin, end = _place(event.start_mark), event.start_mark.index, event.end_mark.index
    if isinstance(event, ScalarEvent):
        return Scalar(at, event.value, not event.style, (begin, end))
    if isinstance(event, SequenceStartEvent):
        items, end = _items(events, event, depth)
        return Items(at, items, bool(event.flow_style), (begin, end))
    pairs, end = _pairs(events, event, depth)
    return Table(at, pairs, bool(event.flow_style), (begin, end))


def _items(events: Iterator[Any], begun: Any, depth: int) -> tuple[tuple[Node, ...], int]:
    items: list[Node] = []
    while not isinstance(event := next(events), SequenceEndEvent):
        items.append(_node(events, event, depth - 1))
    return tuple(items), _end(begun, event, items[-1] if items else None)


def _pairs(events: Iterator[Any], begun: Any, depth: int) -> tuple[tuple[tuple[Scalar, Node], ...], int]:
    pairs: list[tuple[Scalar, Node]] = []
    while not isinstance(event := next(events), MappingEndEvent):
        key = _node(events, event, depth - 1)
        if not isinstance(key, Scalar):
            raise _Refused(
                event, "a key must be a plain word; put a text that begins with a bracket in quotes"
            )
        pairs.append((key, _node(events, next(events), depth - 1)))
    return tuple(pairs), _end(begun, event, pairs[-1][1] if pairs else None)


def _end(begun: Any, ended: Any, last: Node | None) -> int:
    """Behind the bracket, or behind the last thing inside: what follows is not part of it."""
    if begun.flow_style or last is None:
        return int(ended.end_mark.index)
    return last.span[1]
