"""A person's whole timeline in a modal: newest first, page by page, with a field to search in it. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bots.slack.desk.actions import InModal
from bots.slack.desk.buttons import block_of
from bots.slack.desk.bylines import shown_name, unformatted
from bots.slack.desk.story import drawn
from bots.slack.desk.where import Where
from bots.slack.kit import (
    Block,
    Button,
    Speech,
    View,
    actions,
    context,
    date,
    field,
    modal,
    section,
    verbatim,
)
from bots.slack.lengths import cut
from core.desk import Line

PAGE = "desk.history"
WORDS, BEFORE = "words", "before"
OLDER, NEWER = "older", "newer"
TURNS = frozenset({OLDER, NEWER})
LINES = 20
SEARCHED = 200
"""Characters that are searched for."""
_LINE = 1200
_PICTURES = 2
"""Of one message: Slack takes 100 blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One page. ``older`` is where the next begins (0: this was the last).

    ``pictures`` by the id of their line: Slack's id or address of the file, and its name.
    """

    person: str
    lines: Sequence[Line]
    older: int
    pictures: Mapping[int, Sequence[tuple[str, str]]]


def page(shown: Shown, where: Where, speech: Speech) -> View:
    """The page that ``where`` leads to."""
    return modal(
        speech("modal.history"),
        _blocks(shown, where, speech),
        page=PAGE,
        where=str(where),
        close=speech("modal.close"),
        submit=speech("modal.find"),
    )


def turned(pressed: InModal) -> Where:
    """The page that a press leads to."""
    where = pressed.where
    if pressed.verb == NEWER:
        return replace(where, trail=where.trail[:-1])
    before = pressed.borne.values.get(BEFORE, "")
    return replace(where, trail=(*where.trail, int(before) if before.isdecimal() else 0))


def searched(where: Where, values: Mapping[str, str]) -> Where:
    """The first page of what was searched for."""
    return replace(where, words=values.get(WORDS, "")[:SEARCHED], trail=())


def before(where: Where) -> int:
    """The line before which the page begins (0: the newest)."""
    return where.trail[-1] if where.trail else 0


def _blocks(shown: Shown, where: Where, speech: Speech) -> Iterator[Block]:
    yield field(WORDS, speech("modal.history.search"), where.words)
    name = "modal.history.found" if where.words else "modal.history.of"
    yield context(speech(name, person=_inert(shown.person), words=_inert(where.words)))
    for line in shown.lines:
        yield from _line(line, speech)
        yield from (_picture(*one) for one in shown.pictures.get(line.id, ())[:_PICTURES])
    if not shown.lines:
        yield section(speech("modal.history.nothing"))
    if turns := _turns(shown, where, speech):
        yield actions(speech, *turns, block=block_of(where.ticket, "turns"))


def _line(line: Line, speech: Speech) -> Iterator[Block]:
    yield context(date(line.at))
    yield {"type": "section", "text": verbatim(drawn(line, speech.text) or "–", _LINE)}


def _picture(ref: str, name: str) -> Block:
    file = {"url": ref} if "://" in ref else {"id": ref}
    return {"type": "image", "slack_file": file, "alt_text": shown_name(name) or "–"}


def _turns(shown: Shown, where: Where, speech: Speech) -> list[Button]:
    newer = [Button(verb=NEWER, label=speech("modal.history.newer"))] if where.trail else []
    value = json.dumps({"values": {BEFORE: str(shown.older)}})
    older = [Button(verb=OLDER, label=speech("modal.history.older"), value=value)] if shown.older else []
    return [*newer, *older]


def _inert(text: str) -> str:
    """Somebody's words inside our markup."""
    return unformatted(cut(text, 100))
