"""``reply_markup``: the inline keyboard under a message."""

from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.telegram.failure import bad
from bots.sandbox.telegram.params import Params

DATA_BYTES = 64
BUTTONS = 100
ACTIONS = frozenset(
    {
        "url",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "copy_text",
        "pay",
    }
)
Rows = list[list[Json]]


def read_keyboard(params: Params) -> Rows | None:
    """The rows of buttons; None if there is no inline keyboard. Raises Failure."""
    markup = params.object("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > BUTTONS:
        raise bad("reply markup is too long")
    return checked


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad("inline keyboard button text must be non-empty")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA_BYTES:
            raise bad("BUTTON_DATA_INVALID")
    elif not ACTIONS & set(button):
        raise bad("text buttons are unallowed in the inline keyboard")
    return button


def as_choices(rows: Rows) -> list[list[Json]]:
    """For the page."""
    return [
        [{"id": button.get("callback_data", ""), "label": button["text"]} for button in row] for row in rows
    ]
