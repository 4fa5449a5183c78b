"""The FAQ's files as entries; what is wrong in them is said with file, line, column and what to write instead."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.tree import Items, Node, Place, Scalar, Table, parse, problem
from core.errors import Invalid

LONGEST_ID = 56
"""Bytes: with "faq:" before it an id must fit into the 60 that a choice may have."""
_FILE_KEYS = ("entries",)
_ENTRY_KEYS = ("id", "category", "keywords")
_BLOCK_KEYS = ("question", "variants", "answer")
_COMMON = ("zh-CN", "zh-TW", "en")
_ID = re.compile(r"\w+(?:[-.]\w+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_EMPTY = "the file is empty; write `entries:` and below it the list, or delete the file"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with the place of its id."""

    entry: Entry
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What one file holds; with ``problems`` none of it may be used."""

    name: str
    found: tuple[Found, ...] = ()
    problems: tuple[str, ...] = ()


def read(files: Mapping[str, bytes]) -> list[Entry]:
    """All entries, in the order of the files. Raises Invalid with every problem of every file."""
    return together([read_file(name, content) for name, content in files.items()])


def read_file(name: str, content: bytes) -> File:
    """One file by itself; it depends on nothing else, so the result of an unchanged file may be kept."""
    try:
        root = parse(name, content)
    except Invalid as invalid:
        return File(name=name, problems=tuple(invalid.problems))
    reader = _Reader(name)
    found = tuple(reader.file(root))
    return File(name=name, found=found, problems=reader.told())


def together(files: Sequence[File]) -> list[Entry]:
    """The entries of all files. Raises Invalid with their problems and with ids that stand twice."""
    problems = [said for file in files for said in file.problems]
    problems += _twice(files)
    if problems:
        raise Invalid(problems)
    return [found.entry for file in files for found in file.found]


def _twice(files: Iterable[File]) -> Iterator[str]:
    first: dict[str, str] = {}
    for file in files:
        for found in file.found:
            name, at = found.entry.id, found.at
            if name in first:
                told = f'the id "{name}" stands also at {first[name]}; give one of the two another id'
                yield problem(file.name, at, told)
            else:
                first[name] = f"{file.name}:{at.line}:{at.column}"


class _Reader:
    """Walks through one file and gathers what is wrong; what can't be read is left out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[tuple[int, int, str]] = []

    def told(self) -> tuple[str, ...]:
        """The problems in the order of the file."""
        at_once = sorted(self._problems)
        return tuple(problem(self._name, Place(line, column), what) for line, column, what in at_once)

    def file(self, root: Node | None) -> Iterator[Found]:
        """The entries of a file's only document."""
        if root is None or (isinstance(root, Scalar) and not root.text):
            return self._wrong(Place(1, 1), _EMPTY)
        pairs = self._table(
            root, "the file must begin with `entries:`", lambda key: key in _FILE_KEYS, _FILE_KEYS
        )
        if pairs is None:
            return
        if "entries" not in pairs:
            return self._wrong(root.at, "`entries:` is missing; write it and below it the list of entries")
        for node in self._items(pairs["entries"], "entries"):
            yield from self._entry(node)

    def _entry(self, node: Node) -> Iterator[Found]:
        known = (*_ENTRY_KEYS, *_COMMON)
        pairs = self._table(
            node, "an entry must hold `id: …` and a language such as `zh-CN: …`", _of_entry, known
        )
        if pairs is None:
            return
        name = self._id(node, pairs.get("id"))
        category = self._text(pairs["category"], "category") if _filled(pairs, "category") else ""
        keywords = self._texts(pairs, "keywords")
        blocks = dict(self._blocks(pairs))
        if not _names_language(node):
            told = "this entry has no language; write zh-CN, zh-TW or en with `question:` and `answer:`"
            self._wrong(node.at, told)
        if name:
            entry = Entry(id=name.text, category=category, keywords=keywords, blocks=blocks)
            yield Found(entry, name.at)

    def _id(self, node: Node, name: Node | None) -> Scalar | None:
        if name is None:
            self._wrong(
                node.at, "`id:` is missing; write a short name that stays the same, such as return-goods"
            )
            return None
        text = self._text(name, "id")
        if not isinstance(name, Scalar) or not text:
            return None
        if not _ID.fullmatch(text) or len(text.encode()) > LONGEST_ID:
            told = f"this id can't be used; write letters, digits and - without blanks, at most {LONGEST_ID} bytes"
            self._wrong(name.at, told)
        return name

    def _blocks(self, pairs: Mapping[str, Node]) -> Iterator[tuple[str, Block]]:
        for code, node in pairs.items():
            if code not in _ENTRY_KEYS and (block := self._block(code, node)):
                yield code, block

    def _block(self, code: str, node: Node) -> Block | None:
        told = f"{code} must hold `question: …` and `answer: …`"
        pairs = self._table(node, told, lambda key: key in _BLOCK_KEYS, _BLOCK_KEYS)
        if pairs is None:
            return None
        question = self._needed(node, pairs, "question", code)
        answer = self._needed(node, pairs, "answer", code)
        return Block(question=question, answer=answer, variants=self._texts(pairs, "variants"))

    def _needed(self, node: Node, pairs: Mapping[str, Node], key: str, code: str) -> str:
        if key in pairs:
            return self._text(pairs[key], key)
        self._wrong(node.at, f"{code} has no {key}; write `{key}:` with a text")
        return ""

    def _texts(self, pairs: Mapping[str, Node], key: str) -> tuple[str, ...]:
        items = self._items(pairs[key], key) if key in pairs else ()
        return tuple(text for item in items if (text := self._text(item, f"one of {key}")))

    def _text(self, node: Node, what: str) -> str:
        if not isinstance(node, Scalar):
            told = f"{what} must be a text; put it in quotes if it begins with a bracket or holds a colon"
            self._wrong(node.at, told)
            return ""
        taken_for = node.taken_for()
        if taken_for == "nothing":
            self._wrong(node.at, f"{what}: {node.text} without quotes means nothing; write a text")
        elif taken_for:
            self._wrong(node.at, f'{what}: {node.text} without quotes means {taken_for}; write "{node.text}"')
        elif not node.text.strip():
            self._wrong(node.at, f"{what} is empty; write a text")
        return node.text.strip()

    def _items(self, node: Node, key: str) -> tuple[Node, ...]:
        """The items of a list; nothing at all stands for no items."""
        if isinstance(node, Items):
            return node.items
        if not isinstance(node, Scalar) or node.text:
            self._wrong(
                node.at, f"{key} must be a list; write each on a line of its own after `- ` (with the blank)"
            )
        return ()

    def _table(
        self, node: Node, instead: str, fits: Callable[[str], bool], known: Sequence[str]
    ) -> dict[str, Node] | None:
        """Keys with values; unknown and repeated keys are told and left out. None where it is something else."""
        if not isinstance(node, Table):
            self._wrong(node.at, instead)
            return None
        pairs: dict[str, Node] = {}
        for key, value in node.pairs:
            if key.text in pairs:
                self._wrong(key.at, f"{key.text} stands here for the second time; keep one of them")
            elif fits(key.text):
                pairs[key.text] = value
            else:
                self._wrong(key.at, f'there is no key "{key.text}" here; {_meant(key.text, known)}')
        return pairs

    def _wrong(self, at: Place, what: str) -> None:
        self._problems.append((at.line, at.column, what))


def _of_entry(key: str) -> bool:
    return key in _ENTRY_KEYS or (bool(_LANGUAGE.fullmatch(key)) and key == _canonical(key))


def _names_language(node: Node) -> bool:
    """Also a misspelt one: it is told as such."""
    keys = [key.text for key, _ in node.pairs] if isinstance(node, Table) else []
    return any(_LANGUAGE.fullmatch(key) for key in keys if key not in _ENTRY_KEYS)


def _canonical(code: str) -> str:
    """A language code as BCP 47 spells it: zh_tw is zh-TW, ZH-hant is zh-Hant."""
    first, *rest = re.split("[-_]", code)
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    return {2: part.upper(), 4: part.title()}.get(len(part), part.lower())


def _meant(key: str, known: Sequence[str]) -> str:
    if "zh-CN" in known and _LANGUAGE.fullmatch(key) and key != _canonical(key):
        return f'a language is written "{_canonical(key)}"'
    near = get_close_matches(key.lower(), {one.lower(): one for one in known}, n=1, cutoff=0.5)
    spelled = {one.lower(): one for one in known}
    return f'did you mean "{spelled[near[0]]}"?' if near else f"known are {', '.join(known)}"


def _filled(pairs: Mapping[str, Node], key: str) -> bool:
    """An optional key that stands there without a value is the same as none."""
    node = pairs.get(key)
    return node is not None and not (isinstance(node, Scalar) and node.plain and not node.text)
