"""Edits of the operator's files that leave every other sign of them as it was: comments, order, quotes and all.

Each edit is read again before it counts: it must be what was wanted, and the file's other entries what they were.
"""

import re
from collections.abc import Mapping

from core.conversation.faq.entries import Entry
from core.conversation.faq.load import read_entry, read_file
from core.conversation.faq.spots import Sheet, Spot
from core.conversation.faq.tree import Items, Node, Scalar, Table, parse
from core.conversation.faq.writing import plain, source_from, written
from core.errors import Invalid

__all__ = [
    "FAQ", "TEXTS", "Files", "is_faq", "ordered", "source_from", "source_of", "with_source", "with_variant",
    "without_entry", "without_variant",
]  # fmt: skip

Files = Mapping[str, str]
"""The operator's files: the path beside the configuration file -> the text."""
FAQ = "faq/"
TEXTS = "texts/"
ADDED = f"{FAQ}90-added.yaml"
_MARK = "\ufeff"


def is_faq(name: str) -> bool:
    """Whether entries stand in it."""
    return name.startswith(FAQ)


def ordered(files: Files) -> dict[str, str]:
    """In the order in which entries are offered: that of their paths."""
    return {name: files[name] for name in sorted(files, key=lambda name: name.split("/"))}


def source_of(files: Files, name: str) -> str:
    """The entry's YAML as a text of its own, beginning with its ``id:``. Raises Invalid if there is none."""
    file, sheet = _found(files, name)
    source = sheet.source(sheet.spots[name])
    if source.startswith("id:"):
        return source
    value = plain(parsed(file, source))
    return written({"id": name, **value}) if isinstance(value, dict) else source


def with_source(files: Files, source: str, *, file: str = "") -> Files:
    """With this entry instead of the one of its id, or one more: in ``file``, else in that of its category.

    Where the source has no comments, those of the old one stay. Raises Invalid.
    """
    source = _even(source)
    entry = read_entry("entry", source)
    there = _where(files, entry.id)
    if there is None:
        return _added(files, source, entry, file)
    if file and file != there:
        return with_source(without_entry(files, entry.id), source, file=file)
    sheet = _sheet(files[there])
    spot = sheet.spots[entry.id]
    value = plain(parsed("entry", source))
    assert isinstance(value, dict)
    if _has_comments(source):
        return _edited(files, there, entry, sheet.replaced(spot, source))
    return _edited(files, there, entry, sheet.revised(spot, value), sheet.replaced(spot, source))


def with_variant(files: Files, name: str, language: str, text: str) -> Files:
    """With one more way to ask; in the nearest language that the entry has. Raises Invalid if there is no entry."""
    entry = _entry(files, name)
    if text.strip() in entry.phrasings():
        return files
    code = entry.answer_in(language)[0]
    return _with_variants(files, name, code, [*entry.blocks[code].variants, text.strip()])


def without_variant(files: Files, name: str, language: str, text: str) -> Files:
    """Without this way to ask, in whichever language it stands. Raises Invalid if there is no entry."""
    entry = _entry(files, name)
    codes = sorted(entry.blocks, key=lambda code: code != language)
    for code in codes:
        if text.strip() in (variants := list(entry.blocks[code].variants)):
            variants.remove(text.strip())
            return _with_variants(files, name, code, variants)
    return files


def without_entry(files: Files, name: str) -> Files:
    """Without this entry. Raises Invalid if there is none."""
    file, sheet = _found(files, name)
    return _edited(files, file, None, sheet.without(sheet.spots[name]), gone=name)


def parsed(name: str, text: str) -> Node:
    """The document of a text that holds one. Raises Invalid."""
    node = parse(name, text)
    assert node is not None
    return node


def _with_variants(files: Files, name: str, code: str, variants: list[str]) -> Files:
    file, sheet = _found(files, name)
    value = plain(sheet.spots[name].table)
    assert isinstance(value, dict)
    block = value[code]
    assert isinstance(block, dict)
    changed = {key: part for key, part in block.items() if key != "variants"}
    if variants:
        changed = _behind("question", changed, {"variants": variants})
    source = written({**value, code: changed})
    wanted = read_entry(file, source)
    return _edited(files, file, wanted, sheet.revised(sheet.spots[name], {**value, code: changed}))


def _behind(key: str, table: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    pairs: dict[str, object] = {}
    for name, value in table.items():
        pairs[name] = value
        if name == key:
            pairs.update(more)
    return pairs


def _added(files: Files, source: str, entry: Entry, file: str) -> Files:
    target = file or _file_of_category(files, entry.category) or ADDED
    sheet = _sheet(files.get(target, ""))
    return _edited(files, target, entry, sheet.added(source, _last_of(sheet, entry.category)))


def _file_of_category(files: Files, category: str) -> str:
    """The last file in which the category has an entry."""
    holding = (
        name
        for name, text in reversed(ordered(files).items())
        if category and is_faq(name) and category in text
        if any(found.entry.category == category for found in read_file(name, text).found)
    )
    return next(holding, "")


def _last_of(sheet: Sheet, category: str) -> Spot | None:
    found = [spot for spot in sheet.spots.values() if _category(spot.table) == category]
    return found[-1] if found and category else None


def _category(table: Table) -> str:
    return next(
        (value.text for key, value in table.pairs if key.text == "category" and isinstance(value, Scalar)), ""
    )


def _edited(files: Files, name: str, entry: Entry | None, *texts: str, gone: str = "") -> Files:
    """With the first of the texts that says what was wanted, else with the whole file written anew."""
    mark = _MARK if files.get(name, "").startswith(_MARK) else ""
    before = [found.entry for found in read_file(name, files.get(name, "")).found]
    wanted = _wanted(before, entry, gone)
    for text in (*texts, _anew(wanted)):
        after = read_file(name, text)
        if not after.problems and _alike([found.entry for found in after.found], wanted):
            return {**files, name: mark + text} if name in files else ordered({**files, name: text})
    raise Invalid([f"{name}: this entry can't be written; {'; '.join(read_file(name, texts[0]).problems)}"])


def _wanted(before: list[Entry], entry: Entry | None, gone: str) -> list[Entry]:
    kept = [entry if entry and one.id == entry.id else one for one in before if one.id != gone]
    return kept if entry is None or entry in kept else [*kept, entry]


def _alike(after: list[Entry], wanted: list[Entry]) -> bool:
    return sorted(after, key=lambda one: one.id) == sorted(wanted, key=lambda one: one.id)


def _anew(entries: list[Entry]) -> str:
    items = [source_from(entry).rstrip("\n").replace("\n", "\n    ") for entry in entries]
    return "entries:\n" + "".join(f"  - {one}\n" for one in items)


def _has_comments(source: str) -> bool:
    """A # that stands in no text."""
    node = parse("", source)
    bare = source
    for begin, end in reversed(_texts(node) if node else []):
        bare = bare[:begin] + bare[end:]
    return "#" in bare


def _texts(node: Node) -> list[tuple[int, int]]:
    if isinstance(node, Scalar):
        return [node.span]
    parts = node.items if isinstance(node, Items) else [one for pair in node.pairs for one in pair]
    return [span for part in parts for span in _texts(part)]


def _entry(files: Files, name: str) -> Entry:
    file = _where(files, name)
    found = read_file(file, files[file]).found if file else ()
    for one in found:
        if one.entry.id == name:
            return one.entry
    raise Invalid([f'there is no entry with the id "{name}"; it may have been renamed or deleted'])


def _where(files: Files, name: str) -> str | None:
    """The file that holds an entry; only those that name it are read."""
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    return next(
        (
            file
            for file, text in files.items()
            if is_faq(file) and named.search(text) and name in _sheet(text).spots
        ),
        None,
    )


def _found(files: Files, name: str) -> tuple[str, Sheet]:
    file = _where(files, name)
    if file is None:
        raise Invalid([f'there is no entry with the id "{name}"; it may have been renamed or deleted'])
    return file, _sheet(files[file])


def _sheet(text: str) -> Sheet:
    return Sheet(text.removeprefix(_MARK))


def _even(source: str) -> str:
    return source.replace("\r\n", "\n").removeprefix(_MARK)
