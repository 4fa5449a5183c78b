"""What was said before a ticket was opened, as it stands on its card: oldest first, the newest never left out. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bots.slack.desk.bylines import shown_name
from bots.slack.desk.lengths import SECTION, cut, length
from bots.slack.text import literal
from core.messages import Line, Say

WHOLE = 6000
"""Characters of the whole story: Slack refuses blocks (``msg_blocks_too_long``) from some 11,000 in a message on."""

LONGEST = {"person": 2000, "bot": 200, "agent": 1000, "note": 1000}
"""Characters of one line. What the person said stands nowhere else at the desk."""

ROWS = 15
FILES = 10
INDENT = "\n\u2003\u2003"
"""Later rows of a line stand further in, so that nobody can write a line in somebody else's name."""

_GAPS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """``parts`` fit into one section each; ``left_out`` tells of what doesn't stand here ("" if all does)."""

    parts: tuple[str, ...]
    left_out: str


def told(lines: Sequence[Line], text: Callable[[Say], str]) -> Story:
    """The newest lines that fit, oldest first."""
    shown: list[str] = []
    room = WHOLE
    for line in reversed(lines):
        drawn = _drawn(line, text)
        room -= length(drawn)
        if room < 0:
            break
        shown.insert(0, drawn)
    hidden = len(lines) - len(shown)
    left_out = text(Say(name="card.story.left_out", params={"count": hidden})) if hidden else ""
    return Story(parts=_packed(shown) or (text(Say(name="card.story.none")),), left_out=left_out)


def _drawn(line: Line, text: Callable[[Say], str]) -> str:
    said = " ".join(filter(None, [_shortened(line, text), *(_file(name) for name in line.files[:FILES])]))
    params = {"text": said.replace("\n", INDENT), "name": shown_name(line.name)}
    return text(Say(name=f"line.{line.by}", params=params))


def _shortened(line: Line, text: Callable[[Say], str]) -> str:
    """What the bot said is only recalled, in one row: agents know its answers."""
    limit = LONGEST[line.by]
    if line.by == "bot":
        return cut(" ".join(literal(line.text[: 4 * limit]).split()), limit)
    begin = line.text[: 4 * limit]  # so that cleaning takes no longer than what is shown is worth
    whole = _GAPS.sub("\n", literal(begin)).strip()
    kept = cut("\n".join(whole.split("\n")[:ROWS]), limit)
    if kept == whole and begin == line.text:
        return whole
    return text(Say(name="card.cut", params={"text": kept.removesuffix("…"), "count": len(line.text)}))


def _file(name: str) -> str:
    return f"📎 {shown_name(name) or '…'}"


def _packed(lines: Sequence[str]) -> tuple[str, ...]:
    """As few parts as hold the lines; no line is longer than a part."""
    parts: list[str] = []
    for line in lines:
        if parts and length(parts[-1]) + 1 + length(line) <= SECTION:
            parts[-1] = f"{parts[-1]}\n{line}"
        else:
            parts.append(line)
    return tuple(parts)
