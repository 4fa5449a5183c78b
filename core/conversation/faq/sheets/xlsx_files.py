"""XLSX, read without trust: an archive of XML from anybody, that may be a bomb."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from io import BytesIO
from itertools import product
from xml.etree.ElementTree import ParseError, fromstring

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from core.conversation.faq.sheets.columns import Headings
from core.conversation.faq.sheets.grid import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Row,
    again_guarded,
    clean,
    unguarded,
)
from core.errors import Invalid

_UNPACKED = 64_000_000
"""Bytes of all that the archive holds, unpacked."""
_TAGS = 6_000_000
"""20,000 rows of 16 cells have 2 million."""
_MOST_PARTS = 500
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LIKE_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Signs that XML can't hold are written like ``_x000D_``, and what only looks so with a coded underline."""
_WIDE = {"question": 32, "variants": 40, "examples": 32, "not_for": 32}
_WIDTH, _ANSWER_WIDTH = 16, 60
_UNREADABLE = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What zipfile and openpyxl raise on broken, encrypted and foreign archives."""
Merged = Mapping[tuple[int, int], tuple[int, int]]


def rows(name: str, content: bytes, headings: Headings) -> Iterator[Row]:
    """The rows of the first sheet that has our headings, of the first one if none has. Raises Invalid."""
    try:
        sheets = list(_sheets(name, content))
    except _UNREADABLE as error:
        told = "can't be read as an Excel workbook; save it again as .xlsx, without a password"
        raise Invalid([f"{name}: {told}"]) from error
    ours = (sheet for sheet in sheets if any(len(headings.known(row.cells)) > 1 for row in sheet[:20]))
    yield from next(ours, sheets[0] if sheets else [])


def written(table: Iterable[Sequence[str]]) -> bytes:
    """One sheet, every cell a text whatever it begins with. Raises Invalid for what no cell can hold."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("FAQ")
    sheet.freeze_panes = "D2"
    for number, texts in enumerate(table, 1):
        if number == 1:
            for place, name in enumerate(texts, 1):
                sheet.column_dimensions[get_column_letter(place)].width = _width(name)
        cells = [_cell(sheet, text, number) for text in texts]
        sheet.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _width(heading: str) -> int:
    return _ANSWER_WIDTH if heading.startswith("answer") else _WIDE.get(heading, _WIDTH)


def _cell(sheet: WriteOnlyWorksheet, text: str, row: int) -> Cell:
    told = _LIKE_CODED.sub("_x005F_", again_guarded(text))
    if len(told.encode("utf-16-le")) // 2 > LONGEST_CELL:
        what = f"a text has more than {LONGEST_CELL:,} signs, which no Excel cell holds; export as CSV"
        raise Invalid([f"row {row}: {what}"])
    cell: Cell = WriteOnlyCell(sheet, told)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if row == 1:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="EEEEEE")
    return cell


def _sheets(name: str, content: bytes) -> Iterator[list[Row]]:
    merged = _inspected(name, content)
    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            if not isinstance(sheet, ReadOnlyWorksheet):
                continue
            sheet.reset_dimensions()
            read = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
            rows = list(_filled(read, merged.get(sheet.title, {})))
            if rows and rows[-1].number > MOST_ROWS:
                raise Invalid([f"{name}: more than {MOST_ROWS:,} rows; split it into several sheets"])
            yield rows
    finally:
        book.close()


def _filled(read: Iterable[Sequence[object]], merged: Merged) -> Iterator[Row]:
    """Rows with something in them; a merged cell's text stands in all the cells that it covers."""
    first: dict[tuple[int, int], str] = {}
    for number, values in enumerate(read, 1):
        cells = [_told(value) for value in values]
        for place, text in enumerate(cells, 1):
            if (number, place) in merged:
                corner = merged[number, place]
                cells[place - 1] = first.setdefault(corner, text)
        if any(cells):
            yield Row(number, tuple(cells))


def _told(value: object) -> str:
    """As the admin sees it, nearly: what a formula gave, days without a time, whole numbers without a point."""
    match value:
        case None:
            return ""
        case str():
            return unguarded(clean(_CODED.sub(_decoded, value)))
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
    return str(value)


def _decoded(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _inspected(name: str, content: bytes) -> Mapping[str, Merged]:
    """Each sheet's merged cells by its title, once the archive is known to be harmless. Raises Invalid."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _UNPACKED:
            raise Invalid([f"{name}: too large when unpacked; copy the table alone into a new workbook"])
        inside = {part.filename.lstrip("/"): archive.read(part) for part in parts}
    tags = sum(text.count(b"<") for text in inside.values())
    if tags > _TAGS or any(sign in text for text in inside.values() for sign in _DOCTYPE):
        raise Invalid([f"{name}: holds more than a table; copy the table alone into a new workbook"])
    return {title: _merged(inside[path]) for title, path in _titles(inside) if path in inside}


def _titles(inside: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The sheets' titles, and where in the archive they stand."""
    places = {
        str(one.get("Id")): str(one.get("Target"))
        for one in fromstring(inside.get("xl/_rels/workbook.xml.rels", b"<none/>"))
    }
    for sheet in fromstring(inside.get("xl/workbook.xml", b"<none/>")).iter():
        if target := places.get(sheet.get(_RELATION, "")):
            yield sheet.get("name", ""), f"xl/{target}" if target[:1] != "/" else target[1:]


def _merged(inside: bytes) -> Merged:
    """Every cell of small merged ranges, with the corner that holds their text."""
    corners: dict[tuple[int, int], tuple[int, int]] = {}
    for found in _MERGED.finditer(inside):
        left, right = (column_index_from_string(found[side].decode()) for side in (1, 3))
        top, bottom = int(found[2]), int(found[4])
        if (right - left + 1) * (bottom - top + 1) + len(corners) > MOST_ROWS * 5:
            continue
        covered = product(range(top, bottom + 1), range(left, right + 1))
        corners.update(dict.fromkeys(covered, (top, left)))
    return corners
