"""What a modal carries for us from one step to the next, in Slack's ``private_metadata``. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from bots.slack.shapes import NotUnderstood

LONGEST = 3000
"""Characters of ``private_metadata``."""
_LONGEST_TEXT = 250
_MOST = 100
"""Numbers of a list, the last ones."""


def written(values: Mapping[str, Any]) -> str:
    """Without what says nothing; what would be too long is cut off."""
    return json.dumps({name: _cut(value) for name, value in values.items() if value}, ensure_ascii=False)


def read(text: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What ``written`` wrote; each value is of its default's type. Raises NotUnderstood."""
    try:
        said = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise NotUnderstood("private_metadata is no JSON of ours") from None
    if not isinstance(said, Mapping):
        raise NotUnderstood("private_metadata is no object")
    return {name: _known(said.get(name, default), name, default) for name, default in defaults.items()}


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    return list(value[-_MOST:]) if isinstance(value, tuple) else value


def _known(value: Any, name: str, default: Any) -> Any:
    if isinstance(default, tuple):
        value = tuple(value) if isinstance(value, list | tuple) else None
        if value is None or not all(type(one) is int for one in value):
            raise NotUnderstood(f"private_metadata: {name}")
    elif type(value) is not type(default):
        raise NotUnderstood(f"private_metadata: {name}")
    return value
