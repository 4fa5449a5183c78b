"""A sheet taken into the FAQ's files: entries that it doesn't name, and every other byte, stay as they are."""

from collections.abc import Mapping, Sequence
from itertools import count

from core.conversation.faq.editing import FAQ, Files, is_faq, source_from, with_source
from core.conversation.faq.entries import Entry
from core.conversation.faq.load import read_file, together
from core.conversation.faq.sheets.columns import Headings
from core.conversation.faq.sheets.kinds import rows
from core.conversation.faq.sheets.reading import read
from core.conversation.faq.sheets.report import Report
from core.conversation.faq.sheets.taking import taken
from core.conversation.faq.spots import Sheet, Spot
from core.conversation.faq.tree import parse
from core.conversation.faq.writing import plain

_FEW = 20
"""Entries that are written one by one: 10 ms each. More at once: those that are new get a file of their own."""
_IMPORTED = f"{FAQ}95-imported"
_MARK, _HEAD = "\ufeff", "entries:\n"


def merged(files: Files, name: str, content: bytes) -> tuple[Files, Report]:
    """The files with what the sheet says, and what was taken of it. Raises Invalid where nothing can be read.

    2 s for 5,000 new entries, 5 ms for each that changes: not on the event loop.
    """
    headings = Headings()
    sheet = read(name, rows(name, content, headings), headings)
    entries, report = taken(sheet, {entry.id: entry for entry in entries_of(files)})
    return _with_entries(files, entries), report


def entries_of(files: Files) -> Sequence[Entry]:
    """What the files of a revision hold. Raises Invalid."""
    return together([read_file(name, text) for name, text in files.items() if is_faq(name)])


def _with_entries(files: Files, entries: Sequence[Entry]) -> Files:
    if len(entries) > _FEW:
        files, entries = _in_bulk(files, entries)
    for entry in entries:
        files = with_source(files, source_from(entry))
    return files


def _in_bulk(files: Files, entries: Sequence[Entry]) -> tuple[Files, Sequence[Entry]]:
    """All entries of a file at once, new ones in a file of their own; and those that must be written one by one."""
    wanted = {entry.id: entry for entry in entries}
    done = {name: _revised(name, text, wanted) if is_faq(name) else text for name, text in files.items()}
    there = {entry.id: entry for name, text in done.items() if is_faq(name) for entry in _in(name, text)}
    new = [entry for entry in entries if entry.id not in there]
    if new:
        done[_free(files)] = _HEAD + "\n".join(_item(source_from(entry)) for entry in new)
    return done, [entry for entry in entries if there.get(entry.id, entry) != entry]


def _revised(name: str, text: str, wanted: Mapping[str, Entry]) -> str:
    """One file with all that is wanted in it; as it was if that can't be done at once."""
    mark = _MARK if text.startswith(_MARK) else ""
    sheet = Sheet(text.removeprefix(_MARK))
    if sheet.flow:
        return text
    parts, at = [], 0
    for spot in sorted(sheet.spots.values(), key=_begin):
        if spot.id in wanted:
            parts += [sheet.text[at : spot.begin], _alone(sheet, spot, wanted[spot.id])]
            at = spot.end
    after = "".join([mark, *parts, sheet.text[at:]])
    good = _in(name, after) == [wanted.get(entry.id, entry) for entry in _in(name, text)]
    return after if good and not read_file(name, after).problems else text


def _alone(sheet: Sheet, spot: Spot, entry: Entry) -> str:
    """The lines of one entry, revised as if it were all of the file."""
    one = Sheet(_HEAD + sheet.text[spot.begin : spot.end])
    return one.revised(one.spots[spot.id], _value(entry)).removeprefix(_HEAD)


def _in(name: str, text: str) -> list[Entry]:
    return [found.entry for found in read_file(name, text).found]


def _begin(spot: Spot) -> int:
    return spot.begin


def _value(entry: Entry) -> Mapping[str, object]:
    node = parse(entry.id, source_from(entry))
    value = plain(node) if node else None
    assert isinstance(value, dict)
    return value


def _free(files: Files) -> str:
    names = (f"{_IMPORTED}-{number}.yaml" for number in count(1))
    return next(name for name in names if name not in files)


def _item(source: str) -> str:
    lines = source.rstrip("\n").split("\n")
    return "".join(
        f"{'  - ' if at == 0 else '    '}{line}\n" if line else "\n" for at, line in enumerate(lines)
    )
