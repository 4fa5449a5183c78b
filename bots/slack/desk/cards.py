"""A ticket's face at the desk: what an agent has to know at a glance, as blocks. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.slack.desk.buttons import Text, block_of, drawn, menu
from bots.slack.desk.bylines import byline
from bots.slack.desk.card_fields import Fields, link
from bots.slack.desk.story import Part, told
from bots.slack.kit import Block, Speech, context, date, divider, section, verbatim
from bots.slack.lengths import HEADER, cut
from bots.slack.text import safe
from core.desk import Button, Card

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
    fields = Fields(speech=Speech(text), department=department)
    blocks = _left(card, fields) if card.moved_to else _whole(card, fields)
    return Drawn(blocks=tuple(blocks), text=_fallback(card, fields))


def _whole(card: Card, fields: Fields) -> Iterator[Block]:
    story = told(card.story, fields.speech.text)
    yield _title(card, fields)
    if warnings := fields.warnings(card):
        yield context(*warnings)
    yield {"type": "section", "fields": [{"type": "mrkdwn", "text": field} for field in fields.of(card)]}
    yield divider()
    yield context(f"*{fields.speech('card.story')}*", story.left_out)
    yield from (_part(card, part, fields.speech.text) for part in story.parts)
    yield context(fields.speech("card.opened", date=date(card.opened_at)), fields.earlier(card.earlier))
    yield {"type": "actions", "block_id": block_of(card.ticket), "elements": _buttons(card, fields)}


def _left(card: Card, fields: Fields) -> Iterator[Block]:
    """In a thread that the ticket left: where it went, and nothing to press."""
    assert card.moved_to
    yield _title(card, fields)
    there = link(card.moved_to, fields.speech("card.moved_link")) if card.moved_to.id else ""
    department = safe(fields.department(card.department))
    yield section(f"{fields.speech('card.moved', department=department)} {there}".strip())


def _title(card: Card, fields: Fields) -> Block:
    return {"type": "header", "text": verbatim(_header(card, fields), HEADER)}


def _header(card: Card, fields: Fields) -> str:
    urgent = card.priority == "urgent" and card.state != "resolved"
    sign = URGENT if urgent else "➡️" if card.moved_to else SIGNS.get(card.state, "")
    name = byline(card.person, card.platform)
    return f"{sign} {fields.speech('card.header', number=card.ticket, name=name)}".strip()


def _part(card: Card, part: Part, text: Text) -> Block:
    block: Block = {"type": "section", "text": verbatim(part.text)}
    if not part.answer:
        return block
    wrong = Button(verb="wrong_answer", label="card.wrong_answer", about=f"#{part.answer}")
    about = {"block_id": block_of(card.ticket, str(part.answer)), "accessory": drawn(wrong, text)}
    return {**block, **about}


def _buttons(card: Card, fields: Fields) -> list[Block]:
    verbs = BUTTONS.get(card.state, BUTTONS["open"])
    further = MENU.get(card.state, MENU["open"])
    first = verbs[0] if verbs[0] != "reopen" else ""
    shown = [
        drawn(
            Button(verb=verb, label=f"card.{verb}", style="primary" if verb == first else ""),
            fields.speech.text,
        )
        for verb in verbs
    ]
    return [*shown, menu([(verb, fields.speech(f"card.{verb}")) for verb in further])]


def _fallback(card: Card, fields: Fields) -> str:
    said = next((line.text for line in reversed(card.story) if line.by == "person" and line.text.strip()), "")
    words = safe(cut(" ".join(said.split()), _FALLBACK)) or fields.named("card.reason", card.reason)
    name = byline(card.person, card.platform)
    return fields.speech("card.fallback", number=card.ticket, name=name, text=words)
