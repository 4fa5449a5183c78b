"""YAML as a tree that knows where everything stands, and keeps every word as it was written.

Events are read instead of loaded values: lines and columns come along, nothing is turned into another type, nothing
is repeated by aliases, and it takes two thirds of the time of ruamel's own loaders (1 ms for an entry of 24 lines).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from core.errors import Invalid

LARGEST = 8_000_000
"""Bytes of one file; that much takes some ten seconds to read."""
DEEPEST = 16
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OTHER_TYPES = (
    (re.compile(r"~|null|Null|NULL"), "nothing"),
    (re.compile(r"(?i:true|false|yes|no|on|off)"), "yes or no"),
    (re.compile(r"[-+]?\d+(?::[0-5]?\d)+"), "a time of day"),
    (re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?"), "a date"),
    (
        re.compile(r"[-+]?(?:0[xo][\da-fA-F]+|\.?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.(?i:inf|nan))"),
        "a number",
    ),
)
_IN_WORDS = {
    r"'\\t'": "a tab stands where blanks must; indent with blanks only",
    r"'[@`%]' that cannot start": "no text may begin with this sign; put the text in quotes",
    r"mapping values are not allowed": "a second colon, or a line that stands too far right; put a text with a colon "
    "in quotes, or mend the indentation",
    r"escape": "a backslash in double quotes that means nothing; write \\\\ or use single quotes",
    r"quoted scalar": 'this quoted text has no end; write the closing quote, and \\" for one inside it',
    r"block scalar": "nothing may follow | or > on its line; begin the text on the next line, indented",
    r"found '<scalar>'": "a text where a key should stand; put the whole text in quotes, or mend the indentation",
    r"flow|',' or '[\]}]'": "a list in brackets is not closed, or a comma is missing; write [first, second]",
    r"could not find expected ':'": "a colon is missing after a key, or a text goes on too far left; write "
    "`key: text`, and longer texts after `|` and indented",
    r"block (?:mapping|collection|sequence)|block end|indent": "the indentation does not fit the lines above; keys of "
    "one entry stand exactly below each other",
    r"undefined tag|directive|version|document start|mapping keys": "this sign has a meaning of its own in YAML; put "
    "the text in quotes",
}
"""What a person can do about what ruamel says, the particular before the general."""


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written; ``plain``: without quotes, so that other programs may take it for something else."""

    at: Place
    text: str
    plain: bool

    def taken_for(self) -> str:
        """What YAML may make of it, in words; "" for what is surely a text."""
        if not self.plain:
            return ""
        return next((what for form, what in _OTHER_TYPES if form.fullmatch(self.text)), "")


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    at: Place
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in the order of the file; a key may stand there twice."""

    at: Place
    pairs: "tuple[tuple[Scalar, Node], ...]"


Node = Scalar | Items | Table


class _Refused(Exception):
    """Well-formed, but not for us."""

    def __init__(self, event: Any, why: str) -> None:
        super().__init__(why)
        self.at = _place(event.start_mark)


def parse(name: str, content: bytes) -> Node | None:
    """The one document of a file; None if it is empty. Raises Invalid with one problem."""
    text = _decoded(name, content)
    try:
        return _document(iter(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        raise Invalid([problem(name, _place(_mark(error)), _in_words(error))]) from error
    except _Refused as refused:
        raise Invalid([problem(name, refused.at, str(refused))]) from refused


def problem(name: str, at: Place, what: str) -> str:
    """One line that an editor or a terminal can jump to."""
    return f"{name}:{at.line}:{at.column}: {what}"


def _decoded(name: str, content: bytes) -> str:
    if len(content) > LARGEST:
        told = f"larger than {LARGEST // 1_000_000} MB; split it into several files"
        raise Invalid([problem(name, Place(1, 1), told)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _at(content[: error.start].decode("utf-8-sig"))
        raise Invalid([problem(name, at, "not UTF-8; save the file as UTF-8")]) from error
    if odd := _UNPRINTABLE.search(text):
        told = f"an invisible control character (U+{ord(odd[0]):04X}); delete it"
        raise Invalid([problem(name, _at(text[: odd.start()]), told)])
    return text


def _at(before: str) -> Place:
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _mark(error: MarkedYAMLError) -> Any:
    """Where to mend it; a quote that is never closed is missed only at the end of the file."""
    at_end = "end of stream" in str(error.problem) and error.context_mark
    return at_end or error.problem_mark or error.context_mark


def _in_words(error: MarkedYAMLError) -> str:
    said = f"{error.problem or ''} {error.context or ''}"
    known = (words for form, words in _IN_WORDS.items() if re.search(form, said))
    return next(known, f"{said.strip()}; check the indentation, and put the text in quotes")


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
    if getattr(event, "tag", None):
        raise _Refused(
            event, f"{event.tag} is a tag, which has no meaning here; delete it, or put the text in quotes"
        )
    at = _place(event.start_mark)
    match event:
        case ScalarEvent():
            return Scalar(at, event.value, not event.style)
        case SequenceStartEvent():
            return Items(at, tuple(_items(events, depth)))
        case MappingStartEvent():
            return Table(at, tuple(_pairs(events, depth)))
    raise _Refused(event, "an alias (*) stands here; write the text itself, or put it in quotes")


def _items(events: Iterator[Any], depth: int) -> Iterator[Node]:
    while not isinstance(event := next(events), SequenceEndEvent):
        yield _node(events, event, depth - 1)


def _pairs(events: Iterator[Any], depth: int) -> Iterator[tuple[Scalar, Node]]:
    while not isinstance(event := next(events), MappingEndEvent):
        key = _node(events, event, depth - 1)
        if not isinstance(key, Scalar):
            raise _Refused(
                event, "a key must be a plain word; put a text that begins with a bracket in quotes"
            )
        yield key, _node(events, next(events), depth - 1)
