"""Fields of modals to choose in, beside those to write in; and what was filled into them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bots.slack.kit import INPUT, LABEL, Block, plain
from bots.slack.shapes import Body, mapping, string

OPTION = 75
OPTIONS = 100
RADIOS = 10

Options = Sequence[tuple[str, str]]
"""Values, each with what it is called."""


def select(block: str, label: str, options: Options, *, initial: str = "", optional: bool = False) -> Block:
    """One of up to 100."""
    return _input(block, label, _choice("static_select", options[:OPTIONS], initial), optional=optional)


def radio(block: str, label: str, options: Options, *, initial: str = "", optional: bool = False) -> Block:
    """One of up to 10, all of them in sight."""
    return _input(block, label, _choice("radio_buttons", options[:RADIOS], initial), optional=optional)


def somebody(block: str, label: str) -> Block:
    """One of the workspace's people."""
    return _input(block, label, {"type": "users_select", "action_id": INPUT})


def filled(view: Body) -> dict[str, str]:
    """What stands in each field of a modal, by block; "" in an empty one. Raises NotUnderstood."""
    blocks = mapping(mapping(view.get("state"), "state").get("values"), "values")
    elements = {block: mapping(actions, block).get(INPUT) for block, actions in blocks.items()}
    return {block: _value(element) for block, element in elements.items() if isinstance(element, Mapping)}


def _value(element: Body) -> str:
    option = element.get("selected_option")
    if isinstance(option, Mapping):
        return string(option, "value")
    return (string(element, "selected_user") or string(element, "value")).replace("\r\n", "\n").strip()


def _choice(kind: str, options: Options, initial: str) -> Block:
    shown = [{"text": plain(name, OPTION), "value": value} for value, name in options]
    element: dict[str, Any] = {"type": kind, "action_id": INPUT, "options": shown}
    chosen = next((one for one in shown if one["value"] == initial), None)
    return element | ({"initial_option": chosen} if chosen else {})


def _input(block: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(label, LABEL),
        "element": element,
        "optional": optional,
    }
