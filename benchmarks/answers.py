"""How well the FAQ is matched, beside the yardstick and a search engine: quality, time, memory.

    python -m benchmarks.answers [FOLDER …] [--engines ours,yardstick,words] [--most 3000]

The sets in benchmarks/sets are always asked, those of the folders with them. A set is a folder with ``faq.jsonl``
({id, lang, question, variants, keywords}) and ``queries.jsonl`` ({text, expected: id or null}). Figures: of the
questions that have an entry, how many have it first and among three; AUROC, how well the first score tells them from
those that have none; of what ranks first, how much is answered; wrong answers to questions that have an entry, and
false ones to those that have none (a share of each); median and 99 % of the time of a question in ms, and seconds to
build, both as the processor works; memory in MB at its highest. Each engine runs in a process of its own with one
thread. ``words`` is BM25 over the words that jieba cuts.
"""

import argparse
import importlib
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engines.rows import Entry, Found

ENGINES = ("ours", "yardstick", "words")
OWN = Path(__file__).parent / "sets"


def main() -> None:
    """Print a line for each set and engine."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folders", nargs="*", type=Path)
    options.add_argument("--engines", default=",".join(ENGINES))
    options.add_argument("--most", type=int, default=100_000, help="questions of a set that are asked")
    chosen = options.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    print(f"{'set':24}{'engine':11}top-1  top-3  AUROC  answered  wrong  false    p50    p99  build   MB")
    for folder in sets([OWN, *chosen.folders]):
        for engine in chosen.engines.split(","):
            with multiprocessing.get_context("spawn").Pool(1) as alone:
                print(
                    f"{folder.name:24}{engine:11}{alone.apply(figures, (engine, folder, chosen.most))}",
                    flush=True,
                )


def sets(folders: Sequence[Path]) -> list[Path]:
    """Those that hold a FAQ, each name once, in order."""
    found = {file.parent.name: file.parent for folder in folders for file in folder.rglob("faq.jsonl")}
    return [found[name] for name in sorted(found)]


def figures(engine: str, folder: Path, most: int) -> str:
    """Build, ask, count."""
    begun = time.process_time()
    built = importlib.import_module(f"benchmarks.engines.{engine}").Engine(list(_entries(folder)))
    building = time.process_time() - begun
    asked = list(_rows(folder / "queries.jsonl"))
    asked = asked[:: -(-len(asked) // most)]
    found, took = [], []
    for row in asked:
        begun = time.thread_time()
        found.append(built.find(row["text"]))
        took.append((time.thread_time() - begun) * 1000)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = f"{np.median(took):7.2f}{np.quantile(took, 0.99):7.2f}{building:7.1f}{memory:5.0f}"
    return _quality([row["expected"] for row in asked], found) + times


def auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How likely a question that has an entry scores higher than one that has none."""
    _, places, counts = np.unique([*known, *unknown], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places][: len(known)]
    return float((ranks.sum() - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown)))


def _quality(expected: Sequence[str | None], found: Sequence[Found]) -> str:
    pairs = list(zip(expected, found, strict=True))
    known = [(wanted, one) for wanted, one in pairs if wanted is not None]
    unknown = [one for wanted, one in pairs if wanted is None]
    first = [one for wanted, one in known if wanted in one.ranked[:1]]
    wrong = [one for wanted, one in known if one.decision == "answer" and wanted not in one.ranked[:1]]
    parts = [len(first) / len(known), sum(wanted in one.ranked[:3] for wanted, one in known) / len(known)]
    parts.append(
        auroc([one.score for _, one in known], [one.score for one in unknown]) if unknown else np.nan
    )
    decides = any(one.decision for _, one in known)
    parts.append(_answered(first) if decides else np.nan)
    parts.append(len(wrong) / len(known) if decides else np.nan)
    parts.append(_answered(unknown) if decides and unknown else np.nan)
    widths = (5, 7, 7, 10, 7, 7)
    shares = ("–" if np.isnan(part) else f"{part:.3f}" for part in parts)
    return "".join(f"{share:>{width}}" for share, width in zip(shares, widths, strict=True))


def _answered(found: Sequence[Found]) -> float:
    return sum(one.decision == "answer" for one in found) / max(len(found), 1)


def _entries(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "faq.jsonl"):
        phrasings = (row["question"], *row.get("variants", ()))
        yield Entry(
            id=row["id"], language=row["lang"], phrasings=phrasings, keywords=tuple(row.get("keywords", ()))
        )


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
