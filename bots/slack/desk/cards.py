"""A ticket's face at the desk: what an agent has to know at a glance, as blocks. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.slack.desk.buttons import BLOCK, Block, Text, drawn, menu
from bots.slack.desk.bylines import byline
from bots.slack.desk.card_fields import Fields, date, link
from bots.slack.desk.lengths import HEADER, SECTION, cut
from bots.slack.desk.story import Part, told
from bots.slack.text import safe
from core.desk import Button, Card
from core.messages import Say

BUTTONS: Mapping[str, Sequence[str]] = {
    "open": ("claim", "resolve", "suggest", "assign", "history"),
    "claimed": ("resolve", "release", "suggest", "assign", "history"),
    "snoozed": ("unsnooze", "resolve", "suggest", "assign", "history"),
    "resolved": ("reopen", "history"),
}
"""The verbs by state, the likeliest first."""

MENU: Mapping[str, Sequence[str]] = {
    "open": ("snooze", "transfer", "priority", "further"),
    "claimed": ("take_over", "snooze", "transfer", "priority", "further"),
    "snoozed": ("snooze", "transfer", "priority", "further"),
    "resolved": ("further",),
}
"""What stands in the menu beside them: at most five."""

SIGNS = {"open": "🟠", "claimed": "🔵", "snoozed": "💤", "resolved": "✅"}
URGENT = "🚨"
_FALLBACK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """``text`` is what notifications show, and clients that can't show blocks."""

    blocks: tuple[Block, ...]
    text: str


def draw(card: Card, text: Text, department: Callable[[str], str] = str) -> Drawn:
    """The card, within Slack's limits whatever was said; times are shown in each reader's own zone.

    ``department`` tells what a department is called.
    """
    fields = Fields(text=text, department=department)
    blocks = _left(card, fields) if card.moved_to else _whole(card, fields)
    return Drawn(blocks=tuple(blocks), text=_fallback(card, fields))


def _whole(card: Card, fields: Fields) -> Iterator[Block]:
    text = fields.text
    story = told(card.story, text)
    yield {"type": "header", "text": _plain(cut(_header(card, fields), HEADER))}
    if warnings := fields.warnings(card):
        yield _context(*warnings)
    yield {"type": "section", "fields": [_mrkdwn(field) for field in fields.of(card)]}
    yield {"type": "divider"}
    yield _context(f"*{fields.say('card.story')}*", story.left_out)
    yield from (_part(card, part, text) for part in story.parts)
    opened = fields.say("card.opened", date=date(card.opened_at))
    yield _context(*filter(None, [opened, fields.earlier(card.earlier)]))
    yield {"type": "actions", "block_id": f"{BLOCK}{card.ticket}", "elements": _buttons(card, fields)}


def _left(card: Card, fields: Fields) -> Iterator[Block]:
    """In a thread that the ticket left: where it went, and nothing to press."""
    assert card.moved_to
    yield {"type": "header", "text": _plain(cut(_header(card, fields), HEADER))}
    there = link(card.moved_to, fields.say("card.moved_link")) if card.moved_to.id else ""
    department = safe(fields.department(card.department))
    yield {
        "type": "section",
        "text": _mrkdwn(f"{fields.say('card.moved', department=department)} {there}".strip()),
    }


def _header(card: Card, fields: Fields) -> str:
    urgent = card.priority == "urgent" and card.state != "resolved"
    sign = URGENT if urgent else "➡️" if card.moved_to else SIGNS.get(card.state, "")
    name = byline(card.person, card.platform)
    return f"{sign} {fields.say('card.header', number=card.ticket, name=name)}".strip()


def _part(card: Card, part: Part, text: Text) -> Block:
    section: dict[str, Any] = {"type": "section", "text": _plain(part.text)}
    if not part.answer:
        return section
    wrong = Button(verb="wrong_answer", label="card.wrong_answer", about=f"#{part.answer}")
    return {
        **section,
        "block_id": f"{BLOCK}{card.ticket}:{part.answer}",
        "accessory": drawn(wrong, text),
    }


def _buttons(card: Card, fields: Fields) -> list[Block]:
    verbs = BUTTONS.get(card.state, BUTTONS["open"])
    further = MENU.get(card.state, MENU["open"])
    shown = [_button(verb, card.ticket, fields, first=verb == verbs[0]) for verb in verbs]
    return [*shown, menu([(verb, fields.say(f"card.{verb}")) for verb in further])]


def _button(verb: str, ticket: int, fields: Fields, *, first: bool) -> Block:
    button = {
        "type": "button",
        "action_id": verb,
        "value": str(ticket),
        "text": {**_plain(fields.say(f"card.{verb}")), "emoji": True},
    }
    return button | {"style": "primary"} if first and verb != "reopen" else button


def _fallback(card: Card, fields: Fields) -> str:
    said = next((line.text for line in reversed(card.story) if line.by == "person" and line.text.strip()), "")
    words = safe(cut(" ".join(said.split()), _FALLBACK)) or fields.named("card.reason", card.reason)
    name = byline(card.person, card.platform)
    return fields.text(Say(name="card.fallback", params={"number": card.ticket, "name": name, "text": words}))


def _context(*parts: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(part) for part in parts if part]}


def _plain(text: str) -> Block:
    """Without emoji codes, so that people's words stand exactly as they wrote them."""
    return {"type": "plain_text", "text": cut(text, SECTION), "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}
