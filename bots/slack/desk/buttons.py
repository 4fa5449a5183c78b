"""Buttons of tickets: what they bear goes out in their value and comes back with the press. Pure."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bots.slack.desk.bylines import face
from bots.slack.kit import BUTTON, Block, Speech, plain, section
from bots.slack.kit import Button as Pressable
from bots.slack.kit import drawn as as_block
from bots.slack.lengths import cut
from bots.slack.shapes import NotUnderstood
from core.desk import Button
from core.messages import Say

BLOCK = "ticket:"
"""Marks the block of a ticket's buttons; its number follows, and (after another colon) what keeps blocks apart."""

MORE = "more"
"""The menu of what a row has no room for: what is chosen in it is the verb."""

Text = Callable[[Say], str]
"""Renders a text in the desk's language."""

_LONGEST = 500
"""Of what a button bears under one name: Slack takes 2,000 characters in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne:
    """What a button bears."""

    about: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def row(ticket: int, buttons: Sequence[Button], text: Text, *, about: str = "") -> Block:
    """A row of buttons that act on a ticket; of one verb there may be several, told apart by a number.

    ``about`` keeps it apart from other rows of the same message.
    """
    seen: Counter[str] = Counter()
    elements = []
    for button in buttons:
        seen[button.verb] += 1
        number = f":{seen[button.verb]}" if seen[button.verb] > 1 else ""
        elements.append({**drawn(button, text), "action_id": f"{button.verb}{number}"})
    return {"type": "actions", "block_id": block_of(ticket, about), "elements": elements}


def block_of(ticket: int, about: str = "") -> str:
    """The id of a block in which something acts on a ticket."""
    return f"{BLOCK}{ticket}:{about}" if about else f"{BLOCK}{ticket}"


def menu(options: Sequence[tuple[str, str]]) -> Block:
    """The menu of further verbs, each with what it is called; Slack takes five."""
    shown = [{"text": plain(label, BUTTON), "value": verb} for verb, label in options]
    return {"type": "overflow", "action_id": MORE, "options": shown}


def borne(value: str) -> Borne:
    """What a pressed button bore; a card's bear only their ticket. Raises NotUnderstood."""
    if not value.startswith("{"):
        return Borne()
    try:
        read = json.loads(value)
    except (ValueError, RecursionError) as failure:
        raise NotUnderstood("a button's value is no JSON") from failure
    values = read.get("values", {})
    if not isinstance(values, dict):
        raise NotUnderstood("a button's values are no object")
    return Borne(about=str(read.get("about", "")), values={str(key): str(one) for key, one in values.items()})


def drawn(button: Button, text: Text) -> Block:
    """One button."""
    params = dict(button.params)
    if "platform" in params:
        params["platform"] = face(str(params["platform"])).title
    values = {name: cut(value, _LONGEST) for name, value in button.values.items()}
    shown = Pressable(
        verb=button.verb,
        label=text(Say(name=button.label, params=params)),
        value=json.dumps({"about": button.about, "values": values}, ensure_ascii=False),
        style=button.style,
    )
    return as_block(shown, Speech(text))


def under(markup: str, ticket: int, buttons: Sequence[Button], text: Text) -> tuple[Block, ...]:
    """Words with buttons under them; ``markup`` is escaped already. No buttons: no blocks are needed."""
    return (section(markup), row(ticket, buttons, text)) if buttons else ()
