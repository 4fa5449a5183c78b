"""What Slack's composer makes of the words that people type: escapes, mentions, links, and the blocks beside them."""

import html
import re
from collections.abc import Iterator

from bots.sandbox.hub import Json
from bots.sandbox.slack.workspace import Workspace

CALLS = ("here", "channel", "everyone")
LINK = re.compile(r"https?://[!#-;=?-~]*[A-Za-z0-9/#=_-]")
PIECE = re.compile(r"(<[^<>\n]+>|:[a-z0-9_+'-]+:)")


def composed(typed: str, workspace: Workspace) -> str:
    """Typed words as Slack passes them on: ``@Mei`` is a mention, and no control sequence can be typed."""
    whole = typed.encode("utf-8", "replace").decode("utf-8")  # halves of characters never leave Slack
    return _with_mentions("".join(_linked(whole)), workspace)


def _linked(text: str) -> Iterator[str]:
    """Escaped, with links in their brackets."""
    at = 0
    for found in LINK.finditer(text):
        yield html.escape(text[at : found.start()], quote=False)
        yield f"<{html.escape(found[0], quote=False)}>"
        at = found.end()
    yield html.escape(text[at:], quote=False)


def _with_mentions(text: str, workspace: Workspace) -> str:
    marks = {f"#{one.name}": f"<#{one.id}|{one.name}>" for one in workspace.channels.values() if one.name}
    marks |= {f"@{call}": f"<!{call}>" for call in CALLS}
    marks |= {f"@{html.escape(one.name, quote=False)}": f"<@{one.id}>" for one in workspace.users.values()}
    folded = {name.casefold(): mark for name, mark in marks.items()}
    names = "|".join(re.escape(name) for name in sorted(marks, key=len, reverse=True))
    known = re.compile(rf"(?<![A-Za-z0-9_./])(?:{names})(?![A-Za-z0-9_])", re.IGNORECASE)
    return known.sub(lambda found: folded[found[0].casefold()], text)


def rich_text(text: str, block_id: str) -> list[Json]:
    """The same words as the blocks that Slack's own clients send along."""
    if not text:
        return []
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _elements(text: str) -> Iterator[Json]:
    for piece in PIECE.split(text):
        if PIECE.fullmatch(piece):
            yield _reference(piece[1:-1]) if piece[0] == "<" else {"type": "emoji", "name": piece[1:-1]}
        elif piece:
            yield {"type": "text", "text": html.unescape(piece)}


def _reference(inner: str) -> Json:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    link = {"type": "link", "url": html.unescape(target)}
    return link | ({"text": html.unescape(label)} if label else {})
