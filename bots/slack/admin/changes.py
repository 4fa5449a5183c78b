"""What a change does, before it is published, and what stands against it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bots.slack.admin.where import Where
from bots.slack.kit import (
    Block,
    Button,
    Speech,
    View,
    actions,
    context,
    divider,
    field,
    lines,
    modal,
    quoted,
    section,
)
from bots.slack.text import safe
from core.conversation.faq.differences import Difference, FieldChange
from core.conversation.faq.preview import Changed, Preview

PREVIEW, CONFLICT = "faq.preview", "faq.conflict"
COMMENT = "comment"
_DIFFERENCES = 15
_FIELDS = 8
_TOLD = 6
_BEFORE = 160
_SIGNS = {"added": "➕", "removed": "➖", "changed": "✏️"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Everything that is told of a change: what differs, and what it does to real questions."""

    differences: Sequence[Difference]
    preview: Preview

    @property
    def touched(self) -> frozenset[str]:
        return frozenset(one.id for one in self.differences)


def preview(change: Change, where: Where, speech: Speech) -> View:
    """With Publish and Back."""
    back = Button(verb="faq.form", label=speech("admin.back"))
    blocks = [
        *shown(change, speech),
        divider(),
        field(COMMENT, speech("admin.comment"), hint=speech("admin.hint.comment")),
        actions(speech, back),
    ]
    return modal(
        speech("admin.preview"),
        blocks,
        page=PREVIEW,
        where=str(where),
        close=speech("admin.close"),
        submit=speech("admin.publish"),
    )


def shown(change: Change, speech: Speech) -> Iterator[Block]:
    """The differences, then what follows from them."""
    yield from differences(change.differences, speech)
    yield divider()
    seen = change.preview
    if seen.changed:
        yield section(
            speech("admin.preview.changed", count=len(seen.changed), asked=seen.asked)
            + f"\n{lines([_changed(one, speech) for one in seen.changed], speech, _TOLD)}"
        )
    else:
        name = "admin.preview.unchanged" if seen.asked else "admin.preview.untried"
        yield section(speech(name, asked=seen.asked))
    yield from _warnings(change, speech)


def _changed(one: Changed, speech: Speech) -> str:
    times = f" ×{one.times}" if one.times > 1 else ""
    before, after = (_short(decision.kind, decision.ids, speech) for decision in (one.before, one.after))
    return f"“{quoted(one.text, 100)}”{times}: {before} → {after}"


def _short(kind: str, ids: Sequence[str], speech: Speech) -> str:
    return speech(f"admin.kind.{kind}", ids=", ".join(f"`{safe(id)}`" for id in ids))


def _warnings(change: Change, speech: Speech) -> Iterator[Block]:
    """Of repeated phrasings and missing languages only those that this change has to do with."""
    seen, touched = change.preview, change.touched
    broken = [
        speech(f"admin.broken.{one.why}", entry=safe(one.entry), text=quoted(one.text, 100))
        for one in seen.broken
    ]
    alike = [
        speech(
            "admin.alike.pair",
            a=safe(one.entry_a),
            one=quoted(one.text_a, 80),
            b=safe(one.entry_b),
            other=quoted(one.text_b, 80),
            likeness=f"{one.likeness:.0%}",
        )
        for one in seen.alike
        if touched & {one.entry_a, one.entry_b}
    ]
    lacking = [f"`{safe(one.entry)}`: {one.language}" for one in seen.lacking if one.entry in touched]
    for name, told in (("broken", broken), ("alike", alike), ("lacking", lacking)):
        if told:
            yield section(f"⚠️ {speech(f'admin.{name}', count=len(told))}\n{lines(told, speech, _TOLD)}")


def differences(found: Sequence[Difference], speech: Speech) -> Iterator[Block]:
    """Entry by entry, field by field, before and after."""
    if not found:
        yield section(speech("admin.difference.none"))
    for one in found[:_DIFFERENCES]:
        yield section(f"{_SIGNS[one.kind]} *{speech(f'admin.difference.{one.kind}', id=safe(one.id))}*")
        if one.kind == "changed":
            yield from (context(_field(change, speech)) for change in one.fields[:_FIELDS])
    if len(found) > _DIFFERENCES:
        yield context(speech("admin.more", count=len(found) - _DIFFERENCES))


def _field(change: FieldChange, speech: Speech) -> str:
    """Only the lines that differ: of a long list one variant more would be cut off."""
    apart = list(change.lines())
    gone, came = ("\n".join(line for sign, line in apart if sign == wanted) for wanted in "-+")
    return speech(
        "admin.difference.field",
        field=safe(change.name),
        before=quoted(gone, _BEFORE),
        after=quoted(came, _BEFORE),
    )


def in_a_line(found: Sequence[Difference], speech: Speech) -> str:
    """Which entries differ, for a notice."""
    told = [f"{_SIGNS[one.kind]} `{safe(one.id)}`" for one in found[:_TOLD]]
    if len(found) > _TOLD:
        told.append(speech("admin.more", count=len(found) - _TOLD))
    return " ".join(told) or speech("admin.difference.none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Who published what in the meantime, and how one's own words differ from it."""

    revision: int
    author: str
    theirs: Sequence[Difference]
    mine: Sequence[Difference]


def conflict(against: Against, where: Where, speech: Speech) -> View:
    """Theirs, mine, or edit on: nothing is overwritten unseen."""
    told = speech("admin.conflict.told", author=safe(against.author), revision=against.revision)
    blocks = [
        section(f"⚠️ {told}"),
        section(f"*{speech('admin.conflict.theirs')}*"),
        *differences(against.theirs, speech),
        divider(),
        section(f"*{speech('admin.conflict.mine')}*"),
        *differences(against.mine, speech),
        actions(
            speech,
            Button(verb="faq.theirs", label=speech("admin.conflict.take_theirs")),
            Button(verb="faq.mine", label=speech("admin.conflict.take_mine"), style="danger"),
            Button(verb="faq.form", label=speech("admin.conflict.edit_on"), style="primary"),
        ),
    ]
    return modal(
        speech("admin.conflict"), blocks, page=CONFLICT, where=str(where), close=speech("admin.close")
    )
