"""How alike two texts are by their letters: character n-grams, weighted by how few entries know them.

What meaning alone misses stands here: names, numbers, the very words. The similarity is the cosine of the sets of
n-grams; weighing by entries instead of by phrasings is worth up to a point of top-1. Of Chinese the n-grams are single
signs and pairs; of other words themselves, pairs of them, and their 3- and 4-grams. They are told apart by hashes,
made for all texts at once: 15,000 phrasings hold a million of them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int32]
Weights = NDArray[np.float32]
Hashes = NDArray[np.uint64]

_HAN = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF))
"""Signs that are written without blanks between words, or nearly so."""
_TURN, _BACK = np.uint64(0x9E3779B97F4A7C15), np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SINGLE, _PAIR, _WORD, _WORDS = (np.uint64(salt) for salt in (11, 13, 17, 19))
_PARTS = {3: np.uint64(23), 4: np.uint64(29)}
"""Signs of a part of a word, and what keeps their hashes apart from those of other kinds."""
_OPEN, _CLOSE, _BLANK, _END = (ord(sign) for sign in "<> \n")
_AT_ONCE = 1024
"""Texts whose n-grams are found together: so many need little memory and are not slower."""
_KEPT = np.uint64(32)
"""Bits of a hash that are kept."""


class Grams:
    """The n-grams of all phrasings, built once and never changed; ``owners`` says whose each is, never falling."""

    def __init__(self, plain: Sequence[str], owners: Sequence[int]) -> None:
        places, hashes = grams(plain)
        order = np.argsort(hashes, kind="stable")
        begins = changes(hashes[order])
        starts = np.flatnonzero(begins)
        self._known = hashes[order[starts]]
        self._row_ids = np.empty(len(hashes), np.int32)
        self._row_ids[order] = np.cumsum(begins, dtype=np.int32) - 1
        self._rows = np.searchsorted(places, np.arange(len(plain) + 1))
        self._columns = np.concatenate([starts, [len(hashes)]])
        self._column_places = places[order]
        whose = np.asarray(owners, np.int32)[self._column_places]
        known_by = np.bincount(self._row_ids[order[begins | changes(whose)]], minlength=len(starts))
        entries = len(set(owners))
        self._rarity = (np.log((1 + entries) / (1 + known_by)) + 1).astype(np.float32)
        self._unheard = float(np.log(1 + entries) + 1)
        squares = np.bincount(places, self._rarity[self._row_ids] ** 2, len(plain))
        self._lengths = np.maximum(np.sqrt(squares), 1e-9).astype(np.float32)

    def cosines(self, plain: str) -> Weights:
        """Of every phrasing how alike it is to this text."""
        ids, unheard = self._heard(plain)
        rarity = self._rarity[ids]
        return self._shared(ids, float(np.sqrt(rarity @ rarity + self._unheard**2 * unheard)))

    def cosines_of(self, place: int) -> Weights:
        """Of every phrasing how alike it is to this one."""
        return self._shared(self._row_ids[self._rows[place] : self._rows[place + 1]], self._lengths[place])

    def among(self, places: Sequence[int]) -> Weights:
        """How alike these phrasings are to each other; what only one of them holds needs no look."""
        spans = [self._row_ids[self._rows[place] : self._rows[place + 1]] for place in places]
        ids = np.concatenate(spans)
        rows = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        several = np.bincount(ids, minlength=len(self._known)) > 1
        column = np.cumsum(several, dtype=np.int32) - 1
        kept = several[ids]
        rows, ids = rows[kept], ids[kept]
        dense = np.zeros((len(spans), int(column[-1]) + 1 if len(column) else 0), np.float32)
        dense[rows, column[ids]] = self._rarity[ids] / self._lengths[places][rows]
        alike: Weights = dense @ dense.T
        np.fill_diagonal(alike, 1)
        return alike

    def _shared(self, ids: Places, length: float) -> Weights:
        size = len(self._lengths)
        if not len(ids):
            return np.zeros(size, np.float32)
        spans = [self._column_places[self._columns[one] : self._columns[one + 1]] for one in ids]
        shares = np.repeat(self._rarity[ids] ** 2, [len(span) for span in spans])
        found: Weights = np.bincount(np.concatenate(spans), shares, size).astype(np.float32)
        found /= self._lengths * np.float32(length)
        return found

    def _heard(self, plain: str) -> tuple[Places, int]:
        """What is known of the n-grams of a text, and how many are not.

        What no entry knows counts in the length as well: a question mostly about something else is not near.
        """
        _, hashes = grams([plain])
        if not len(self._known):
            return np.zeros(0, np.int32), len(hashes)
        at = np.minimum(np.searchsorted(self._known, hashes), len(self._known) - 1)
        known = self._known[at] == hashes
        return at[known].astype(np.int32), int(len(hashes) - known.sum())


def grams(plain: Sequence[str]) -> tuple[Places, NDArray[np.uint32]]:
    """The n-grams of all texts, each once for a text: which text, and the hash."""
    parts = [_grams(plain[at : at + _AT_ONCE], at) for at in range(0, len(plain), _AT_ONCE)]
    none = np.zeros(0, np.int32), np.zeros(0, np.uint32)
    places, hashes = zip(*(parts or [none]), strict=True)
    return np.concatenate(places), np.concatenate(hashes)


def _grams(plain: Sequence[str], first: int) -> tuple[Places, NDArray[np.uint32]]:
    signs, owner = spelled(plain)
    found = [*_of_signs(signs), *_of_words(signs)]
    pairs = np.sort(np.concatenate([(owner[at] << _KEPT) | (hashes >> _KEPT) for at, hashes in found]))
    once = pairs[changes(pairs)]
    return (once >> _KEPT).astype(np.int32) + np.int32(first), once.astype(np.uint32)


def spelled(plain: Sequence[str]) -> tuple[Hashes, Hashes]:
    """All signs one after the other, an end after each text, and whose each is."""
    whole = "".join(f"{text}\n" for text in plain)
    signs = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    return signs, np.repeat(np.arange(len(plain), dtype=np.uint64), [len(text) + 1 for text in plain])


def unspaced(signs: Hashes) -> NDArray[np.bool_]:
    """Which signs are of a script that is written without blanks."""
    found = np.zeros(len(signs), bool)
    for first, last in _HAN:
        found |= (signs >= first) & (signs <= last)
    return found


def _of_signs(signs: Hashes) -> Iterator[tuple[NDArray[np.int64], Hashes]]:
    han = unspaced(signs)
    at = np.flatnonzero(han)
    yield at, _mixed(signs[at], _SINGLE)
    at = np.flatnonzero(han[:-1] & han[1:])
    yield at, _mixed(signs[at] * _TURN + signs[at + 1], _PAIR)


def _of_words(signs: Hashes) -> Iterator[tuple[NDArray[np.int64], Hashes]]:
    inside = np.concatenate([[False], ~unspaced(signs) & (signs != _BLANK) & (signs != _END), [False]])
    starts, ends = np.flatnonzero(inside[1:] & ~inside[:-1]), np.flatnonzero(inside[:-1] & ~inside[1:])
    whole = _hashed(signs, starts, ends)
    yield starts, _mixed(whole, _WORD)
    beside = np.flatnonzero((starts[1:] - ends[:-1] == 1) & (signs[ends[:-1]] == _BLANK))
    yield starts[beside], _mixed(_mixed(whole[beside], _WORD) + whole[beside + 1], _WORDS)
    fenced = np.insert(signs, np.concatenate([starts, ends]), [_OPEN] * len(starts) + [_CLOSE] * len(ends))
    places = np.insert(
        np.arange(len(signs)), np.concatenate([starts, ends]), np.concatenate([starts, starts])
    )
    lengths = ends - starts + 2
    word = np.repeat(np.arange(len(starts)), lengths)
    at = np.repeat(starts + 2 * np.arange(len(starts)), lengths) + _counted(lengths)
    for size, salt in _PARTS.items():
        begins = at[: len(at) - size + 1][word[: len(word) - size + 1] == word[size - 1 :]]
        hashes = np.zeros(len(begins), np.uint64)
        for step in range(size):
            hashes = hashes * _TURN + fenced[begins + step]
        yield places[begins], _mixed(hashes, salt)


def _hashed(signs: Hashes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Hashes:
    """Of each word, whatever its length: sums of powers, brought back to where the word starts."""
    powers = np.cumprod(np.full(len(signs), _TURN))
    back = np.cumprod(np.full(len(signs), _BACK))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(signs * powers)])
    found: Hashes = (sums[ends] - sums[starts]) * back[starts]
    return found


def _counted(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 … anew for each length."""
    total = np.cumsum(lengths)
    return np.arange(total[-1] if len(total) else 0) - np.repeat(total - lengths, lengths)


def changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where another begins."""
    found = np.ones(len(values), bool)
    found[1:] = values[1:] != values[:-1]
    return found


def _mixed(hashes: Hashes, salt: np.uint64) -> Hashes:
    """So that sums of few signs don't meet those of another kind."""
    found: Hashes = (hashes ^ (hashes >> np.uint64(29)) ^ (salt << np.uint64(40))) * _TURN
    found ^= found >> np.uint64(31)
    found *= _MIX
    return found
