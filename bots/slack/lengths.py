"""Slack's limits on texts and blocks, and keeping to them."""

import re

TEXT = 4000
"""Characters of a message's ``text``, escapes included; longer ones come back as ``msg_too_long``."""
SECTION = 3000
HEADER = 150
COMMENT = 700
"""A file's comment is a message's text, and an escape is up to five characters long."""

FILE_NAME = 150

_TORN = re.compile(r"(?:&[a-z]{0,4}|<[^<>]*)$")


def length(text: str) -> int:
    """In UTF-16 units: the strictest way in which "characters" can be meant."""
    return len(text) + sum(1 for sign in text if sign > "\uffff")


def cut(text: str, limit: int) -> str:
    """At most ``limit`` long; what was cut off is shown by an ellipsis."""
    if length(text) <= limit:
        return text
    kept = text[: limit - 1]
    while length(kept) > limit - 1:
        kept = kept[: -max(1, (length(kept) - limit + 1) // 2)]
    return f"{kept.rstrip()}…"


def cut_markup(text: str, limit: int) -> str:
    """The same for mrkdwn: an escape or a link at the end goes as a whole."""
    if length(text) <= limit:
        return text
    return f"{_TORN.sub('', cut(text, limit).removesuffix('…')).rstrip()}…"
