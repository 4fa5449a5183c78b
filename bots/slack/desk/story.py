"""What was said before a ticket was opened, as it stands on its card: oldest first, the newest never left out. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bots.slack.desk.bylines import shown_name
from bots.slack.lengths import SECTION, cut, length
from bots.slack.text import literal
from core.desk import Line
from core.messages import Say

WHOLE = 6000
"""Characters of the whole story: Slack refuses blocks (``msg_blocks_too_long``) from some 11,000 in a message on."""

LONGEST = {"person": 2000, "bot": 200, "agent": 1000, "note": 1000}
"""Characters of one line. What the person said stands nowhere else at the desk."""

ROWS = 15
FILES = 10
QUESTIONABLE = 5
"""So many of the bot's answers from the FAQ, the latest, can be called wrong right on the card."""
INDENT = "\n\u2003\u2003"
"""Later rows of a line stand further in, so that nobody can write a line in somebody else's name."""

_GAPS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What fits into one section. ``answer`` is the bot's message that it is, where that came from the FAQ, else 0."""

    text: str
    answer: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """``left_out`` tells of what doesn't stand here ("" if all does)."""

    parts: tuple[Part, ...]
    left_out: str


def told(lines: Sequence[Line], text: Callable[[Say], str]) -> Story:
    """The newest lines that fit, oldest first."""
    shown: list[Part] = []
    room = WHOLE
    questionable = [line.id for line in lines if line.entry and line.id][-QUESTIONABLE:]
    for line in reversed(lines):
        said = drawn(line, text)
        room -= length(said)
        if room < 0:
            break
        shown.insert(0, Part(text=said, answer=line.id if line.id in questionable else 0))
    hidden = len(lines) - len(shown)
    left_out = text(Say(name="card.story.left_out", params={"count": hidden})) if hidden else ""
    return Story(parts=_packed(shown) or (Part(text=text(Say(name="card.story.none"))),), left_out=left_out)


def drawn(line: Line, text: Callable[[Say], str]) -> str:
    """One line as plain text: who said it, and what."""
    files = [_file(name) for name in line.files[:FILES]]
    said = " ".join(filter(None, ["✏️" if line.edited else "", _shortened(line, text), *files]))
    params: dict[str, str | int] = {"text": said.replace("\n", INDENT), "name": shown_name(line.name)}
    if line.sure is None:
        return text(Say(name=f"line.{line.by}", params=params))
    return text(Say(name="line.sure", params={**params, "sure": round(100 * line.sure)}))


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


def _packed(lines: Sequence[Part]) -> tuple[Part, ...]:
    """As few parts as hold the lines; no line is longer than a part. What can be called wrong stands alone."""
    parts: list[Part] = []
    for line in lines:
        last = parts[-1] if parts else line
        fits = length(last.text) + 1 + length(line.text) <= SECTION
        if parts and fits and not (last.answer or line.answer):
            parts[-1] = Part(text=f"{last.text}\n{line.text}")
        else:
            parts.append(line)
    return tuple(parts)
