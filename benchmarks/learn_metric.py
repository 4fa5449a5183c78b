"""Learn the metric that core/conversation/faq/metric.npy holds: which differences between sentences matter.

    python -m benchmarks.learn_metric --clinc data_full.json --banking train.csv --without FOLDER [--out FILE]

The encoder stays as it is; what is learned is one matrix of 512 x 320 numbers over its vectors, so that questions with
one answer lie nearer to each other than others do. Learned from:

- CLINC150, training part (Larson et al. 2019, CC BY 3.0, github.com/clinc/oos-eval, data/data_full.json),
- BANKING77, training part (Casanueva et al. 2020, CC BY 4.0, github.com/PolyAI-LDN/task-specific-datasets),
- the FAQ in config/faq, and the names of emoji in 12 languages (Unicode CLDR, from the package ``emoji``), which keep
  the languages together: what the encoder says of those must hardly change.

``--without`` names a folder of development sets: every question asked there (queries.jsonl) is left out. Takes some
five minutes on one core; the same input gives the same numbers. Made anew after changes to config/faq, similarities
differ by .0003 on average and .013 at most, and no development set by more than .004.
"""

import argparse
import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import emoji
import numpy as np

from core.conversation.faq import load
from core.conversation.faq.encoder import SentenceEncoder, Vectors
from core.conversation.faq.normal import Normal

WIDTH = 320
"""Numbers of a vector in the end; all 512 are no better, and slower."""
LEARNED = 0.6
"""Share of the learned similarity; the rest is the encoder's own."""
STEPS, RATE, SHARPNESS = 1400, 1e-3, 0.05
TOGETHER, NAMES, STILL = 6, 200, 500
"""Sentences of a group in a step; pairs of names in a step; sentences whose similarities are held."""
OF_NAMES, OF_STILL = 0.3, 1.0
LANGUAGES = ("en", "zh", "ja", "ko", "es", "fr", "de", "it", "pt", "ru", "tr", "ar")
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and what else means the same: all of one group."""

    text: str
    group: str
    language: str


def main() -> None:
    """Read, encode, learn, write."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clinc", type=Path, required=True)
    options.add_argument("--banking", type=Path, required=True)
    options.add_argument("--without", type=Path, required=True)
    options.add_argument("--out", type=Path, default=ROOT / "core" / "conversation" / "faq" / "metric.npy")
    chosen = options.parse_args()
    left_out = {_bare(text) for text in asked(chosen.without)}
    every = chain(intents(chosen.clinc, chosen.banking), shop(), names())
    told = [one for one in every if _bare(one.text) not in left_out]
    print(f"{len(told)} sentences in {len({one.group for one in told})} groups")
    encode = SentenceEncoder().plain
    normal = Normal()
    vectors = encode([normal.sentence(one.text) for one in told])
    matrix = learned(told, vectors)
    np.save(chosen.out, compressed(matrix, vectors).astype(np.float16))


def asked(folder: Path) -> Iterator[str]:
    """Every question of the development sets."""
    for file in sorted(folder.rglob("queries.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


def intents(clinc: Path, banking: Path) -> Iterator[Told]:
    """The two sets of intents."""
    for text, intent in json.loads(clinc.read_text(encoding="utf-8"))["train"]:
        yield Told(text, f"intent clinc {intent}", "en")
    with banking.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield Told(row["text"], f"intent banking {row['category']}", "en")


def shop() -> Iterator[Told]:
    """The FAQ that is shipped."""
    files = sorted((ROOT / "config" / "faq").glob("*.yaml"))
    for entry in load.together([load.read_file(str(file), file.read_bytes()) for file in files]):
        for language, block in entry.blocks.items():
            for text in (block.question, *block.variants):
                yield Told(text, f"shop {entry.id}", language)


def names() -> Iterator[Told]:
    """Of each emoji its name in the languages, without the variants by tone of skin."""
    emoji.config.load_language()
    for known in emoji.EMOJI_DATA.values():
        if "zh" in known and "_skin_tone" not in known["en"]:
            for language in LANGUAGES:
                if language in known:
                    yield Told(
                        re.sub(r"[:_-]+", " ", known[language]).strip(), f"name {known['en']}", language
                    )


def learned(told: Sequence[Told], vectors: Vectors) -> Vectors:
    """Adam over batches: groups pull together, and names' similarities stay."""
    chance = np.random.default_rng(0)
    groups = _grouped(told)
    pairs = _pairs(told)
    names_at = np.concatenate([at for kind, at in groups if kind == "name"])
    taught = [at for kind, at in groups if kind == "intent"]
    second = [at for kind, at in groups if kind == "shop"]
    start = np.eye(vectors.shape[1], dtype=np.float32)
    matrix, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, STEPS + 1):
        first = _batch([chance.choice(at, TOGETHER) for at in taught])
        few = [pairs[one] for one in chance.choice(len(pairs), NAMES, replace=False)]
        few += [chance.choice(at, min(TOGETHER, len(at)), replace=False) for at in second]
        still = vectors[chance.choice(names_at, STILL, replace=False)]
        slope = _through(vectors[first[0]], matrix, _pull(first[1]))
        mixed = _batch(few)
        slope += OF_NAMES * _through(vectors[mixed[0]], matrix, _pull(mixed[1]))
        slope += OF_STILL * _through(still, matrix, _hold(still))
        slope += (matrix - start) / len(start)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        rate = RATE * (1 - step / STEPS)
        matrix = matrix - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        if step % 100 == 0:
            print(f"step {step} of {STEPS}", flush=True)
    return matrix


def compressed(matrix: Vectors, vectors: Vectors) -> Vectors:
    """Learned and own similarity side by side, in the few directions that hold most of them."""
    some = vectors[::5]
    size = np.sqrt(np.mean(np.sum((some @ matrix) ** 2, axis=1)))
    own = np.sqrt(1 - LEARNED) * np.eye(len(matrix), dtype=np.float32)
    both = np.concatenate([own, np.sqrt(LEARNED) / size * matrix], axis=1)
    spread = (some @ both).T @ (some @ both) / len(some)
    _, directions = np.linalg.eigh(spread.astype(np.float64))
    found: Vectors = (both @ directions[:, ::-1][:, :WIDTH]).astype(np.float32)
    return found


Slope = Callable[[Vectors], Vectors]


def _through(rows: Vectors, matrix: Vectors, slope: Slope) -> Vectors:
    """The slope at the matrix, given that at the unit vectors which it makes."""
    seen = rows @ matrix
    length = np.linalg.norm(seen, axis=1, keepdims=True)
    units = seen / length
    outer = slope(units)
    inner = (outer - np.sum(outer * units, axis=1, keepdims=True) * units) / length
    found: Vectors = rows.T @ inner
    return found


def _pull(groups: Vectors) -> Slope:
    """Of how unlikely it is to find, among all others, one of the same group."""
    same = (groups[:, None] == groups).astype(np.float32)
    np.fill_diagonal(same, 0)

    def slope(units: Vectors) -> Vectors:
        near = units @ units.T / SHARPNESS
        np.fill_diagonal(near, -np.inf)
        likely = np.exp(near - near.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        wanted = likely * same
        wanted /= wanted.sum(axis=1, keepdims=True) + 1e-12
        change = (likely - wanted) * (same.sum(axis=1) > 0)[:, None] / len(units) / SHARPNESS
        pulled: Vectors = (change + change.T) @ units
        return pulled

    return slope


def _hold(rows: Vectors) -> Slope:
    """Of the squared change of all similarities."""

    def slope(units: Vectors) -> Vectors:
        held: Vectors = (units @ units.T - rows @ rows.T) @ units * (4 / len(rows))
        return held

    return slope


def _batch(places: Iterable[Vectors]) -> tuple[Vectors, Vectors]:
    """Places, and for each the number of its group."""
    found = list(places)
    return np.concatenate(found), np.repeat(np.arange(len(found)), [len(one) for one in found])


def _grouped(told: Sequence[Told]) -> list[tuple[str, Vectors]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(told):
        found[one.group].append(place)
    return [(group.partition(" ")[0], np.array(places)) for group, places in found.items()]


def _pairs(told: Sequence[Told]) -> list[Vectors]:
    """Each emoji's name in Chinese and in English."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for place, one in enumerate(told):
        if one.group.startswith("name ") and one.language in ("zh", "en"):
            found[one.group][one.language] = place
    return [np.array(list(places.values())) for places in found.values() if len(places) == 2]


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


if __name__ == "__main__":
    main()
