"""An entry drafted for a gap: asked in people's words, answered in those of the agents who helped them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

from core.conversation.faq.encoder import Vectors
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.gaps import Gap
from core.conversation.faq.personal import HIDDEN, masked
from core.conversation.faq.voices import fit

VARIANTS = 9
"""Of each language: beyond ten phrasings little is gained."""

Meanings = Callable[[Sequence[str]], Vectors]
Fold = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an agent first wrote to somebody who had asked in vain."""

    language: str
    text: str


def drafted(gap: Gap, answers: Sequence[Answered], meanings: Meanings, fold: Fold) -> Entry | None:
    """An admin reads it before it is published; None where no agent has answered yet.

    A language gets a block where somebody asked and an agent answered in it; other phrasings go to the first.
    """
    said: dict[str, list[str]] = defaultdict(list)
    for one in answers:
        if text := masked(one.text).strip():
            said[one.language].append(text)
    languages = sorted(set(said) & set(gap.examples), key=lambda code: -len(said[code])) or sorted(said)[:1]
    if not languages:
        return None
    ways = {code: _ways(texts, fold) for code, texts in gap.examples.items()}
    rest = [text for code, texts in ways.items() if code not in languages for text in texts]
    blocks = {
        code: _block(gap, code, ways.get(code, []) + (rest if place == 0 else []), said[code], meanings)
        for place, code in enumerate(languages)
    }
    return Entry(id=f"new-{crc32(gap.question.encode('utf-8', 'replace')):08x}", blocks=blocks)


def _ways(texts: Sequence[str], fold: Fold) -> list[str]:
    """Each once, and none that had to be masked."""
    fitting = {(folded := fold(text)): fit(text, folded) for text in reversed(texts) if HIDDEN not in text}
    return [text for text in reversed(fitting.values()) if text]


def _block(gap: Gap, code: str, ways: Sequence[str], answers: Sequence[str], meanings: Meanings) -> Block:
    central = gap.question if code == gap.language and HIDDEN not in gap.question else ""
    question = central or next(iter(ways), gap.question)
    return Block(
        question=question,
        answer=_central(answers, meanings),
        variants=tuple(text for text in ways if text != question)[:VARIANTS],
    )


def _central(answers: Sequence[str], meanings: Meanings) -> str:
    """The answer that says most nearly what all say."""
    rows = meanings(answers)
    return answers[int((rows @ rows.sum(axis=0)).argmax())]
