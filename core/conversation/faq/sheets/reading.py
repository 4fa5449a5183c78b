"""A sheet's rows under its headings, wherever those stand and however they are called."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.conversation.faq.sheets.columns import OWN, Headings
from core.conversation.faq.sheets.grid import Row
from core.conversation.faq.sheets.report import Note
from core.errors import Invalid

_LOOKED_AT = 20
"""Rows at the top in which the headings must stand: above them may be a title and a date."""


@dataclass(frozen=True, slots=True)
class Told:
    """One row: the text of each of our columns that the sheet has, empty ones included."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``columns``: ours that are there."""

    name: str
    columns: frozenset[str]
    rows: tuple[Told, ...]
    notes: tuple[Note, ...]


def read(name: str, rows: Sequence[Row], headings: Headings) -> Sheet:
    """Raises Invalid where no row has our headings."""
    start = _start(name, rows, headings)
    notes = list(_left_out(rows[start], headings))
    told = tuple(_told(rows[start:], headings))
    columns = frozenset(column for row in told for column in row.cells)
    return Sheet(name=name, columns=columns, rows=told, notes=tuple(notes))


def _start(name: str, rows: Sequence[Row], headings: Headings) -> int:
    """The first row that has most of our headings."""
    first = rows[:_LOOKED_AT]
    start = max(range(len(first)), key=lambda at: len(headings.known(first[at].cells)), default=0)
    known = headings.known(first[start].cells) if first else set()
    if "question" not in known and not ("id" in known and len(known) > 1):
        told = f"has no row of headings; the first row must be: {', '.join(OWN)} (question and answer are enough)"
        raise Invalid([f"{name}: {told}"])
    return start


def _left_out(row: Row, headings: Headings) -> Iterator[Note]:
    seen: set[str] = set()
    for cell in filter(None, row.cells):
        column = headings.column(cell)
        if not column:
            near = headings.near(cell)
            meant = f'; did you mean "{near}"?' if near else ""
            yield Note(
                row=row.number, what=f'the column "{cell[:40]}" is none of ours and was left out{meant}'
            )
        elif column in seen:
            yield Note(
                row=row.number, what=f'"{cell}" is a second column for {column}; only the first was read'
            )
        seen.add(column)


def _told(rows: Sequence[Row], headings: Headings) -> Iterator[Told]:
    """Below each row of headings; there are several where one file holds several tables."""
    places: dict[str, int] = {}
    for row in rows:
        if row is rows[0] or _is_heading(row, headings):
            places = {}
            for place, cell in enumerate(row.cells):
                if column := headings.column(cell):
                    places.setdefault(column, place)
            continue
        cells = {
            column: row.cells[place] if place < len(row.cells) else "" for column, place in places.items()
        }
        if any(cells.values()):
            yield Told(row.number, cells)


def _is_heading(row: Row, headings: Headings) -> bool:
    """Names of columns and nothing else; single letters (``Q``) may as well be somebody's answer."""
    filled = [cell for cell in row.cells if cell]
    known = headings.known([cell for cell in filled if len(cell) > 1])
    return len(known) > 1 and ("question" in known or "id" in known) and len(known) == len(filled)
