"""Fields of modals to choose in, beside those to write in; and what was filled into them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bots.slack.admin.kit import INPUT, LABEL, Block, plain
from bots.slack.shapes import Body, mapping, string

OPTION = 75
OPTIONS = 100
RADIOS = 10


def select(
    block: str, label: str, options: Sequence[tuple[str, str]], *, initial: str = "", optional: bool = False
) -> Block:
    """One of up to 100, each with its value and what it is called."""
    shown = [_option(value, name) for value, name in options[:OPTIONS]]
    element: dict[str, Any] = {"type": "static_select", "action_id": INPUT, "options": shown}
    return _input(block, label, _begun(element, shown, initial), optional=optional)


def radio(
    block: str, label: str, options: Sequence[tuple[str, str]], *, initial: str = "", optional: bool = False
) -> Block:
    """One of up to 10, all of them in sight."""
    shown = [_option(value, name) for value, name in options[:RADIOS]]
    element: dict[str, Any] = {"type": "radio_buttons", "action_id": INPUT, "options": shown}
    return _input(block, label, _begun(element, shown, initial), optional=optional)


def somebody(block: str, label: str, *, initial: str = "") -> Block:
    """One of the workspace's people."""
    element: dict[str, Any] = {"type": "users_select", "action_id": INPUT}
    return _input(block, label, element | ({"initial_user": initial} if initial else {}))


def filled(view: Body) -> dict[str, str]:
    """What stands in each field of a modal, by block; nothing for an empty one. Raises NotUnderstood."""
    blocks = mapping(mapping(view.get("state"), "state").get("values"), "values")
    found = {block: _value(mapping(actions, block).get(INPUT)) for block, actions in blocks.items()}
    return {block: value for block, value in found.items() if value}


def _value(element: Any) -> str:
    if not isinstance(element, Mapping):
        return ""
    option = element.get("selected_option")
    if isinstance(option, Mapping):
        return string(option, "value")
    return (string(element, "selected_user") or string(element, "value")).replace("\r\n", "\n").strip()


def _begun(element: dict[str, Any], shown: Sequence[Block], initial: str) -> dict[str, Any]:
    chosen = next((one for one in shown if one["value"] == initial), None)
    return element | ({"initial_option": chosen} if chosen else {})


def _option(value: str, name: str) -> Block:
    return {"text": plain(name, OPTION), "value": value}


def _input(block: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(label, LABEL),
        "element": element,
        "optional": optional,
    }
