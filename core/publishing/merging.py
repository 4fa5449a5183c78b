"""Two changes of the same state brought together: entry by entry, and other files whole."""

from collections.abc import Iterator, Mapping, Sequence

from core.conversation.faq.differences import Difference, FieldChange, differences
from core.conversation.faq.editing import Files, is_faq, ordered, source_of, with_source, without_entry
from core.conversation.faq.entries import Entry
from core.conversation.faq.load import read_file
from core.errors import Invalid

Entries = Mapping[str, Entry]


class Clash(Exception):
    """Both changed the same entry or file; the differences lead from theirs to mine."""

    def __init__(self, found: Sequence[Difference]) -> None:
        super().__init__(", ".join(one.id for one in found))
        self.differences = tuple(found)


def merged(base: Files, mine: Files, theirs: Files) -> Files:
    """Theirs with what I changed since ``base``. Raises Clash, or Invalid where my files can't be read."""
    if mine == base:
        return theirs
    if theirs in (base, mine):
        return mine
    names = dict.fromkeys([*theirs, *mine, *base])
    differing = [name for name in names if not base.get(name) == mine.get(name) == theirs.get(name)]
    states = _loose(_some(base, differing)), _sound(_some(mine, differing)), _loose(_some(theirs, differing))
    if found := (*_clashing_entries(*states), *_clashing_files(base, mine, theirs)):
        raise Clash(found)
    files = {name: text for name in names if (text := _text(name, base, mine, theirs)) is not None}
    for name in names:
        if _both(name, base, mine, theirs):
            files = dict(_by_entry(name, base, mine, files))
    return ordered(files)


def closest(folder: Files, states: Sequence[tuple[int, Files]]) -> tuple[int, Files]:
    """The state that a folder was most likely in step with: the one in which fewest entries and files differ.

    Of several the oldest: what both changed since is then told as a clash, never overwritten.
    """
    read: dict[tuple[str, str], Entries] = {}
    return min(states, key=lambda state: (_distance(folder, state[1], read), state[0]))


def _distance(one: Files, other: Files, read: dict[tuple[str, str], Entries]) -> int:
    """``read`` keeps what was read: most states have most files in common."""
    differ = [name for name in {*one, *other} if one.get(name) != other.get(name)]
    mine, theirs = _kept(_some(one, differ), read), _kept(_some(other, differ), read)
    entries = sum(mine.get(name) != theirs.get(name) for name in {*mine, *theirs})
    return 1000 * (entries + sum(not is_faq(name) for name in differ)) + len(differ)


def _kept(files: Files, read: dict[tuple[str, str], Entries]) -> Entries:
    for name, text in files.items():
        if (name, text) not in read:
            read[name, text] = _loose({name: text})
    return {id: entry for file in files.items() for id, entry in read[file].items()}


def _sound(files: Files) -> Entries:
    """By id. Raises Invalid where a file can't be read."""
    read = [read_file(name, text) for name, text in files.items() if is_faq(name)]
    if problems := [told for file in read for told in file.problems]:
        raise Invalid(problems)
    return {found.entry.id: found.entry for file in read for found in file.found}


def _loose(files: Files) -> Entries:
    """By id, as far as they can be read: what was published once may not be any more."""
    return {
        one.entry.id: one.entry
        for name, text in files.items()
        if is_faq(name)
        for one in read_file(name, text).found
    }


def _clashing_entries(base: Entries, mine: Entries, theirs: Entries) -> Iterator[Difference]:
    both = [
        name
        for name in {**theirs, **mine, **base}
        if mine.get(name) != base.get(name) != theirs.get(name) and mine.get(name) != theirs.get(name)
    ]
    yield from differences(_only(theirs, both), _only(mine, both))


def _only(entries: Entries, names: Sequence[str]) -> list[Entry]:
    return [entries[name] for name in names if name in entries]


def _clashing_files(base: Files, mine: Files, theirs: Files) -> Iterator[Difference]:
    for name in sorted({*base, *mine, *theirs}):
        if _both(name, base, mine, theirs) and not is_faq(name):
            change = FieldChange(name="text", before=theirs.get(name, ""), after=mine.get(name, ""))
            yield Difference(id=name, kind="changed", fields=(change,))


def _both(name: str, base: Files, mine: Files, theirs: Files) -> bool:
    """Both changed it, and not to the same."""
    was, ours, other = base.get(name), mine.get(name), theirs.get(name)
    return ours != was != other and ours != other


def _text(name: str, base: Files, mine: Files, theirs: Files) -> str | None:
    """The file as whoever changed it has it; theirs where both did."""
    return mine.get(name) if theirs.get(name) == base.get(name) else theirs.get(name)


def _by_entry(name: str, base: Files, mine: Files, files: Files) -> Files:
    """With my changes of one file's entries in a file that they changed as well."""
    before, after = _some(base, [name]), _some(mine, [name])
    old, new = _loose(before), _loose(after)
    for entry in old:
        if entry not in new and entry in _loose(_some(files, [name])):
            files = without_entry(files, entry)
    for entry, value in new.items():
        if old.get(entry) != value:
            files = with_source(files, source_of(after, entry), file=name)
    return files


def _some(files: Files, names: Sequence[str]) -> Files:
    return {name: files[name] for name in names if name in files}
