"""Buttons of tickets: what they bear goes out in their value and comes back with the press. Pure."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bots.slack.desk.bylines import face
from bots.slack.desk.lengths import cut
from bots.slack.shapes import NotUnderstood
from bots.slack.text import literal
from core.desk import Button
from core.messages import Say

BLOCK = "ticket:"
"""Marks the block of a ticket's buttons; its number follows, and (after another colon) what keeps blocks apart."""

MORE = "more"
"""The menu of what a row has no room for: what is chosen in it is the verb."""

Block = Mapping[str, Any]
Text = Callable[[Say], str]
"""Renders a text in the desk's language."""

_LABEL = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne:
    """What a button bears."""

    about: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def row(ticket: int, buttons: Sequence[Button], text: Text) -> Block:
    """A row of buttons that act on a ticket; of one verb there may be several, told apart by a number."""
    seen: Counter[str] = Counter()
    elements = []
    for button in buttons:
        seen[button.verb] += 1
        number = f":{seen[button.verb]}" if seen[button.verb] > 1 else ""
        elements.append({**drawn(button, text), "action_id": f"{button.verb}{number}"})
    return {"type": "actions", "block_id": f"{BLOCK}{ticket}", "elements": elements}


def menu(options: Sequence[tuple[str, str]]) -> Block:
    """The menu of further verbs, each with what it is called; Slack takes five."""
    shown = [{"text": _plain(label), "value": verb} for verb, label in options]
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


def drawn(button: Button, text: Text) -> dict[str, Any]:
    """One button."""
    params = dict(button.params)
    if "platform" in params:
        params["platform"] = face(str(params["platform"])).title
    shown = {
        "type": "button",
        "action_id": button.verb,
        "value": json.dumps({"about": button.about, "values": dict(button.values)}, ensure_ascii=False),
        "text": _plain(text(Say(name=button.label, params=params))),
    }
    return shown | {"style": button.style} if button.style else shown


def _plain(label: str) -> Block:
    return {"type": "plain_text", "text": cut(literal(label), _LABEL), "emoji": True}
