"""A ticket's face at the desk: what an agent has to know at a glance, as blocks. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bots.slack.desk.actions import BLOCK
from bots.slack.desk.bylines import byline, face
from bots.slack.desk.lengths import HEADER, SECTION, cut
from bots.slack.desk.story import told
from bots.slack.text import safe
from core.messages import Card, Say

Text = Callable[[Say], str]
"""Renders a text in the desk's language."""

Block = Mapping[str, Any]

BUTTONS: Mapping[str, Sequence[str]] = {
    "open": ("claim", "resolve"),
    "claimed": ("resolve", "release"),
    "resolved": ("reopen",),
}
"""The verbs by state, the likeliest first."""

_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_FALLBACK = 200
_VALUE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """``text`` is what notifications show, and clients that can't show blocks."""

    blocks: tuple[Block, ...]
    text: str


def draw(card: Card, text: Text) -> Drawn:
    """The card, within Slack's limits whatever was said; times are shown in each reader's own zone."""
    story = told(card.story, text)
    blocks: tuple[Block, ...] = (
        {"type": "header", "text": _plain(cut(_header(card, text), HEADER))},
        {"type": "section", "fields": [_mrkdwn(field) for field in _fields(card, text)]},
        {"type": "divider"},
        _context(f"*{text(Say(name='card.story'))}*", story.left_out),
        *({"type": "section", "text": _plain(part)} for part in story.parts),
        _context(*_footer(card, text)),
        {"type": "actions", "block_id": f"{BLOCK}{card.ticket}", "elements": _buttons(card, text)},
    )
    return Drawn(blocks=blocks, text=_fallback(card, text))


def _header(card: Card, text: Text) -> str:
    name = byline(card.person, card.platform)
    return text(Say(name="card.header", params={"number": card.ticket, "name": name}))


def _fields(card: Card, text: Text) -> list[str]:
    """In two columns, row by row."""
    values = {
        "card.state": _state(card, text),
        "card.holder": _holder(card, text),
        "card.platform": _value(f"{face(card.platform).title} · {card.account}"),
        "card.reason": _named(text, "card.reason", card.reason),
        "card.language": _named(text, "card.language", card.language or "unknown"),
        "card.tier": _named(text, "card.tier", card.tier),
    }
    return [f"*{text(Say(name=label))}*\n{value}" for label, value in values.items()]


def _state(card: Card, text: Text) -> str:
    state = _named(text, "card.state", card.state)
    if card.state == "resolved":
        return state
    if card.waiting_since is None:
        return f"{state}\n{text(Say(name='card.answered'))}"
    return f"{state}\n{text(Say(name='card.waiting', params={'date': date(card.waiting_since)}))}"


def _holder(card: Card, text: Text) -> str:
    if not card.assignee:
        return text(Say(name="card.nobody"))
    return f"<@{card.assignee}>" if _USER.fullmatch(card.assignee) else _value(card.assignee)


def _named(text: Text, group: str, value: str) -> str:
    """What a state, reason, tier … is called; operators may have words of their own, which are shown as they are."""
    try:
        return text(Say(name=f"{group}.{value}"))
    except KeyError:
        return _value(value)


def _value(raw: str) -> str:
    return safe(cut(" ".join(raw.split()), _VALUE)) or "–"


def date(moment: datetime) -> str:
    """Rendered by each client in its reader's zone and words, so that a card need not be touched as time goes by."""
    fallback = f"{moment:%Y-%m-%d %H:%M %Z}"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def _footer(card: Card, text: Text) -> list[str]:
    opened = text(Say(name="card.opened", params={"date": date(card.opened_at)}))
    if not card.earlier:
        return [opened]
    tickets = ", ".join(f"T-{number}" for number in card.earlier[:10])
    return [opened, text(Say(name="card.earlier", params={"tickets": tickets}))]


def _buttons(card: Card, text: Text) -> list[Block]:
    verbs = BUTTONS.get(card.state, BUTTONS["open"])
    return [_button(verb, card.ticket, text, first=verb == verbs[0]) for verb in verbs]


def _button(verb: str, ticket: int, text: Text, *, first: bool) -> Block:
    button = {
        "type": "button",
        "action_id": verb,
        "value": str(ticket),
        "text": _plain(text(Say(name=f"card.{verb}"))),
    }
    return button | {"style": "primary"} if first and verb != "reopen" else button


def _fallback(card: Card, text: Text) -> str:
    said = next((line.text for line in reversed(card.story) if line.by == "person" and line.text.strip()), "")
    words = safe(cut(" ".join(said.split()), _FALLBACK)) or _named(text, "card.reason", card.reason)
    name = byline(card.person, card.platform)
    return text(Say(name="card.fallback", params={"number": card.ticket, "name": name, "text": words}))


def _context(*parts: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(part) for part in parts if part]}


def _plain(text: str) -> Block:
    """Without emoji codes, so that people's words stand exactly as they wrote them."""
    return {"type": "plain_text", "text": cut(text, SECTION), "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}
