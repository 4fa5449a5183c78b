"""``parse_mode=HTML``: the few tags that Telegram knows, its entities, and its complaints about anything else.

Offsets in complaints count UTF-8 bytes, those of entities UTF-16 units.
"""

import re
from dataclasses import dataclass, field

from bots.sandbox.hub import Json
from bots.sandbox.telegram.failure import Failure, bad

TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CODE = re.compile(r"&(?:(lt|gt|amp|quot)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));?")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"""\s*([^\s=/>"'<]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
_TAIL = re.compile(r"\s*/?\s*>")


def utf16(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    at: int
    attributes: dict[str, str]


@dataclass(slots=True)
class _Reader:
    source: str
    at: int = 0
    text: str = ""
    open: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def read(self) -> None:
        while self.at < len(self.source):
            sign = self.source[self.at]
            if sign == "&":
                self._code()
            elif sign == "<":
                self._close() if self.source.startswith("</", self.at) else self._start()
            else:
                self.text += sign
                self.at += 1
        if self.open:
            raise _complaint(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')

    def _code(self) -> None:
        found = _CODE.match(self.source, self.at)
        sign = _decoded(found) if found else ""
        self.text += sign or "&"
        self.at = found.end() if found and sign else self.at + 1

    def _start(self) -> None:
        begin = self._bytes()
        found = _NAME.match(self.source, self.at + 1)
        name = found[0].lower() if found else ""
        end = found.end() if found else self.at + 1
        if end >= len(self.source):
            raise _complaint(f"Unclosed start tag at byte offset {begin}")
        if name not in TYPES:
            raise _complaint(f'Unsupported start tag "{name}" at byte offset {begin}')
        attributes: dict[str, str] = {}
        while (attribute := _ATTRIBUTE.match(self.source, end)) is not None:
            value = attribute[2] or ""
            attributes[attribute[1].lower()] = _CODE.sub(
                lambda code: _decoded(code) or code[0], value.strip("\"'")
            )
            end = attribute.end()
        tail = _TAIL.match(self.source, end)
        if tail is None:
            raise _complaint(f"Unclosed start tag at byte offset {begin}")
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _complaint(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.at = tail.end()
        self.open.append(_Open(name, len(self.text), attributes))

    def _close(self) -> None:
        begin = self._bytes()
        if not self.open:
            raise _complaint(f"Unexpected end tag at byte offset {begin}")
        end = self.source.find(">", self.at)
        if end < 0:
            raise _complaint(f"Unclosed end tag at byte offset {begin}")
        name = self.source[self.at + 2 : end].strip().lower()
        tag = self.open.pop()
        if name not in ("", tag.name):
            raise _complaint(
                f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", found "</{name}>"'
            )
        self.at = end + 1
        self._entity(tag)

    def _entity(self, tag: _Open) -> None:
        length = utf16(self.text[tag.at :])
        kind = TYPES[tag.name]
        if not length or (kind == "text_link" and not tag.attributes.get("href")):
            return
        entity: Json = {"type": kind, "offset": utf16(self.text[: tag.at]), "length": length}
        if kind == "text_link":
            entity["url"] = tag.attributes["href"]
        self.entities.append(entity)

    def _bytes(self) -> int:
        return len(self.source[: self.at].encode())


def _decoded(found: re.Match[str]) -> str:
    """The sign of a character reference; "" if there is none."""
    if found[1]:
        return _NAMED[found[1]]
    point = int(found[2]) if found[2] else int(found[3], 16)
    return chr(point) if 0 < point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF else ""


def _complaint(reason: str) -> Failure:
    return bad(f"can't parse entities: {reason}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The plain text and its entities; raises Failure."""
    reader = _Reader(source)
    reader.read()
    return reader.text, sorted(reader.entities, key=lambda entity: (entity["offset"], -entity["length"]))
