"""What a large FAQ costs: made-up entries in three languages, built, changed, restarted and asked.

    python -m benchmarks.scale [--entries 5000] [--asked 1000]

Times of questions are those that one thread works. "restart" is a new process that finds everything kept; "ten
changed" is the next revision, built beside the old one; memory is the process's own at its highest, with both
revisions, and what it maps from files.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from core.conversation.faq.book import Faq
from core.conversation.faq.encoder import SentenceEncoder
from core.conversation.faq.entries import Block, Entry
from core.storage.embedding import elsewhere
from core.storage.vectors import KeptVectors
from core.storage.weights import mapped

WORDS = json.loads((Path(__file__).parent / "scale.json").read_text(encoding="utf-8"))
Found = TypeVar("Found")


def main() -> None:
    """Print a line for each figure."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--entries", type=int, default=5000)
    options.add_argument("--asked", type=int, default=1000)
    chosen = options.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with TemporaryDirectory() as folder:
        for name, figures in (("first start", cold), ("restart", warm)):
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                told = alone.apply(figures, (Path(folder), chosen.entries, chosen.asked))
            for line in told:
                print(f"{name:14}{line}", flush=True)


def cold(folder: Path, many: int, _asked: int) -> list[str]:
    """Nothing is there yet."""
    told, _ = timed("built", lambda: built(folder, list(made_up(many))))
    return [told]


def warm(folder: Path, many: int, asked: int) -> list[str]:
    """Everything is kept."""
    entries = list(made_up(many))
    first, faq = timed("built", lambda: built(folder, entries))
    answers = [
        replace(one, blocks={"en": Block(question=f"{one.id} anew", answer="-")}) for one in entries[:10]
    ]
    second, changed = timed("ten changed", lambda: built(folder, [*answers, *entries[10:]], faq))
    return [first, second, *asking(changed, entries, asked), memory()]


def built(folder: Path, entries: list[Entry], before: Faq | None = None) -> Faq:
    """As the product does."""
    encoder = before.matcher.encoder if before else SentenceEncoder(partial(mapped, folder))
    return Faq.of(entries, encoder, embed=KeptVectors(folder, encoder, elsewhere).embed, before=before)


def asking(faq: Faq, entries: list[Entry], many: int) -> Iterator[str]:
    """Each question once, then again."""
    chance = np.random.default_rng(0)
    some = [entries[at] for at in chance.choice(len(entries), many)]
    asked = [f"{chance.choice(one.phrasings())} {number}" for number, one in enumerate(some)]
    for name in ("a question", "asked again"):
        took = []
        for text in asked:
            begun = time.thread_time()
            faq.decide(text)
            took.append((time.thread_time() - begun) * 1000)
        yield f"{name:14}p50 {np.median(took):6.2f} ms   p99 {np.quantile(took, 0.99):6.2f} ms"


def memory() -> str:
    """From what the system says of this process."""
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    highest, own, files = (int(lines[name].split()[0]) // 1024 for name in ("VmHWM", "RssAnon", "RssFile"))
    return f"{'memory':14}{highest} MB at its highest; now {own} MB its own and {files} MB mapped from files"


def timed(name: str, make: Callable[[], Found]) -> tuple[str, Found]:
    """What was made, and how long it took."""
    begun, worked = time.perf_counter(), time.process_time()
    made = make()
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    return f"{name:14}{took:.2f} s, {worked:.2f} s of them at work in this process", made


def made_up(many: int) -> Iterator[Entry]:
    """Entries with one phrasing in each of three languages."""
    languages = list(WORDS)
    parts = [
        list(zip(*(WORDS[code][kind] for code in languages), strict=True)) for kind in ("do", "what", "when")
    ]
    for number, said in zip(range(many), product(*parts), strict=False):
        questions = zip(languages, zip(*said, strict=True), strict=True)
        yield Entry(
            id=f"e{number}",
            blocks={
                code: Block(question=WORDS[code]["as"].format(*words), answer="-")
                for code, words in questions
            },
        )


if __name__ == "__main__":
    main()
