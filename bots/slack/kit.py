"""Pieces of Block Kit, each within Slack's limits whatever stands in it. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bots.slack.lengths import HEADER, SECTION, cut, cut_markup
from bots.slack.text import literal, safe
from core.messages import Say

Block = Mapping[str, Any]
View = Mapping[str, Any]

TITLE = 24
BUTTON = 75
FIELD = 3000
"""Characters that an input takes."""
LABEL = 150
BLOCKS = 100
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
INPUT = "in"
"""The ``action_id`` of every field; its block tells which one it is."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Texts in the desk's language: ``speech("admin.more", count=3)``."""

    text: Callable[[Say], str]

    def __call__(self, name: str, /, **params: str | int) -> str:
        return self.text(Say(name=name, params=params))


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """``verb`` comes back as the press's action, with ``value``; with ``sure`` Slack asks first."""

    verb: str
    label: str
    value: str = ""
    style: str = ""
    sure: str = ""


def modal(
    title: str, blocks: Iterable[Block], *, page: str, where: str, close: str, submit: str = ""
) -> View:
    """``page`` and ``where`` come back with whatever is done in it. What is beyond 100 blocks is left out."""
    view = {
        "type": "modal",
        "callback_id": page,
        "private_metadata": where,
        "title": plain(title, TITLE),
        "close": plain(close, TITLE),
        "blocks": list(blocks)[:BLOCKS],
    }
    return view | {"submit": plain(submit, TITLE)} if submit else view


def header(text: str) -> Block:
    return {"type": "header", "text": plain(" ".join(text.split()) or "–", HEADER)}


def section(markup: str, button: Button | None = None, speech: Speech | None = None) -> Block:
    """``markup`` is ours; whatever others wrote in it has gone through ``safe``."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": cut_markup(markup, SECTION) or "–"}}
    return {**block, "accessory": drawn(button, speech)} if button and speech else block


def context(*markup: str) -> Block:
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": cut_markup(one, SECTION)} for one in markup if one][:10],
    }


def divider() -> Block:
    return {"type": "divider"}


def actions(speech: Speech, *buttons: Button, block: str = "") -> Block:
    """A row of buttons; in messages ``block`` says what they are about."""
    row: Block = {"type": "actions", "elements": [drawn(button, speech) for button in buttons]}
    return {**row, "block_id": block} if block else row


def drawn(button: Button, speech: Speech) -> Block:
    """A button as Slack wants it."""
    block: dict[str, Any] = {
        "type": "button",
        "action_id": button.verb,
        "text": plain(button.label, BUTTON),
        "value": button.value,
    }
    if button.style:
        block["style"] = button.style
    if button.sure:
        block["confirm"] = {
            "title": plain(speech("admin.sure"), CONFIRM_TITLE),
            "text": {"type": "plain_text", "text": cut(literal(button.sure), CONFIRM_TEXT)},
            "confirm": plain(button.label, CONFIRM_BUTTON),
            "deny": plain(speech("admin.cancel"), CONFIRM_BUTTON),
        }
    return block


def field(
    block: str, label: str, value: str = "", *, hint: str = "", lines: bool = False, optional: bool = True
) -> Block:
    """Something to fill in. ``value`` must not be longer than FIELD: Slack would refuse the whole modal."""
    element: dict[str, Any] = {"type": "plain_text_input", "action_id": INPUT, "max_length": FIELD}
    if lines:
        element["multiline"] = True
    if value:
        element["initial_value"] = value
    made: dict[str, Any] = {
        "type": "input",
        "block_id": block,
        "label": plain(label, LABEL),
        "element": element,
        "optional": optional,
    }
    return made | {"hint": plain(hint, LABEL)} if hint else made


def plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(literal(text), limit), "emoji": True}


def verbatim(text: str, limit: int = SECTION) -> Block:
    """Somebody's words exactly as they wrote them: emoji codes stay codes."""
    return {"type": "plain_text", "text": cut(text, limit), "emoji": False}


def date(moment: datetime) -> str:
    """Rendered by each client in its reader's zone and words, so that nothing need be touched as time goes by."""
    fallback = f"{moment:%Y-%m-%d %H:%M %Z}"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def quoted(text: str, limit: int = 300) -> str:
    """Somebody's words inside our markup: one line, harmless, not too long."""
    return safe(cut(" ".join(text.split()), limit)) or "–"


def lines(texts: Sequence[str], speech: Speech, most: int) -> str:
    """The first lines, and how many more there are."""
    shown = [f"• {text}" for text in texts[:most]]
    if len(texts) > most:
        shown.append(speech("admin.more", count=len(texts) - most))
    return "\n".join(shown)
