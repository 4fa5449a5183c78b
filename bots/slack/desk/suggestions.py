"""What can be said to the person, as choices: the nearest answers of the FAQ, and canned replies. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bots.slack.desk.buttons import block_of, drawn, row
from bots.slack.desk.cards import Drawn
from bots.slack.desk.history import WORDS
from bots.slack.desk.where import Where
from bots.slack.kit import Block, Speech, View, context, field, modal, section
from bots.slack.lengths import cut
from bots.slack.text import safe
from core.desk import Button

PAGE = "desk.replies"
MOST = 3
LISTED = 12
_PREVIEW = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something that can be said: an ``entry`` of the FAQ, or a ``canned`` reply by its name.

    What is ``internal`` is for agents: it may be put in other words, and is never sent as it is.
    """

    title: str
    text: str
    language: str
    entry: str = ""
    canned: str = ""
    internal: bool = False

    @property
    def values(self) -> dict[str, str]:
        """What a button about it bears; its text is looked up when it is pressed."""
        found = {"entry": self.entry, "canned": self.canned, "language": self.language}
        return {name: value for name, value in found.items() if value}


def ephemeral(ticket: int, question: str, choices: Sequence[Choice], speech: Speech) -> Drawn:
    """The best answers, each to be sent as it is or after a change; for one agent's eyes."""
    asked = " ".join(question.split())
    head = speech("suggest.for" if choices else "suggest.none", question=cut(asked, 150))
    blocks: list[Block] = [section(safe(head))]
    for number, choice in enumerate(choices):
        blocks += [section(_preview(choice, speech)), _choose(ticket, number, choice, speech)]
    entries = ",".join(choice.entry for choice in choices)
    foot = (
        Button(verb="replies", label="button.replies", values={"words": ""}),
        Button(verb="dismiss", label="button.dismiss", values={"entries": entries}),
    )
    blocks.append(row(ticket, foot, speech.text, about="foot"))
    return Drawn(blocks=tuple(blocks), text=safe(head))


def found(ticket: int, words: str, choices: Sequence[Choice], speech: Speech) -> Drawn:
    """What the FAQ knows of these words, for one agent's eyes; to be changed before it is sent."""
    head = speech(
        "suggest.found" if choices else "suggest.not_found", words=cut(" ".join(words.split()), 150)
    )
    blocks: list[Block] = [section(safe(head))]
    blocks += [_listed(ticket, number, choice, speech) for number, choice in enumerate(choices)]
    return Drawn(blocks=tuple(blocks), text=safe(head))


def replies(choices: Sequence[Choice], where: Where, speech: Speech) -> View:
    """Canned replies and answers by words, in a modal; each opens for a last change before it is sent."""
    return modal(
        speech("modal.replies"),
        _searched(choices, where, speech),
        page=PAGE,
        where=str(replace(where, trail=())),
        close=speech("modal.close"),
        submit=speech("modal.find"),
    )


def _searched(choices: Sequence[Choice], where: Where, speech: Speech) -> Iterator[Block]:
    yield field(WORDS, speech("modal.replies.search"), where.words)
    if not choices:
        yield section(safe(speech("suggest.not_found", words=where.words)))
    for number, choice in enumerate(choices[:LISTED]):
        yield _listed(where.ticket, number, choice, speech)
    yield context(speech("modal.replies.hint"))


def _listed(ticket: int, number: int, choice: Choice, speech: Speech) -> Block:
    """One of many: it opens for a last change before it is sent."""
    use = Button(verb="edit_reply", label="button.use", values=choice.values)
    about = {"block_id": block_of(ticket, f"r{number}"), "accessory": drawn(use, speech.text)}
    return {**section(_preview(choice, speech)), **about}


def _preview(choice: Choice, speech: Speech) -> str:
    """Its name and how it begins, with whoever wrote it speaking no markup."""
    text = " ".join(choice.text.split())
    internal = f" · {safe(speech('suggest.internal'))}" if choice.internal else ""
    return f"*{safe(cut(choice.title, 120))}*{internal}\n{safe(cut(text, _PREVIEW))}"


def _choose(ticket: int, number: int, choice: Choice, speech: Speech) -> Block:
    """What is for agents is never sent as it is."""
    style: Literal["", "primary"] = "" if number else "primary"
    send = Button(verb="reply", label="button.send", style=style, values={**choice.values, "how": "used"})
    edit = Button(verb="edit_reply", label="button.edit_first", values=choice.values)
    return row(ticket, (edit,) if choice.internal else (send, edit), speech.text, about=f"s{number}")
