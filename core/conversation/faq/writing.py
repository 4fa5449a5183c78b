"""Entries as YAML that people like to read, and that no other program takes for anything else."""

import re
from collections.abc import Iterator, Mapping, Sequence

from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.tree import Items, Node, Scalar, taken_for, unprintable

_SIGNS = "-?:,[]{}#&*!|>'\"%@`"
_ENDS_PLAIN = re.compile(r":(?:\s|$)|\s#")
_ENDS_FLOW = re.compile(r"[,\[\]{}:]|\s#")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def source_from(entry: Entry) -> str:
    """The entry as the admins' files spell it, beginning with its ``id:``."""
    return written(_fields(entry))


def written(value: Mapping[str, object], indent: int = 0) -> str:
    """Keys with their values, each on lines of its own."""
    return "".join(f"{line}\n" for line in _table(value, indent))


def pair(key: str, value: object, indent: int) -> str:
    """One key with its value, on lines of its own."""
    return "".join(f"{line}\n" for line in _pair(key, value, indent))


def item(text: str, indent: int) -> str:
    """One text of a list, on a line of its own."""
    return f"{' ' * indent}- {inline(text)}\n"


def inline(text: str, quote: str = "", *, flow: bool = False) -> str:
    """A text on one line; without quotes where nobody can mistake it and none are asked for."""
    ends = _ENDS_FLOW if flow else _ENDS_PLAIN
    odd = "\n" in text or "\t" in text or unprintable(text)
    if quote == "'" and not odd:
        return "'" + text.replace("'", "''") + "'"
    if quote or odd or not text or text != text.strip() or text[0] in _SIGNS or ends.search(text):
        return _quoted(text)
    return _quoted(text) if taken_for(text) else text


def in_flow(value: object) -> str:
    """A value in brackets or braces, on one line."""
    if isinstance(value, str):
        return inline(value, flow=True)
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{inline(key, flow=True)}: {in_flow(part)}" for key, part in value.items()) + "}"
        )
    assert isinstance(value, Sequence)
    return "[" + ", ".join(map(in_flow, value)) + "]"


def plain(node: Node) -> "str | list[object] | dict[str, object]":
    """What a node holds, without its form."""
    if isinstance(node, Scalar):
        return node.text.strip()
    if isinstance(node, Items):
        return [plain(one) for one in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if "\ud800" <= sign <= "\udfff":
        return "\ufffd"
    if sign == "\r" or unprintable(sign):
        return f"\\U{ord(sign):08X}"
    return sign


def _table(value: Mapping[str, object], indent: int) -> Iterator[str]:
    for key, part in value.items():
        yield from _pair(key, part, indent)


def _pair(key: str, value: object, indent: int) -> Iterator[str]:
    begin = f"{' ' * indent}{inline(key)}:"
    if isinstance(value, str):
        yield from _text(begin, value, indent + 2)
    elif not value:
        yield f"{begin} {in_flow(value)}"
    elif isinstance(value, Mapping):
        yield begin
        yield from _table(value, indent + 2)
    else:
        assert isinstance(value, Sequence)
        yield begin
        for one in value:
            text = one if isinstance(one, str) else ""
            yield f"{' ' * (indent + 2)}- {inline(text) if isinstance(one, str) else in_flow(one)}"


def _text(begin: str, text: str, indent: int) -> Iterator[str]:
    """Several lines stand after ``|``, if nothing in them needs to be escaped."""
    text = text.replace("\r\n", "\n")
    if "\n" not in text or unprintable(text) or text != text.strip():
        yield f"{begin} {inline(text)}"
        return
    yield f"{begin} |"
    for line in text.split("\n"):
        yield f"{' ' * indent}{line}" if line else ""


def _fields(entry: Entry) -> dict[str, object]:
    """In the order in which people write them; what is empty is left out."""
    told: dict[str, object] = {
        "id": entry.id,
        "category": entry.category,
        "keywords": entry.keywords,
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
        "escalate": entry.escalate,
        "audience": entry.audience if entry.audience != "people" else "",
        **{code: _block(block) for code, block in entry.blocks.items()},
        "attachments": entry.attachments,
        "follow_ups": entry.follow_ups,
        "examples": entry.examples,
        "not_for": entry.not_for,
    }
    return {key: value for key, value in told.items() if value}


def _block(block: Block) -> dict[str, object]:
    told: dict[str, object] = {
        "question": block.question,
        "variants": block.variants,
        "answer": block.answer,
        "answers": block.answers,
    }
    return {key: value for key, value in told.items() if value}
