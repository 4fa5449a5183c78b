"""Where in the modal an admin is, as Slack carries it for us from one step to the next. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bots.slack.shapes import NotUnderstood

LONGEST = 3000
"""Of Slack's ``private_metadata``."""
WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """``words`` is what was searched for, ``entry`` the one that is looked at or edited, ``base`` the revision seen.

    ``work`` is the number under which words that are not yet published are kept, ``draft`` that of the proposal which
    they answer (0: none).
    """

    words: str = ""
    entry: str = ""
    base: int = 0
    work: int = 0
    draft: int = 0

    def __str__(self) -> str:
        """As it travels."""
        told = {name: value for name, value in asdict(self).items() if value}
        told["words"] = self.words[:WORDS]
        return json.dumps(told, ensure_ascii=False)[:LONGEST]


def read(text: str) -> Where:
    """Raises NotUnderstood."""
    if not text:
        return Where()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise NotUnderstood("private_metadata is no JSON of ours") from None
    if not isinstance(said, Mapping):
        raise NotUnderstood("private_metadata is no object")
    known: dict[str, Any] = {}
    for field in fields(Where):
        value = said.get(field.name, field.default)
        if type(value) is not type(field.default):
            raise NotUnderstood(f"private_metadata: {field.name}")
        known[field.name] = value
    return Where(**known)
