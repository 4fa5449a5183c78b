"""What a sheet says, as entries: new ones, and those that were there with what the sheet changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.sheets import cells
from core.conversation.faq.sheets.columns import ANSWER_ON
from core.conversation.faq.sheets.reading import Sheet, Told
from core.conversation.faq.sheets.report import Note, Report
from core.conversation.language import Languages
from core.conversation.words import fold

_OWN = ("question", "variants", "answer")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row whose entry and language are known; ``language`` is "" for one that is about the entry alone."""

    entry: str
    language: str
    row: Told


@dataclass(slots=True)
class _Words:
    """What is to be said about the rows."""

    notes: list[Note] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)

    def note(self, row: Told, what: str, entry: str = "") -> None:
        self.notes.append(Note(row=row.number, what=what, entry=entry))

    def skip(self, row: Told, what: str, entry: str = "") -> None:
        self.skipped.append(Note(row=row.number, what=what, entry=entry))


def taken(sheet: Sheet, present: Mapping[str, Entry]) -> tuple[tuple[Entry, ...], Report]:
    """The entries that are new or changed, and what is to be said about the sheet.

    What the sheet has no column or no row for stays as it is; an empty cell empties, but never a question or an
    answer. What is about a whole entry is emptied only where the entry's first language is in the sheet.
    """
    words = _Words(notes=list(sheet.notes))
    placing = _Placing(sheet, present, words)
    by_entry: dict[str, list[_Placed]] = {}
    for row in sheet.rows:
        if placed := placing.of(row):
            by_entry.setdefault(placed.entry, []).append(placed)
    built = {
        name: entry
        for name, placed in by_entry.items()
        if (entry := _built(present.get(name), name, placed, words))
    }
    asked = _asked({**present, **built})
    linked = [_linked(entry, asked, by_entry[entry.id][0].row, words) for entry in built.values()]
    changed = tuple(entry for entry in linked if entry != present.get(entry.id))
    return changed, Report(
        name=sheet.name,
        rows=len(sheet.rows),
        added=tuple(entry.id for entry in changed if entry.id not in present),
        changed=tuple(entry.id for entry in changed if entry.id in present),
        same=tuple(entry.id for entry in linked if entry == present.get(entry.id)),
        notes=tuple(sorted(words.notes, key=_row)),
        skipped=tuple(sorted(words.skipped, key=_row)),
    )


def _row(note: Note) -> int:
    return note.row


class _Placing:
    """Tells for each row which entry it belongs to, and in which language it speaks."""

    def __init__(self, sheet: Sheet, present: Mapping[str, Entry], words: _Words) -> None:
        self._present, self._words = present, words
        self._languages = Languages()
        self._asked = {**_asked(present)}
        self._given = {cells.id_like(row["id"]) for row in sheet.rows}
        self._seen: dict[tuple[str, str], int] = {}
        self._made: set[str] = set()
        self._says_ids, self._says_languages = "id" in sheet.columns, "language" in sheet.columns
        if not self._says_ids:
            words.notes.append(Note(row=0, what="there is no column id: ids were made from the questions"))
        if not self._says_languages:
            told = "there is no column language: each row's was told from its words"
            words.notes.append(Note(row=0, what=told))

    def of(self, row: Told) -> _Placed | None:
        """None for a row that can't be taken; that is said."""
        entry = self._entry(row)
        if not entry:
            return None
        language = self._language(row, entry)
        if language is None:
            return None
        if (first := self._seen.setdefault((entry, language), row.number)) != row.number:
            what = f"in {language}" if language else "by itself"
            self._words.skip(row, f"{entry} {what} stands already in row {first}; keep one of the two", entry)
            return None
        return _Placed(entry, language, row)

    def _entry(self, row: Told) -> str:
        written = row["id"]
        if name := cells.id_like(written):
            if name != written:
                self._words.note(row, f'"{written}" is no id, so it became {name}', name)
            return name
        question = row["question"]
        if not question:
            self._words.skip(row, "has neither an id nor a question; write a question")
            return ""
        if known := self._asked.get(fold(question)):
            self._words.note(row, f"has no id; {known} asks the same, so it was taken for that", known)
            return known
        return self._new(row, question)

    def _new(self, row: Told, question: str) -> str:
        made = cells.id_from(question, self._made | self._given | set(self._present))
        self._made.add(made)
        self._asked[fold(question)] = made
        if self._says_ids:
            self._words.note(row, f"has no id, so it became {made}", made)
        return made

    def _language(self, row: Told, entry: str) -> str | None:
        """ "" for a row that says nothing in any language; None where it can't be told."""
        used = self._present[entry].blocks if entry in self._present else {}
        written = row["language"]
        if written:
            code = cells.language(written, used)
            if not code:
                told = f'the language "{written}" is unknown; write zh-CN, zh-TW, en or another such code'
                self._words.skip(row, told, entry)
            return code or None
        own = "\n".join(row[column] for column in _OWN).strip()
        if not own:
            return ""
        told = self._languages.of(own, "")
        if self._says_languages:
            self._words.note(row, f"has no language; by its words it is {told}", entry)
        return told


def _built(before: Entry | None, name: str, placed: Sequence[_Placed], words: _Words) -> Entry | None:
    """The entry with all that its rows say; None where no row says enough for a new one."""
    blocks = dict(before.blocks) if before else {}
    for one in placed:
        if one.language and (block := _block(blocks.get(one.language), one, words)):
            blocks[one.language] = block
    if not blocks:
        for one in placed:
            if not one.language:
                words.skip(one.row, f"there is no entry {name} yet; write a question and an answer", name)
        return None
    entry = replace(before, blocks=blocks) if before else Entry(id=name, blocks=blocks)
    first = next(iter(entry.blocks))
    return _with_shared(entry, placed, words, empties=any(one.language == first for one in placed))


def _block(before: Block | None, one: _Placed, words: _Words) -> Block | None:
    row, old = one.row, before or Block(question="", answer="")
    question, answer = row["question"] or old.question, row["answer"] or old.answer
    lacking = [what for what, text in (("question", question), ("answer", answer)) if not text]
    if lacking:
        told = f"{one.entry} in {one.language} has no {' and no '.join(lacking)}; write one"
        words.skip(row, told, one.entry)
        return None
    for column in ("question", "answer"):
        if before and column in row.cells and not row[column]:
            words.note(row, f"the {column} is empty, so the present one stays", one.entry)
    variants = cells.lines(row["variants"]) if "variants" in row.cells else old.variants
    return Block(
        question=question,
        answer=answer,
        variants=_kept(old.variants, tuple(text for text in variants if text != question)),
        answers=_answers(old.answers, row),
    )


def _answers(before: Mapping[str, str], row: Told) -> Mapping[str, str]:
    told = {
        column.removeprefix(ANSWER_ON): text
        for column, text in row.cells.items()
        if column.startswith(ANSWER_ON)
    }
    return {name: text for name, text in {**before, **told}.items() if text}


def _kept(before: tuple[str, ...], told: tuple[str, ...]) -> tuple[str, ...]:
    """As they were, if nothing but blanks and repetitions is different: a sheet has one line for each."""
    return before if told == cells.lines(cells.in_lines(before)) else told


def _with_shared(entry: Entry, placed: Sequence[_Placed], words: _Words, *, empties: bool) -> Entry:
    def told(column: str, meaning: Callable[[str], Value | None], before: Value, nothing: Value) -> Value:
        rows = [one.row for one in placed if one.row[column]]
        if not rows:
            there = any(column in one.row.cells for one in placed)
            return nothing if there and empties else before
        for row in rows[1:]:
            if row[column] != rows[0][column]:
                what = f"{column} is not the same as in row {rows[0].number}, which was taken"
                words.note(row, what, entry.id)
        meant = meaning(rows[0][column])
        if meant is None:
            instead = (
                "can only be people or agents" if column == "audience" else "is no date; write 2026-01-31"
            )
            what = f'{column}: "{rows[0][column]}" {instead}'
            words.note(rows[0], what, entry.id)
        return before if meant is None else meant

    def texts(
        column: str, meaning: Callable[[str], tuple[str, ...]], before: tuple[str, ...]
    ) -> tuple[str, ...]:
        return _kept(before, told(column, meaning, before, ()))

    def day(column: str, before: date | None) -> date | None:
        return told(column, cells.day, before, None)

    return replace(
        entry,
        category=told("category", _one_line, entry.category, ""),
        keywords=texts("keywords", cells.listed, entry.keywords),
        follow_ups=texts("follow_ups", cells.listed, entry.follow_ups),
        attachments=texts("attachments", cells.listed, entry.attachments),
        valid_from=day("valid_from", entry.valid_from),
        valid_until=day("valid_until", entry.valid_until),
        escalate=told("escalate", _one_line, entry.escalate, ""),
        audience=told("audience", cells.audience, entry.audience, "people"),
        examples=texts("examples", cells.lines, entry.examples),
        not_for=texts("not_for", cells.lines, entry.not_for),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _linked(entry: Entry, asked: Mapping[str, str], row: Told, words: _Words) -> Entry:
    """With follow-ups that exist; a question stands for the entry that asks it. ``asked``: ids by both."""
    found = {name: asked.get(name) or asked.get(fold(name), "") for name in entry.follow_ups}
    for name in [name for name, meant in found.items() if not meant]:
        words.note(row, f'follow_ups: there is no entry "{name}", so it was left out', entry.id)
    kept = tuple(meant for meant in found.values() if meant)
    return entry if kept == entry.follow_ups else replace(entry, follow_ups=kept)


def _asked(entries: Mapping[str, Entry]) -> Mapping[str, str]:
    """The ids by the questions, and by themselves."""
    by_question = {
        fold(block.question): entry.id for entry in entries.values() for block in entry.blocks.values()
    }
    return by_question | {name: name for name in entries}
