"""CSV as spreadsheets write it: in many charsets, with three kinds of separators."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from core.conversation.faq.sheets.columns import Headings
from core.conversation.faq.sheets.grid import Row, clean, guarded, unguarded
from core.errors import Invalid

_SEPARATORS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHARSETS = {"gb18030": ("gb2312", 0xB0, 0xD7), "cp950": ("big5", 0xA4, 0xC6)}
"""Each with the national charset in which the frequent signs have a first byte from here to there."""
_FEW = 20
"""UTF-16 in Latin letters decodes as UTF-8 as well, but every second byte is 0."""
_SEEN = 100_000
"""Bytes from which a charset is told."""


def rows(name: str, content: bytes, headings: Headings) -> Iterator[Row]:
    """Every row that isn't empty, numbered as a spreadsheet counts: a cell of many lines is one row. Raises Invalid."""
    text = _text(name, content, headings)
    first, _, rest = text.partition("\n")
    told = first.rstrip("\r").removeprefix("sep=") if first.startswith("sep=") else ""
    text, before = (rest, 1) if told else (text, 0)
    reader = csv.reader(StringIO(text, newline=""), delimiter=told[:1] or _separator(text, headings))
    number = before
    try:
        for number, cells in enumerate(reader, before + 1):
            if any(cell.strip() for cell in cells):
                yield Row(number, tuple(unguarded(clean(cell)) for cell in cells))
    except csv.Error as error:
        raise Invalid([f"{name}:{number + 1}: is no CSV ({error}); save it again as CSV UTF-8"]) from error


def written(table: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with its mark, without which Excel reads Chinese as rubbish; nothing in it runs as a formula."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def _text(name: str, content: bytes, headings: Headings) -> str:
    try:
        return content.decode(_charset(content, headings))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        told = "neither UTF-8 nor a Chinese charset; save it as CSV UTF-8"
        raise Invalid([f"{name}:{line}: {told}"]) from error


def _charset(content: bytes, headings: Headings) -> str:
    """What the mark says; UTF-16 without one has zeros; else what decodes, and looks most like a text."""
    for mark, charset in _MARKS:
        if content.startswith(mark):
            return charset
    utf8, zeros = _decodes(content, "utf-8"), content[:_SEEN].count(0)
    if utf8 and zeros * _FEW < len(content[:_SEEN]):
        return "utf-8"
    if zeros:
        first = content[:_SEEN:2].count(0)
        return "utf-16-be" if first * 2 > zeros else "utf-16-le"
    return max(_CHARSETS, key=lambda charset: _looks(content, charset, headings))


def _decodes(content: bytes, charset: str) -> bool:
    try:
        content.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def _looks(content: bytes, charset: str, headings: Headings) -> tuple[bool, int, float]:
    """Whether it decodes, how many headings it then has, and the share of its Chinese signs that are frequent."""
    text = content[:_SEEN].decode(charset, "ignore")
    cells = [cell for separator in _SEPARATORS for cell in text.partition("\n")[0].split(separator)]
    national, low, high = _CHARSETS[charset]
    signs = [sign for sign in text if sign > "\u2fff"]
    frequent = sum(low <= sign.encode(national, "ignore")[:1].ljust(1)[0] <= high for sign in signs)
    return _decodes(content, charset), len(headings.known(cells)), frequent / max(len(signs), 1)


def _separator(text: str, headings: Headings) -> str:
    """The one that finds the most headings in the first rows."""
    first = "\n".join(text.split("\n", 20)[:20])
    return max(_SEPARATORS, key=lambda separator: _headings(first, separator, headings))


def _headings(text: str, separator: str, headings: Headings) -> int:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        return max((len(headings.known(cells)) for cells in reader), default=0)
    except csv.Error:
        return 0
