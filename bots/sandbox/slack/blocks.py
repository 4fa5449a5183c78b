"""Block Kit's limits: what Slack refuses as ``invalid_blocks``, with the place of each mistake. Pure.

The figures are those of Slack's Block Kit reference. Rules are data: for each type its fields, and what each may hold.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bots.sandbox.hub import Json

Rule = Callable[[Any, str], Iterator[str]]
"""A value and the JSON pointer to it, to the mistakes in it."""

Fields = Mapping[str, Rule]
"""A name that ends in ``!`` has to be there."""


def _error(message: str, at: str) -> str:
    return f"[ERROR] {message} [json-pointer:{at or '/'}]"


def _anything(_: Any, __: str) -> Iterator[str]:
    return iter(())


def _string(most: int, least: int = 1) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _error("must be a string", at)
        elif len(value) < least:
            yield _error(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield _error(f"must be less than {most + 1} characters", at)

    return check


def _one_of(*known: Any) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in known:
            yield _error(f"must be one of: {', '.join(map(str, known))}", at)

    return check


def _text(most: int, *, plain: bool = False) -> Rule:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    fields: Fields = {
        "type!": _one_of(*kinds),
        "text!": _string(most),
        "emoji": _one_of(True, False),
        "verbatim": _one_of(True, False),
    }
    return _fields(fields)


def _fields(fields: Fields) -> Rule:
    rules = {name.rstrip("!"): rule for name, rule in fields.items()}
    needed = [name[:-1] for name in fields if name.endswith("!")]

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _error("must be an object", at)
            return
        yield from (_error(f"missing required field: {name}", at) for name in needed if name not in value)
        for name, inner in value.items():
            rule = rules.get(name)
            if rule is None:
                yield _error(f"invalid additional property: {name}", at)
            else:
                yield from rule(inner, f"{at}/{name}")

    return check


def _list(rule: Rule, most: int, least: int = 1) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _error("must be an array", at)
            return
        if len(value) > most:
            yield _error(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield _error(f"no less than {least} items allowed", at)
        for number, item in enumerate(value):
            yield from rule(item, f"{at}/{number}")

    return check


def _kinds(known: Mapping[str, Fields]) -> Rule:
    rules = {
        kind: _fields({"type!": _one_of(kind), "block_id": _string(255), **fields})
        for kind, fields in known.items()
    }

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in rules:
            yield _error(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from rules[kind](value, at)

    return check


FLAG = _one_of(True, False)
WORDS: Fields = {"text!": _string(3000), "emoji": FLAG, "verbatim": FLAG}
OPTION = _fields({"text!": _text(75), "value!": _string(150), "description": _text(75), "url": _string(3000)})
GROUP = _fields({"label!": _text(75, plain=True), "options!": _list(OPTION, 100)})
CONFIRM = _fields(
    {
        "title!": _text(100, plain=True),
        "text!": _text(300),
        "confirm!": _text(30, plain=True),
        "deny!": _text(30, plain=True),
        "style": _one_of("primary", "danger"),
    }
)
ACTION: Fields = {"action_id": _string(255), "confirm": CONFIRM, "focus_on_load": FLAG}
SELECT: Fields = {**ACTION, "placeholder": _text(150, plain=True)}
OPTIONS: Fields = {
    "options": _list(OPTION, 100),
    "option_groups": _list(GROUP, 100),
    "initial_option": OPTION,
}
PICTURE: Fields = {"alt_text!": _string(2000), "image_url": _string(3000), "slack_file": _anything}
FIELD: Fields = {
    **SELECT,
    "initial_value": _string(3000, 0),
    "multiline": FLAG,
    "min_length": _anything,
    "max_length": _anything,
    "dispatch_action_config": _anything,
}
PRESSABLE: Mapping[str, Fields] = {
    "button": {
        **ACTION,
        "text!": _text(75, plain=True),
        "value": _string(2000, 0),
        "url": _string(3000),
        "style": _one_of("primary", "danger"),
        "accessibility_label": _string(75),
    },
    "static_select": {**SELECT, **OPTIONS},
    "users_select": {**SELECT, "initial_user": _string(255)},
    "overflow": {**ACTION, "options!": _list(OPTION, 5)},
    "radio_buttons": {**ACTION, "options!": _list(OPTION, 10), "initial_option": OPTION},
    "checkboxes": {**ACTION, "options!": _list(OPTION, 10), "initial_options": _list(OPTION, 10)},
}
TYPED: Mapping[str, Fields] = {"plain_text_input": FIELD, "email_text_input": FIELD, "url_text_input": FIELD}
RICH = _list(
    _kinds(
        {
            kind: {"elements!": _anything, "style": _anything, "indent": _anything, "border": _anything}
            for kind in ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
        }
    ),
    1000,
)
BLOCKS: Mapping[str, Fields] = {
    "section": {
        "text": _text(3000),
        "fields": _list(_text(2000), 10),
        "accessory": _kinds({**PRESSABLE, "image": PICTURE}),
        "expand": FLAG,
    },
    "header": {"text!": _text(150, plain=True)},
    "context": {"elements!": _list(_kinds({"image": PICTURE, "mrkdwn": WORDS, "plain_text": WORDS}), 10)},
    "actions": {"elements!": _list(_kinds(PRESSABLE), 25)},
    "divider": {},
    "image": {**PICTURE, "title": _text(2000, plain=True)},
    "rich_text": {"elements!": RICH},
    "input": {
        "label!": _text(2000, plain=True),
        "element!": _kinds({**PRESSABLE, **TYPED}),
        "hint": _text(2000, plain=True),
        "optional": FLAG,
        "dispatch_action": FLAG,
    },
    "markdown": {"text!": _string(12_000)},
}

MESSAGE_BLOCKS = _list(_kinds({kind: BLOCKS[kind] for kind in BLOCKS if kind != "input"}), 50, 0)
VIEW: Mapping[str, Fields] = {
    "modal": {
        "title!": _text(24, plain=True),
        "submit": _text(24, plain=True),
        "close": _text(24, plain=True),
        "clear_on_close": FLAG,
        "notify_on_close": FLAG,
    },
    "home": {},
}
ANY_VIEW: Fields = {
    "blocks!": _list(_kinds(BLOCKS), 100, 0),
    "private_metadata": _string(3000, 0),
    "callback_id": _string(255, 0),
    "external_id": _string(255, 0),
}
VIEWS = _kinds({kind: {**ANY_VIEW, **fields} for kind, fields in VIEW.items()})


def message_mistakes(blocks: Any) -> list[str]:
    """What Slack would say of a message's blocks; empty: nothing."""
    return list(MESSAGE_BLOCKS(blocks, "/blocks")) or list(_beyond_shape(blocks, "/blocks"))


def view_mistakes(view: Any) -> list[str]:
    """What Slack would say of a view. One with something to fill in needs ``submit``."""
    found = list(VIEWS(view, "/view")) or list(_beyond_shape(view["blocks"], "/view/blocks"))
    if found or view["type"] != "modal" or "submit" in view:
        return found
    fillable = any(block["type"] == "input" for block in view["blocks"])
    return [_error("missing required field: submit", "/view")] if fillable else []


def _beyond_shape(blocks: list[Json], at: str) -> Iterator[str]:
    for number, block in enumerate(blocks):
        if block["type"] == "section" and not {"text", "fields"} & set(block):
            yield _error("missing required field: text", f"{at}/{number}")
        if block["type"] == "image" and not {"image_url", "slack_file"} & set(block):
            yield _error("missing required field: image_url", f"{at}/{number}")
        elements = block.get("elements", []) if block["type"] == "actions" else []
        yield from _repeated("action_id", elements, f"{at}/{number}/elements")
    yield from _repeated("block_id", blocks, at)


def _repeated(name: str, items: list[Json], at: str) -> Iterator[str]:
    counts = Counter(item[name] for item in items if name in item)
    yield from (_error(f"{name} {one} already exists", at) for one, count in counts.items() if count > 1)


def named(blocks: list[Json], name: Callable[[], str]) -> list[Json]:
    """The blocks as Slack keeps them: each with a ``block_id``, each thing to press with an ``action_id``."""
    return [_named_block(block, name) for block in blocks]


def _named_block(block: Json, name: Callable[[], str]) -> Json:
    kept = {"block_id": name(), **block}
    if block["type"] == "actions":
        kept["elements"] = [{"action_id": name(), **element} for element in block["elements"]]
    for part in ("accessory", "element"):
        if part in block and block[part]["type"] != "image":
            kept[part] = {"action_id": name(), **block[part]}
    return kept
