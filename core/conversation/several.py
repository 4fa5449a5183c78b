"""Several questions in one message: where one ends and the next begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.conversation.words import Words

MOST = 3
LONGEST = 300
"""Characters; who writes more tells a story, which is one matter."""
_ENDS = re.compile(r"[?？!！。；;\n]+|\.(?=\s|$)")
_JOINS = re.compile(
    r"([,，、\s]*(?:另外|还有|還有|以及|[顺順]便(?:[问問](?:一?下)?)?|[对對]了|再[问問](?:一?下)?)[,，、:：\s]*"
    r"|[,\s]*\b(?:and also|also|by the way|btw|one more thing|plus|as well as)\b[,:\s]*"
    r"|[,\s]+\band\s+(?=(?:how|what|when|where|who|which|why|can|could|do|does|is|are|may|will)\b))",
    re.IGNORECASE,
)
_ANOTHER = re.compile(r"另外|便|[对對]了|再|also|by the way|btw|one more thing", re.IGNORECASE)
"""Words that announce another matter."""
_SAID = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One question; ``apart``: it is said to be another matter than the one before."""

    text: str
    apart: bool = False


def parts(text: str, words: Words) -> tuple[Part, ...]:
    """The questions of a message, without greetings and thanks between; none if it is only one, or too many."""
    if len(text) > LONGEST:
        return ()
    found: dict[str, Part] = {}
    for piece, join in _pieces(text):
        if _SAID.search(piece) and not words.is_greeting(piece) and not words.is_thanks(piece):
            found.setdefault(piece, Part(text=piece, apart=bool(_ANOTHER.search(join))))
    return tuple(found.values()) if 1 < len(found) <= MOST else ()


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Each piece with the words that joined it to the one before."""
    for end in _ENDS.split(text):
        pieces = ["", *_JOINS.split(end)]
        yield from (
            (piece.strip(" ,，、"), join) for join, piece in zip(pieces[::2], pieces[1::2], strict=True)
        )
