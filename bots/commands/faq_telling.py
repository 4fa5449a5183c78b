"""Differences, previews and reports of sheets, in words for a terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import typer

from bots.terminal import inert, refuse, screen, table

if TYPE_CHECKING:
    from core.conversation.faq.decide import Decision
    from core.conversation.faq.differences import Difference
    from core.conversation.faq.preview import Preview
    from core.conversation.faq.sheets import Report
    from core.publishing import Conflict, Files

SHOWN = 20
"""Of a list; the rest is counted."""
Kind = Literal["added", "removed", "changed"]
_MARKS: Mapping[Kind, tuple[str, str]] = {
    "added": ("+", "green"),
    "removed": ("-", "red"),
    "changed": ("~", "yellow"),
}
_WHY = {
    "nothing": "must find it, gets nothing",
    "suggested": "must find it, is only suggested",
    "other": "must find it, gets another",
    "answered": "must not find it",
}


def decided(decision: "Decision") -> str:
    """A decision in few words."""
    match decision.kind:
        case "answer":
            return decision.ids[0]
        case "suggest":
            return f"suggests {', '.join(decision.ids)}"
    return "a person"


def differing(before: "Files", after: "Files") -> "list[Difference]":
    """By entry; other files line by line. Raises Invalid where one of the two can't be read."""
    from core.conversation.faq.differences import Difference, FieldChange, differences
    from core.conversation.faq.editing import is_faq
    from core.conversation.faq.sheets.merging import entries_of

    found = list(differences(entries_of(before), entries_of(after)))
    for name in sorted({*before, *after}):
        was, text = before.get(name, ""), after.get(name, "")
        if was != text and not is_faq(name):
            change = FieldChange(name="text", before=was, after=text)
            found.append(Difference(id=name, kind=_kind(name in before, name in after), fields=(change,)))
    return found


def show_differences(found: "Sequence[Difference]", most: int | None = None) -> None:
    """Each entry under its sign: + new, - gone, ~ changed."""
    from rich.text import Text

    console = screen()
    for one in found[:most]:
        mark, colour = _MARKS[one.kind]
        console.print(Text(f"{mark} {inert(one.id)}", style=f"bold {colour}"))
        for field in one.fields:
            console.print(Text(f"    {inert(field.name)}"))
            for sign, line in field.lines():
                style = {"+": "green", "-": "red"}[sign]
                console.print(Text(f"      {sign} {inert(line)}", style=style))
    _rest(len(found) - most if most else 0)


def counted(found: "Sequence[Difference]") -> str:
    """``2 changed, 1 added``."""
    counts = Counter(one.kind for one in found)
    return ", ".join(f"{counts[kind]} {kind}" for kind in _MARKS if counts[kind]) or "no difference"


def show_preview(seen: "Preview") -> None:
    """What a change does, the weightiest first; long lists are cut."""
    console = screen()
    if seen.asked:
        console.print(
            f"\nOf the last {seen.asked} questions {len(seen.changed) or 'none'} would be decided otherwise.",
            markup=False,
        )
    else:
        console.print("\nNobody has asked anything yet that could be tried.")
    rows = [
        (one.text, f"×{one.times}" if one.times > 1 else "", decided(one.before), decided(one.after))
        for one in seen.changed
    ]
    _cut(["question", "", "before", "after"], rows)
    if seen.broken:
        console.print(f"\n✗ {len(seen.broken)} examples fail:", style="red")
        _cut(
            ["entry", "question", "wrong", "gets"],
            [(one.entry, one.text, _WHY[one.why], decided(one.decision)) for one in seen.broken],
        )
    if seen.alike:
        console.print(f"\n{len(seen.alike)} pairs of entries ask nearly the same:")
        _cut(
            ["likeness", "entry", "question", "entry", "question"],
            [(f"{one.likeness:.2f}", one.entry_a, one.text_a, one.entry_b, one.text_b) for one in seen.alike],
        )
    for language, names in _lacking(seen):
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        console.print(f"\nNo {language} in {len(names)}: {shown}", markup=False)


def show_report(report: "Report") -> None:
    """What was taken of a sheet, and every row that wasn't, or not as it was written."""
    console = screen()
    console.print(str(report), markup=False)
    for title, notes in (("skipped", report.skipped), ("taken, but", report.notes)):
        if notes:
            console.print(f"\n{title}:")
            for note in notes[: 5 * SHOWN]:
                console.print(f"  {inert(str(note))}", markup=False)
            _rest(len(notes) - 5 * SHOWN)


def clashed(conflict: "Conflict") -> typer.Exit:
    """Print what somebody else published meanwhile; raise what this returns."""
    current = conflict.current
    typer.echo(
        f"\n{current.author or current.door} published revision {current.number} meanwhile. From it to yours:"
    )
    show_differences(conflict.differences)
    return refuse(
        "Nothing was published. Take over what is right of theirs into your files, then publish again:"
        f" `onethread faq diff {current.number - 1} {current.number}` shows what they did."
    )


def why(name: str) -> str:
    """What is wrong with an example."""
    return _WHY[name]


def _kind(was: bool, stays: bool) -> Kind:
    return "changed" if was and stays else "added" if stays else "removed"


def _cut(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        table(headings, rows[:SHOWN])
        _rest(len(rows) - SHOWN)


def _rest(count: int) -> None:
    if count > 0:
        screen().print(f"  … and {count} more")


def _lacking(seen: "Preview") -> Iterator[tuple[str, list[str]]]:
    for language in dict.fromkeys(one.language for one in seen.lacking):
        yield language, [one.entry for one in seen.lacking if one.language == language]
