"""The FAQ's files as entries; what is wrong in them is said with file, line, column and what to write instead."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import partial

from core.conversation.faq import attached
from core.conversation.faq.codes import canonical
from core.conversation.faq.entries import AUDIENCES, Audience, Block, Entry
from core.conversation.faq.reading import Reader, filled, nearest
from core.conversation.faq.tree import Node, Place, Scalar, Table, parse, problem
from core.errors import Invalid

LONGEST_ID = 56
"""Bytes: with "faq:" before it an id must fit into the 60 that a choice may have."""
_FILE_KEYS = ("entries",)
_ENTRY_KEYS = (
    "id", "category", "keywords", "follow_ups", "attachments", "valid_from", "valid_until", "escalate", "audience",
    "examples", "not_for",
)  # fmt: skip
_BLOCK_KEYS = ("question", "variants", "answer", "answers")
_COMMON = ("zh-CN", "zh-TW", "en")
_ID = re.compile(r"\w+(?:[-.]\w+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_PLATFORM = re.compile(r"[a-z][a-z0-9]*")
_DATE = re.compile(r"(\d{4})[-/.年](\d\d?)[-/.月](\d\d?)日?")
_SHORT = 5
"""Letters of a language code with its country, as people use them."""
_EMPTY = "the file is empty; write `entries:` and below it the list, or delete the file"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with the place of its id, and what in it names something outside."""

    entry: Entry
    at: Place
    follow_ups: tuple[Scalar, ...] = ()
    attachments: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What one file holds; with ``problems`` none of it may be used."""

    name: str
    found: tuple[Found, ...] = ()
    problems: tuple[str, ...] = ()


def read(files: Mapping[str, bytes]) -> list[Entry]:
    """All entries, in the order of the files. Raises Invalid with every problem of every file."""
    return together([read_file(name, content) for name, content in files.items()])


def read_file(name: str, content: bytes | str) -> File:
    """One file by itself; it depends on nothing else, so the result of an unchanged file may be kept."""
    try:
        root = parse(name, content)
    except Invalid as invalid:
        return File(name=name, problems=tuple(invalid.problems))
    reader = _Entries(name)
    found = tuple(reader.file(root))
    return File(name=name, found=found, problems=reader.told())


def read_entry(name: str, source: str) -> Entry:
    """One entry that stands by itself, beginning with its ``id:``. Raises Invalid."""
    root = parse(name, source)
    reader = _Entries(name)
    if root is None:
        raise Invalid(
            [problem(name, Place(1, 1), "there is no entry here; write `id: …` and below it the rest")]
        )
    found = tuple(reader.entry(root))
    if problems := reader.told():
        raise Invalid(list(problems))
    return found[0].entry


def together(files: Sequence[File], sizes: Mapping[str, int] | None = None) -> list[Entry]:
    """The entries of all files. Raises Invalid with their problems, ids that stand twice, and follow-ups that are none.

    ``sizes`` are the files (bytes by path beside the FAQ's) that may be attached; None: nobody can say.
    """
    problems = [said for file in files for said in file.problems]
    problems += _twice(files)
    problems += _lost(files)
    if sizes is not None:
        problems += _unattachable(files, sizes)
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


def _lost(files: Sequence[File]) -> Iterator[str]:
    """Follow-ups that lead nowhere."""
    known = {found.entry.id for file in files for found in file.found}
    for file in files:
        for found in file.found:
            for link in found.follow_ups:
                if link.text == found.entry.id:
                    yield problem(file.name, link.at, "an entry can't follow itself; delete this line")
                elif link.text not in known:
                    near = get_close_matches(link.text, known, n=1, cutoff=0.5)
                    instead = f'did you mean "{near[0]}"?' if near else "write the id of another entry"
                    yield problem(file.name, link.at, f'no entry has the id "{link.text}"; {instead}')


def _unattachable(files: Iterable[File], sizes: Mapping[str, int]) -> Iterator[str]:
    for file in files:
        for found in file.found:
            for one in found.attachments:
                if told := attached.missing(one.text, sizes):
                    yield problem(file.name, one.at, told)


class _Entries(Reader):
    """Walks through one file of entries."""

    def file(self, root: Node | None) -> Iterator[Found]:
        """The entries of a file's only document."""
        if root is None or (isinstance(root, Scalar) and not root.text):
            return self.wrong(Place(1, 1), _EMPTY)
        instead = "the file must begin with `entries:`"
        pairs = self.table(root, instead, _FILE_KEYS.__contains__, partial(nearest, known=_FILE_KEYS))
        if pairs is None:
            return
        if "entries" not in pairs:
            return self.wrong(root.at, "`entries:` is missing; write it and below it the list of entries")
        for node in self.items(pairs["entries"], "entries"):
            yield from self.entry(node)

    def entry(self, node: Node) -> Iterator[Found]:
        """The entry, if it can be named."""
        instead = "an entry must hold `id: …` and a language such as `zh-CN: …`"
        pairs = self.table(node, instead, _of_entry, _meant)
        if pairs is None:
            return
        name = self._id(node, pairs.get("id"))
        follow_ups = self.scalars(pairs, "follow_ups")
        files = tuple(one for one in self.scalars(pairs, "attachments") if self._attachable(one))
        valid_from, valid_until = self._span(pairs)
        entry = Entry(
            id=name.text if name else "",
            category=self._optional(pairs, "category"),
            keywords=self.texts(pairs, "keywords"),
            blocks=dict(self._blocks(pairs)),
            follow_ups=tuple(one.text.strip() for one in follow_ups),
            attachments=tuple(one.text.strip() for one in files),
            valid_from=valid_from,
            valid_until=valid_until,
            escalate=self._word(pairs, "escalate"),
            audience=self._audience(pairs),
            examples=self.texts(pairs, "examples"),
            not_for=self.texts(pairs, "not_for"),
        )
        if not _names_language(node):
            told = "this entry has no language; write zh-CN, zh-TW or en with `question:` and `answer:`"
            self.wrong(node.at, told)
        if name:
            yield Found(entry, name.at, follow_ups, files)

    def _id(self, node: Node, name: Node | None) -> Scalar | None:
        if name is None:
            self.wrong(
                node.at, "`id:` is missing; write a short name that stays the same, such as return-goods"
            )
            return None
        text = self.text(name, "id")
        if not isinstance(name, Scalar) or not text:
            return None
        if not _ID.fullmatch(text) or len(text.encode()) > LONGEST_ID:
            told = f"this id can't be used; write letters, digits and - without blanks, at most {LONGEST_ID} bytes"
            self.wrong(name.at, told)
        return name

    def _optional(self, pairs: Mapping[str, Node], key: str) -> str:
        return self.text(pairs[key], key) if filled(pairs, key) else ""

    def _word(self, pairs: Mapping[str, Node], key: str) -> str:
        word = self._optional(pairs, key)
        if word and not _ID.fullmatch(word):
            self.wrong(pairs[key].at, f"{key} must be one word, such as billing")
        return word

    def _audience(self, pairs: Mapping[str, Node]) -> Audience:
        word = self._optional(pairs, "audience") or AUDIENCES[0]
        if word not in AUDIENCES:
            self.wrong(pairs["audience"].at, f'audience can\'t be "{word}"; {nearest(word, AUDIENCES)}')
        return next((one for one in AUDIENCES if one == word), AUDIENCES[0])

    def _attachable(self, one: Scalar) -> bool:
        if told := attached.misnamed(one.text.strip()):
            self.wrong(one.at, told)
        return not told

    def _span(self, pairs: Mapping[str, Node]) -> tuple[date | None, date | None]:
        first, last = self._day(pairs, "valid_from"), self._day(pairs, "valid_until")
        if first and last and last < first:
            self.wrong(pairs["valid_until"].at, f"valid_until is before valid_from ({first}); swap the two")
        return first, last

    def _day(self, pairs: Mapping[str, Node], key: str) -> date | None:
        """A date, in quotes or not."""
        if not filled(pairs, key):
            return None
        node = pairs[key]
        found = _DATE.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
        try:
            day = date(*map(int, found.groups())) if found else None
        except ValueError:
            day = None
        if day is None:
            self.wrong(node.at, f"{key} must be a day; write year-month-day, such as 2026-11-30")
        elif isinstance(node, Scalar) and node.text.strip() != day.isoformat():
            self.wrong(node.at, f"{key}: a day is written {day.isoformat()}")
        return day

    def _blocks(self, pairs: Mapping[str, Node]) -> Iterator[tuple[str, Block]]:
        for code, node in pairs.items():
            if code not in _ENTRY_KEYS and (block := self._block(code, node)):
                yield code, block

    def _block(self, code: str, node: Node) -> Block | None:
        told = f"{code} must hold `question: …` and `answer: …`"
        pairs = self.table(node, told, _BLOCK_KEYS.__contains__, partial(nearest, known=_BLOCK_KEYS))
        if pairs is None:
            return None
        question = self._needed(node, pairs, "question", code)
        answer = self._needed(node, pairs, "answer", code)
        variants, answers = self.texts(pairs, "variants"), self._answers(pairs)
        return Block(question=question, answer=answer, variants=variants, answers=answers)

    def _answers(self, pairs: Mapping[str, Node]) -> dict[str, str]:
        if not filled(pairs, "answers"):
            return {}
        instead = "answers must hold a text per platform, such as `wechat: …`"
        by_platform = self.table(pairs["answers"], instead, _is_platform, _platform_meant) or {}
        return {name: self.text(node, f"answers: {name}") for name, node in by_platform.items()}

    def _needed(self, node: Node, pairs: Mapping[str, Node], key: str, code: str) -> str:
        if key in pairs:
            return self.text(pairs[key], key)
        self.wrong(node.at, f"{code} has no {key}; write `{key}:` with a text")
        return ""


def _of_entry(key: str) -> bool:
    language = bool(_LANGUAGE.fullmatch(key)) and key == canonical(key)
    return key in _ENTRY_KEYS or (language and not _nearly(key))


def _nearly(key: str) -> list[str]:
    """The key that this looks like, although it might be a language too: not-for."""
    return get_close_matches(key.replace("-", "_"), _ENTRY_KEYS, n=1, cutoff=0.8) if len(key) > _SHORT else []


def _names_language(node: Node) -> bool:
    """Also a misspelt one: it is told as such."""
    keys = [key.text for key, _ in node.pairs] if isinstance(node, Table) else []
    return any(_LANGUAGE.fullmatch(key) for key in keys if key not in _ENTRY_KEYS)


def _meant(key: str) -> str:
    if near := _nearly(key):
        return f'did you mean "{near[0]}"?'
    if _LANGUAGE.fullmatch(key) and key != canonical(key):
        return f'a language is written "{canonical(key)}"'
    return nearest(key, (*_ENTRY_KEYS, *_COMMON))


def _is_platform(key: str) -> bool:
    return bool(_PLATFORM.fullmatch(key))


def _platform_meant(key: str) -> str:
    return (
        f'a platform is written "{key.strip().lower()}"'
        if _is_platform(key.strip().lower())
        else "name a platform"
    )
