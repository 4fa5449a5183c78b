"""Slack's markup and the plain text that everybody else reads, both ways; pure.

What people wrote goes out with ``mrkdwn: false`` or in ``plain_text`` objects, where marks like * and ` are only
signs. ``safe`` is for the former and for mrkdwn, ``literal`` for ``plain_text``, which Slack doesn't unescape.
"""

import re
from collections.abc import Mapping

import emoji

_TOKEN = re.compile(r"<([^<>\n]+)>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_CODE = re.compile(r"(?<![A-Za-z0-9]):([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?")
_CALLS = re.compile(r"@(?=channel|here|everyone)", re.IGNORECASE)
_CONTROL = re.compile(r"<(?=[@#!])")
_LINES = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What shows nothing or turns the direction of what follows; joiners inside words and emoji are kept apart."""
_JOINERS = re.compile("[\u200c\u200d]+")
_JOINER = "\u2060"
"""An invisible character that parts a sign from what would make it a command."""

_OWN_NAMES = {"simple_smile": "slightly_smiling_face"}
"""Emoji that Slack alone calls so."""
_GENDER = re.compile("^(fe)?male-")


def ids_in(text: str) -> frozenset[str]:
    """The users mentioned, whose names ``to_plain`` should be given."""
    return frozenset(_USER.findall(text))


def to_plain(text: str, names: Mapping[str, str]) -> str:
    """A message's mrkdwn as plain text; ``names`` by user id. Marks of bold, strike and code stay as they are."""
    parts = _TOKEN.split(text)
    plain = [_spoken(part, names) if at % 2 else _unescaped(_emoji(part)) for at, part in enumerate(parts)]
    return clean("".join(plain))


def safe(text: str, own_mention: str = "") -> str:
    """Plain text for a message's ``text`` or a mrkdwn object: it can't ping, link or hide anything.

    ``own_mention`` is the one control sequence that may stay: our own ("<@U…>").
    """
    escaped = _escaped(_CALLS.sub(f"@{_JOINER}", clean(text)))
    return escaped.replace(_escaped(own_mention), own_mention) if own_mention else escaped


def literal(text: str) -> str:
    """Plain text for a ``plain_text`` object: shown as it is, and no control sequence however it is read."""
    return _CONTROL.sub(f"<{_JOINER}", _CALLS.sub(f"@{_JOINER}", clean(text)))


def clean(text: str) -> str:
    """Without invisible and direction-turning characters; joiners stay where they join something."""
    return _JOINERS.sub(_joining, _INVISIBLE.sub("", _LINES.sub("\n", text)))


def _joining(match: re.Match[str]) -> str:
    before, after = (
        match.string[max(match.start() - 1, 0) : match.start()],
        match.string[match.end() : match.end() + 1],
    )
    return match[0][0] if before.strip() and after.strip() else ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(token: str, names: Mapping[str, str]) -> str:
    """What stands between < and >, in words."""
    what, _, label = token.partition("|")
    what, label = _unescaped(what), _unescaped(_emoji(label))
    match what[:1]:
        case "@":
            return "@" + (names.get(what[1:]) or label.removeprefix("@") or what[1:])
        case "#":
            return "#" + (label.removeprefix("#") or names.get(what[1:]) or what[1:])
        case "!":
            return _announced(what[1:], label)
    return _linked(what, label)


def _announced(what: str, label: str) -> str:
    """``here``, ``subteam^S1`` or ``date^1392734382^{date}``: the label is what others were meant to read."""
    name, _, detail = what.partition("^")
    if name == "date":
        return label or detail.partition("^")[0]
    return label or "@" + (detail if name == "subteam" else name)


def _linked(address: str, label: str) -> str:
    scheme, mark, rest = address.partition(":")
    shown = rest if mark and scheme in ("mailto", "tel") else address
    same = {shown, shown.rstrip("/"), shown.partition("://")[2].rstrip("/")}
    if not label or label in same or label.rstrip("/") in same:
        return shown
    return f"{label} ({shown})"


def _emoji(text: str) -> str:
    return _CODE.sub(_drawn, text)


def _drawn(match: re.Match[str]) -> str:
    name, tone = match[1], match[2]
    if re.fullmatch("flag-[a-z]{2}", name):
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in name[-2:])
    name = _OWN_NAMES.get(name, name)
    for spelling in (name, name.replace("-", "_"), _GENDER.sub(_gendered, name)):
        code = f":{spelling}:"
        drawn = emoji.emojize(code, language="alias")
        if drawn != code:
            return drawn[0] + chr(0x1F3F9 + int(tone)) + drawn[1:].removeprefix("\ufe0f") if tone else drawn
    return match[0]


def _gendered(match: re.Match[str]) -> str:
    return "woman_" if match[1] else "man_"
