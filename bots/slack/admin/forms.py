"""The modal in which an entry is written: a field for each of its texts, in each of its languages. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from bots.slack.admin.source import MORE, Form
from bots.slack.admin.where import Where
from bots.slack.kit import (
    FIELD,
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
from bots.slack.lengths import cut, length
from bots.slack.text import safe

PAGE = "faq.form"
_LINES = ("v", "a", MORE)
_SHOWN = 10
_ERROR = 300
_LANGUAGES = 8
"""That a form has fields for: three blocks each, in a modal of a hundred."""


def form(form: Form, where: Where, speech: Speech, problems: Sequence[str] = ()) -> View:
    """``where.entry`` empty: a new entry, whose id can be chosen. ``problems`` are told above the fields."""
    title = speech("admin.form.edit") if where.entry else speech("admin.form.add")
    return modal(
        title,
        _blocks(form, where, speech, problems),
        page=PAGE,
        where=str(where),
        close=speech("admin.close"),
        submit=speech("admin.form.preview"),
    )


def _blocks(form: Form, where: Where, speech: Speech, problems: Sequence[str]) -> Iterator[Block]:
    if problems:
        yield section(f"⚠️ {speech('admin.form.refused')}\n{told(problems, speech)}")
    if where.entry:
        yield context(f"`{safe(where.entry)}`")
    else:
        yield field("id", speech("admin.field.id"), form.id, hint=speech("admin.hint.id"), optional=False)
    yield _field("category", form.category, speech)
    yield _field("keywords", form.keywords, speech, hint=speech("admin.hint.keywords"))
    for code in list(form.parts)[:_LANGUAGES]:
        yield divider()
        yield from _part(code, form, speech)
    yield divider()
    yield _field(MORE, form.more, speech, hint=speech("admin.hint.more"))
    yield actions(speech, Button(verb="faq.back", label=speech("admin.back")))


def _part(code: str, form: Form, speech: Speech) -> Iterator[Block]:
    part = form.parts[code]
    for short, value in (("q", part.question), ("v", part.variants), ("a", part.answer)):
        hint = speech("admin.hint.variants") if short == "v" else ""
        yield _field(f"{short}:{code}", value, speech, hint=hint)


def _field(block: str, value: str, speech: Speech, hint: str = "") -> Block:
    """What is too long for Slack's fields is shown, and stays as it is."""
    kind, _, code = block.partition(":")
    label = speech(f"admin.field.{kind}", language=code)
    if length(value) > FIELD:
        told = speech("admin.field.long", field=safe(label), count=len(value))
        return section(f"{told}\n> {quoted(value, 200)}")
    return field(block, label, value, hint=hint, lines=kind in _LINES)


def shown(view_blocks: Mapping[str, str], mistakes: Mapping[str, str]) -> dict[str, str]:
    """The mistakes at fields that stand in the modal; those of others go to the last one, which is always there."""
    told: dict[str, str] = {}
    for block, words in mistakes.items():
        at = block if block in view_blocks else MORE if MORE in view_blocks else "category"
        told[at] = cut("; ".join(filter(None, [told.get(at, ""), words])), _ERROR)
    return told


def told(problems: Sequence[str], speech: Speech) -> str:
    """Problems of files, one a line."""
    return lines([f"`{quoted(one.replace('`', ' '))}`" for one in problems], speech, _SHOWN)
