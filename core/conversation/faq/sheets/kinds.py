"""The kinds of sheets, told by a file's name; and entries written as one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Literal

from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.sheets import csv_files, markdown_files, xlsx_files
from core.conversation.faq.sheets.cells import in_lines, in_list
from core.conversation.faq.sheets.columns import ANSWER_ON, OWN, SHARED, Headings, heading
from core.conversation.faq.sheets.grid import Row, checked_size, enough
from core.errors import Invalid

Kind = Literal["csv", "xlsx", "md"]
KINDS: tuple[Kind, ...] = ("csv", "xlsx", "md")
_ENDINGS: Mapping[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".md": "md",
    ".markdown": "md",
}
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def kind_of(name: str) -> Kind:
    """Raises Invalid for a file that is none of ours."""
    kind = _ENDINGS.get(PurePath(name).suffix.casefold())
    if kind is None:
        raise Invalid([f"{name}: is no sheet; give a file that ends in .csv, .xlsx or .md"])
    return kind


def rows(name: str, content: bytes, headings: Headings) -> Sequence[Row]:
    """Every row that isn't empty, headings included. What the content is counts more than the name. Raises Invalid."""
    checked_size(name, content)
    kind = "xlsx" if content.startswith(_ZIP) else kind_of(name)
    if content.startswith(_OLD_EXCEL):
        told = "is an old or a locked Excel workbook; save it as .xlsx, without a password"
        raise Invalid([f"{name}: {told}"])
    match kind:
        case "xlsx":
            return enough(name, list(xlsx_files.rows(name, content, headings)))
        case "csv":
            return enough(name, list(csv_files.rows(name, content, headings)))
    return enough(name, list(markdown_files.rows(name, content, headings)))


def written(entries: Iterable[Entry], kind: Kind) -> bytes:
    """A sheet that ``merged`` reads back. Raises Invalid for texts that this kind can't hold."""
    table = list(_table(list(entries)))
    match kind:
        case "csv":
            return csv_files.written(table)
        case "xlsx":
            return xlsx_files.written(table)
    return markdown_files.written(table)


def _table(entries: Sequence[Entry]) -> Iterator[list[str]]:
    platforms = {name for entry in entries for block in entry.blocks.values() for name in block.answers}
    answers = [f"{ANSWER_ON}{name}" for name in sorted(platforms)]
    columns = ["id", "category", *OWN[1:], *answers, *SHARED[1:]]
    yield [heading(column) for column in columns]
    for entry in entries:
        shared = _shared(entry)
        for language, block in entry.blocks.items():
            told = {"id": entry.id, **shared, **_own(language, block)}
            yield [told.get(column, "") for column in columns]
            shared = {}


def _shared(entry: Entry) -> Mapping[str, str]:
    """What is about the whole entry; the words of each column."""
    return {
        "category": entry.category,
        "keywords": in_list(entry.keywords),
        "follow_ups": in_list(entry.follow_ups),
        "attachments": in_list(entry.attachments),
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else "",
        "escalate": entry.escalate,
        "audience": entry.audience if entry.audience != "people" else "",
        "examples": in_lines(entry.examples),
        "not_for": in_lines(entry.not_for),
    }


def _own(language: str, block: Block) -> Mapping[str, str]:
    on_platforms = {f"{ANSWER_ON}{name}": answer for name, answer in block.answers.items()}
    return {
        "language": language,
        "question": block.question,
        "variants": in_lines(block.variants),
        "answer": block.answer,
        **on_platforms,
    }
