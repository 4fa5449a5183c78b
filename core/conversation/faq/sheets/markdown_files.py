"""Markdown: a table as we write it, or a document whose headings are the questions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.conversation.faq.sheets.columns import Headings
from core.conversation.faq.sheets.grid import Row, clean
from core.errors import Invalid

_CELL = re.compile(r"((?:\\.?|[^\\|])*)(?:\||$)")
_RULE = re.compile(r"[\s|:\-]*-[\s|:\-]*")
_WRITTEN = re.compile(r"[\\|<]")
_READ = re.compile(r"\\([\\|<>*_`#~&\[\]])|<br\s*/?>", re.IGNORECASE)
_HEADING = re.compile(r"(#{1,6})\s+(.+?)(?:\s+#+)?\s*")
_FENCE = re.compile(r"\s*(?:```|~~~)")


@dataclass(frozen=True, slots=True)
class _Section:
    number: int
    level: int
    title: str
    text: str


def rows(name: str, content: bytes, headings: Headings) -> Iterator[Row]:
    """The rows of every table with our headings; where there is none, a row for each heading. Raises Invalid."""
    try:
        lines = content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise Invalid([f"{name}: not UTF-8; save the file as UTF-8"]) from error
    table = [Row(number, _cells(line)) for number, line in enumerate(lines, 1) if _of_a_table(line)]
    if any(len(headings.known(row.cells)) > 1 for row in table):
        yield from (row for row in table if any(row.cells))
    else:
        yield from _document(list(_sections(lines)))


def written(table: Sequence[Sequence[str]]) -> bytes:
    """One table; columns in which nothing stands are left out."""
    head, *below = table
    used = [place for place in range(len(head)) if not below or any(row[place] for row in below)]
    lines = [[_escaped(row[place]) for place in used] for row in table]
    rule = ["---"] * len(used)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (lines[0], rule, *lines[1:])).encode()


def _escaped(text: str) -> str:
    return _WRITTEN.sub(r"\\\g<0>", text).replace("\n", "<br>")


def _of_a_table(line: str) -> bool:
    return line.lstrip().startswith("|") and not _RULE.fullmatch(line)


def _cells(line: str) -> tuple[str, ...]:
    """What stands between the bars; a bar behind a backslash is none."""
    found = _CELL.findall(line.strip().removeprefix("|"))
    return tuple(clean(_READ.sub(_meant, cell.strip())) for cell in found[:-1])


def _meant(found: re.Match[str]) -> str:
    return found[1] or "\n"


def _document(sections: Sequence[_Section]) -> Iterator[Row]:
    """Each heading with a text below it is a question; the heading above it without one is its category."""
    if not sections:
        return
    yield Row(0, ("category", "question", "answer"))
    titles = [section for section in sections if section.level == 1]
    above: dict[int, str] = {}
    for section in sections:
        above = {level: title for level, title in above.items() if level < section.level}
        if section.text:
            category = above[max(above)] if above else ""
            yield Row(section.number, (category, section.title, section.text))
        elif len(titles) != 1 or section.level > 1:  # a single one is the document's title
            above[section.level] = section.title


def _sections(lines: Sequence[str]) -> Iterator[_Section]:
    """Headings with what stands below them; what stands before the first one is no answer to anything."""
    title, level, at, below, fenced = "", 0, 0, list[str](), False
    for number, line in enumerate(lines, 1):
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.fullmatch(line)
        if not heading:
            below.append(line)
            continue
        if title:
            yield _Section(at, level, title, clean("\n".join(below)))
        title, level, at, below = clean(heading[2]), len(heading[1]), number, []
    if title:
        yield _Section(at, level, title, clean("\n".join(below)))
