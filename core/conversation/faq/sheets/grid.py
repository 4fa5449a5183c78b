"""What the three kinds of sheets have in common: rows of cells, with the numbers that people see beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Invalid

MOST_ROWS = 20_000
"""5,000 entries in three languages, and some more."""
MOST_COLUMNS = 100
LARGEST = 16_000_000
"""Bytes of a file that is taken in."""
LONGEST_CELL = 32_767
"""Signs that Excel keeps of a cell; it cuts the rest off without a word."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` as the program shows it."""

    number: int
    cells: Sequence[str]


def guarded(text: str) -> str:
    """A text that a spreadsheet might run (``=HYPERLINK(…)``) with the apostrophe that makes it a text."""
    return f"'{text}" if _FORMULA.match(text) else text


def again_guarded(text: str) -> str:
    """For cells that are texts by their type: only so that ``unguarded`` gives back what was there."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """Without the apostrophe of ``guarded``."""
    return text[1:] if _GUARDED.match(text) else text


def clean(text: str) -> str:
    """One kind of line end, nothing invisible, no blanks around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", lines).strip()


def enough(name: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The same rows. Raises Invalid where they are too many."""
    if len(rows) > MOST_ROWS:
        raise Invalid([f"{name}: more than {MOST_ROWS:,} rows; split it into several sheets"])
    return rows


def checked_size(name: str, content: bytes) -> None:
    """Raises Invalid for what is too large to look at, or empty."""
    if len(content) > LARGEST:
        raise Invalid([f"{name}: larger than {LARGEST // 1_000_000} MB; split it into several sheets"])
    if not content.strip(b"\0 \t\r\n"):
        raise Invalid(
            [f"{name}: the file is empty; write a row of headings and below it a row for each entry"]
        )
