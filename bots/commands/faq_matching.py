"""``onethread faq match``: many questions at once, for programs to read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bots.commands.faq_files import faq_files, questions
from core.errors import Invalid

if TYPE_CHECKING:
    from core.conversation.faq.confidence import Caution
    from core.conversation.faq.decide import Decision

_AT_ONCE = 256
_KINDS = {"answer": "answer", "suggest": "suggest", "nothing": "person"}


def match(
    path: Annotated[Path, typer.Option("--faq", metavar="PATH", help="A FAQ file, or a folder of them.")],
    queries: Annotated[
        Path, typer.Option("--queries", metavar="FILE.jsonl", help="A JSON object with a text on each line.")
    ],
    caution: Annotated[str, typer.Option(help="careful, balanced or bold.")] = "balanced",
) -> None:
    """Decide on many questions: a line of JSON for each, in their order. Needs no configuration and no database.

    {"text", "decision": "answer" | "suggest" | "person", "probability", "candidates": [{"id", "score"}]}

    A line without a text is decided as an empty one, and named on standard error.
    """
    from core.conversation.faq import load
    from core.conversation.faq.book import Faq
    from core.conversation.faq.encoder import SentenceEncoder

    chosen = _caution(caution)
    entries = load.read(faq_files(path))
    asked = [_said(queries, number, text) for number, text in questions(queries)]
    book = Faq.of(entries, SentenceEncoder(), caution=chosen)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        for text, decision in zip(some, book.decide_all(some), strict=True):
            typer.echo(_line(text, decision).encode())


def _said(queries: Path, number: int, text: str | None) -> str:
    if text is None:
        typer.echo(f'✗ {queries}:{number}: no text; write {{"text": "how do I pay"}}', err=True)
    return text or ""


def _caution(named: str) -> "Caution":
    from core.conversation.faq.confidence import CAUTIONS

    for known in CAUTIONS:
        if named == known:
            return known
    raise Invalid([f'--caution is careful, balanced or bold, not "{named}"'])


def _line(text: str, decision: "Decision") -> str:
    """Also for texts that hold halves of surrogate pairs, which no encoding takes."""
    told = {
        "text": text,
        "decision": _KINDS[decision.kind],
        "probability": round(decision.probability, 4),
        "candidates": [{"id": hit.id, "score": round(hit.score, 6)} for hit in decision.candidates],
    }
    return json.dumps(told, ensure_ascii=any("\ud800" <= sign <= "\udfff" for sign in text))
