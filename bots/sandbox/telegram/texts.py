"""The text or caption of a message: parsed, measured, and refused where Telegram would."""

import re
import unicodedata
from dataclasses import dataclass

from bots.sandbox.hub import Json
from bots.sandbox.telegram.failure import bad
from bots.sandbox.telegram.html import parse_html, utf16
from bots.sandbox.telegram.params import Params

TEXT_UNITS, CAPTION_UNITS = 4096, 1024
_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?:@\w+)?(?!\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """``text`` as people read it, ``source`` as it was sent (HTML if ``html``)."""

    text: str
    source: str
    html: bool
    entities: tuple[Json, ...] = ()

    @property
    def shown(self) -> Json:
        """For the page."""
        return {"text": self.source, "plain": self.text, "html": self.html}


def read_text(params: Params) -> Written:
    """The ``text``, which must not be empty."""
    if not params.text("text").strip():
        raise bad("message text is empty")
    written = read_written(params, "text")
    if is_blank(written.text):
        raise bad("text must be non-empty")
    if utf16(written.text) > TEXT_UNITS:
        raise bad("message is too long")
    return written


def read_caption(params: Params) -> Written:
    """The ``caption``, which may be empty."""
    written = read_written(params, "caption")
    if utf16(written.text) > CAPTION_UNITS:
        raise bad("message caption is too long")
    return written


def read_written(params: Params, name: str) -> Written:
    """Raises Failure; of the parse modes only HTML is played."""
    source, mode = params.text(name), params.text("parse_mode").lower()
    if mode not in ("", "html"):
        raise bad("unsupported parse_mode")
    if not mode:
        return Written(text=source.strip(), source=source, html=False)
    text, entities = parse_html(source)
    return Written(text=text.strip(), source=source, html=True, entities=tuple(entities))


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return all(sign.isspace() or unicodedata.category(sign) in ("Cf", "Cc") for sign in text)


def commands_in(text: str) -> list[Json]:
    """The entity of a command at the beginning of what a person wrote."""
    found = _COMMAND.match(text)
    return [{"type": "bot_command", "offset": 0, "length": len(found[0])}] if found else []
