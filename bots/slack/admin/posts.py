"""What stands in the admins' Slack channel: proposals, spreadsheets, refusals, what was published, gaps. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bots.slack.admin.asked import PAGE
from bots.slack.admin.changes import Change, in_a_line, shown
from bots.slack.admin.forms import told
from bots.slack.admin.lessons import weekly
from bots.slack.admin.past import line
from bots.slack.admin.source import form_of
from bots.slack.kit import Block, Button, Speech, actions, context, date, header, quoted, section
from bots.slack.lengths import cut, length
from bots.slack.text import safe
from core.conversation.faq.differences import Difference
from core.conversation.faq.gaps import Gap
from core.errors import Invalid
from core.helpdesk.admins import Proposal
from core.publishing import Revision

_ANSWER = 700
_MOST_BLOCKS = 50
_WHOLE = 9000
"""Characters of a message's blocks, as they travel: Slack refuses from some 11,000 on (``msg_blocks_too_long``)."""
DRAFT, SHEET, UNDO = f"{PAGE}draft", f"{PAGE}sheet", f"{PAGE}undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``text`` is what notifications show."""

    text: str
    blocks: Sequence[Block]


def _message(text: str, blocks: Iterable[Block]) -> Message:
    return Message(text=safe(cut(text, 300)), blocks=fitting(list(blocks)))


def fitting(blocks: Sequence[Block]) -> Sequence[Block]:
    """As many as a message holds; the buttons at the end always stay."""
    last = [block for block in blocks[-1:] if block["type"] == "actions"]
    kept: list[Block] = []
    room = _WHOLE
    for block in blocks[: len(blocks) - len(last)]:
        room -= length(json.dumps(block, ensure_ascii=False))
        if room < 0 or len(kept) + len(last) + 1 >= _MOST_BLOCKS:
            kept.append(context("…"))
            break
        kept.append(block)
    return [*kept, *last]


# --- proposals --------------------------------------------------------------------------------------------------


def proposal(one: Proposal, known: bool, speech: Speech) -> Message:
    """With Approve, Edit and Decline while it is open, and who decided what and when after that.

    ``known``: an entry of this id is there already, so that approving changes it.
    """
    return _message(speech("admin.draft"), _proposal(one, known, speech))


def _proposal(one: Proposal, known: bool, speech: Speech) -> Iterator[Block]:
    yield header(f"💡 {speech('admin.draft')}")
    by = quoted(one.agent.name or one.agent.id, 80)
    yield context(speech(f"admin.draft.{one.source}", name=by), date(one.at))
    yield from _words(one.entry, speech)
    if one.state != "open":
        yield context(settled(one, speech))
        return
    if known:
        yield context(f"⚠️ {speech('admin.draft.known')}")
    number = str(one.number)
    yield actions(
        speech,
        Button(verb="draft.approve", label=speech("admin.approve"), value=number, style="primary"),
        Button(verb="draft.edit", label=speech("admin.edit"), value=number),
        Button(verb="draft.decline", label=speech("admin.decline"), value=number, style="danger"),
        block=f"{DRAFT}:{number}",
    )


def settled(one: Proposal, speech: Speech) -> str:
    """Who decided it, and when."""
    return speech(
        f"admin.draft.{one.state}",
        name=quoted(one.decided_by, 80),
        date=date(one.decided_at) if one.decided_at else "",
        revision=one.revision or 0,
    )


def _words(entry: str, speech: Speech) -> Iterator[Block]:
    """Question and answer in each language; YAML that can't be read stands as it is."""
    try:
        form = form_of(entry)
    except Invalid as invalid:
        yield section(f"⚠️ {told(invalid.problems, speech)}\n```{safe(cut(entry, _ANSWER))}```")
        return
    yield context(f"`{safe(form.id)}`", quoted(form.category, 80))
    for code, part in form.parts.items():
        if part.question or part.answer:
            yield section(f"*{code} · {quoted(part.question)}*\n{safe(cut(part.answer, _ANSWER))}")


# --- spreadsheets -------------------------------------------------------------------------------------------------


def sheet(name: str, report: Sequence[str], change: Change, value: str, speech: Speech) -> Message:
    """What was taken of a file and what not, what it would change, and Publish / Discard; ``value`` finds it again."""
    return _message(speech("admin.sheet", name=quoted(name, 80)), _sheet(name, report, change, value, speech))


def _sheet(name: str, report: Sequence[str], change: Change, value: str, speech: Speech) -> Iterator[Block]:
    yield header(f"📊 {name}")
    yield from (section(one) for one in report)
    if not change.differences:
        yield context(speech("admin.sheet.same"))
        return
    yield from shown(change, speech)
    yield actions(
        speech,
        Button(verb="sheet.publish", label=speech("admin.publish"), value=value, style="primary"),
        Button(verb="sheet.discard", label=speech("admin.discard"), value=value),
        block=SHEET,
    )


def said(markup: str) -> Message:
    """Words without anything to press."""
    return Message(text=cut(markup, 300), blocks=[section(markup)])


# --- notices ------------------------------------------------------------------------------------------------------


def refused(problems: Sequence[str], speech: Speech) -> Message:
    """A change of the files that can't be published."""
    markup = f"⛔ *{speech('admin.refused')}*\n{told(problems, speech)}\n{speech('admin.refused.still')}"
    return Message(text=speech("admin.refused"), blocks=[section(markup)])


def published(one: Revision, found: Sequence[Difference], speech: Speech) -> Message:
    """One line on what came through another door, with the way back."""
    markup = f"📣 {line(one, speech)}\n{in_a_line(found, speech)}"
    undo = Button(
        verb="revision.undo",
        label=speech("admin.rollback"),
        value=str(one.number),
        style="danger",
        sure=speech("admin.rollback.sure", number=one.number - 1),
    )
    buttons = actions(speech, _look(one, speech), undo, block=f"{UNDO}:{one.number}")
    return Message(text=cut(line(one, speech), 300), blocks=[section(markup), buttons])


def gaps(found: Sequence[Gap], speech: Speech) -> Message:
    """The week's."""
    return _message(speech("admin.gaps"), weekly(found, speech))


def _look(one: Revision, speech: Speech) -> Button:
    return Button(verb="revision.look", label=speech("admin.look"), value=str(one.number))
