"""How well the FAQ is matched, and how often it would have answered wrongly.

    python -m benchmarks.faq_quality [--sweep] FOLDER [FOLDER …]

A folder holds ``faq.jsonl`` ({id, lang, question, variants, keywords}) and ``queries.jsonl`` ({text, expected: id or
null}). Figures are shares: of the questions that have an entry, how many have it first (top-1) and among three (top-3),
how many are answered, and how many of all these answers are right; of the questions without an entry how many are
answered all the same (false). p50 is the median time of a ranking in ms.

``--sweep`` tries other thresholds, from bold to careful.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.conversation.faq.decide import MEASURED, Thresholds, decide
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.index import Hit, Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its ranking; ``expected`` is "" where no entry answers it."""

    expected: str
    hits: Sequence[Hit]
    seconds: float


def main() -> None:
    """Print a line for each folder (and each set of thresholds)."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--sweep", action="store_true")
    chosen = options.parse_args()
    asked = {folder.name: ask(folder) for folder in chosen.folders}
    for thresholds in sweep() if chosen.sweep else (MEASURED,):
        print(f"\n{thresholds}")
        for name, questions in asked.items():
            print(f"{name:28} {figures(questions, thresholds)}")


def ask(folder: Path) -> list[Asked]:
    """Build the index of a folder and put all its questions."""
    index = Index([_entry(row) for row in _rows(folder / "faq.jsonl")])
    return [_timed(index, row) for row in _rows(folder / "queries.jsonl")]


def figures(asked: Iterable[Asked], thresholds: Thresholds) -> str:
    """One line of shares."""
    asked = list(asked)
    known = [question for question in asked if question.expected]
    unknown = [question for question in asked if not question.expected]
    first = [question.hits[:1] and question.hits[0].id == question.expected for question in known]
    three = [question.expected in {hit.id for hit in question.hits[:3]} for question in known]
    answers = [(decide(question.hits, thresholds), question.expected) for question in known]
    right = [answer.ids[0] == expected for answer, expected in answers if answer.kind == "answer"]
    false = [decide(question.hits, thresholds).kind == "answer" for question in unknown]
    p50 = statistics.median(question.seconds for question in asked) * 1000
    return (
        f"top-1 {_share(first)}  top-3 {_share(three)}  answered {len(right) / len(known):.3f}"
        f"  right {_share(right)}  false {_share(false)}  p50 {p50:.2f} ms"
    )


def sweep() -> Iterator[Thresholds]:
    """From bold to careful."""
    for likely in (0.45, 0.5, 0.55, 0.6, 0.65):
        for lead in (0.1, 0.15, 0.2):
            for sure in (0.7, 0.75, 0.8):
                yield Thresholds(sure=sure, likely=likely, lead=lead)


def _share(outcomes: Sequence[object]) -> str:
    return f"{sum(map(bool, outcomes)) / len(outcomes):.3f}" if outcomes else "  –  "


def _timed(index: Index, row: dict[str, str]) -> Asked:
    begun = time.perf_counter()
    hits = index.rank(row["text"])
    return Asked(expected=row["expected"] or "", hits=hits, seconds=time.perf_counter() - begun)


def _entry(row: dict[str, str]) -> Entry:
    block = Block(question=row["question"], variants=tuple(row.get("variants", ())), answer="-")
    return Entry(id=row["id"], blocks={row["lang"]: block}, keywords=tuple(row.get("keywords", ())))


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
