"""What people mistype, put into words that the FAQ knows: slips of the finger, signs that sound alike, pinyin.

Only what is no word anywhere is touched, and only where one step away stands a word of the FAQ or a common one. So
right spelling costs nothing, and what is mended goes the ordinary way. Readings of signs come from pypinyin (MIT).
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.conversation.faq.lexical import changes, spelled

_WORD = re.compile(r"(?<![A-Za-z'’])[A-Za-z]+(?![A-Za-z'’])")
_LATIN = re.compile(r"[A-Za-z]+(?:[ ']+[A-Za-z]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_SPACED = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
UNREADABLE = re.compile(
    "[bdfjklpqtwxy](?![aeiouv])|[csz](?!h?[aeiouv])|(?<!e)r(?![aeiouv])|(?<!n)g(?![aeiouv])"
)
"""What stands in no reading of any signs: nearly all that is not Chinese holds some of it."""
_ENDINGS = re.compile("(?:s|es|d|ed|ing|er|ers|ly|ied|ies|ment|ments)$")
_TONES = re.compile("[^a-z,]")
_FIRST_HAN, _LAST_HAN = 0x3400, 0x9FFF
_SIGN_BITS, _SIGN_ONLY = 21, (1 << 21) - 1
_SHORTEST, _LONGEST = 4, 20
"""Letters of a word that is mended: shorter ones are anything, longer ones are none."""
_SURE = 2
"""Entries that must know a pair of signs, if it is no common word, before another is taken for it."""
_PAIR, _SIGN, _STRANGE = 1.0, 1.2, 2.5
"""What a pair that the FAQ knows costs in reading pinyin, a sign that it knows, and any other."""
_SPAN = 12
"""Letters of the longest pair of syllables."""


class Spelling:
    """Built from the plain phrasings of the FAQ and whose each is (never falling). ``words`` gives those that are known
    anywhere, with their likelihood (logarithms).

    What only strange words need is made with the first of them: most questions hold none.
    """

    def __init__(
        self, plain: Sequence[str], owners: Sequence[int], words: Callable[[], Mapping[str, float]]
    ) -> None:
        self._known = words
        self._ours = {word for word in set(_SPACED.findall(" ".join(plain))) if word.isascii()}
        self._signs, self._pairs = known_by(plain, owners)
        self._sounds = Sounds()

    def mend(self, sentence: str) -> str:
        """The sentence with what is surely meant."""
        if self._pairs:
            sentence = _LATIN.sub(lambda found: self._from_pinyin(found[0]), sentence)
            sentence = _HAN.sub(lambda found: self._as_it_sounds(found[0]), sentence)
        return _WORD.sub(lambda found: self._word(found[0]), sentence)

    @cached_property
    def _words(self) -> Mapping[str, float]:
        return self._known()

    @cached_property
    def _alike(self) -> Mapping[tuple[str, int, str], list[str]]:
        sure = sorted(pair for pair, by in self._pairs.items() if by >= _SURE or pair in self._words)
        return _alike(sure, self._sounds)

    @cached_property
    def _read(self) -> Mapping[str, tuple[float, str]]:
        return _readings(self._signs, self._pairs, self._words, self._sounds)

    def _word(self, word: str) -> str:
        """Of the words one slip away the FAQ's own, else the most common; names (capitals) stay."""
        small = word.lower()
        if not (_SHORTEST <= len(word) <= _LONGEST and word in (small, word.upper())) or self._is_word(small):
            return word
        near = {one for one in _slips(small) if one in self._ours or one in self._words}
        common = near if len(word) > _SHORTEST else ()
        return max(
            sorted(near & self._ours or common), key=lambda one: self._words.get(one, -99.0), default=word
        )

    def _is_word(self, word: str) -> bool:
        """Also with an ending that its stem takes."""
        stem = _ENDINGS.sub("", word)
        bases = (word,) if stem == word else (word, stem, stem + "e", stem + "y", stem[:-1])
        return any(base in self._ours or base in self._words for base in bases)

    def _as_it_sounds(self, run: str) -> str:
        """A sign that makes a word with neither neighbour, where one that sounds the same makes a pair of ours."""
        signs = list(run)
        for place in range(len(run)):
            pairs = [run[at : at + 2] for at in (place - 1, place) if 0 <= at < len(run) - 1]
            if any(pair in self._pairs or pair in self._words for pair in pairs):
                continue
            signs[place] = next(self._instead(run, place), run[place])
        return "".join(signs)

    def _instead(self, run: str, place: int) -> Iterator[str]:
        """Signs that sound like this one and make a pair with the next sign or the one before."""
        for sound in self._sounds[run[place]][:1]:
            if place + 1 < len(run):
                yield from (pair[0] for pair in self._alike.get((sound, 0, run[place + 1]), ()))
            if place:
                yield from (pair[1] for pair in self._alike.get((sound, 1, run[place - 1]), ()))

    def _from_pinyin(self, run: str) -> str:
        """All of it where all can be read so, else word by word."""
        read = self._reading(run)
        return read or _WORD.sub(lambda found: self._pinyin_word(found[0]), run)

    def _pinyin_word(self, word: str) -> str:
        strange = len(word) > _SHORTEST and not self._is_word(word.lower())
        return (strange and self._reading(word)) or word

    def _reading(self, latin: str) -> str:
        """The cheapest way to read letters as signs; "" where there is none, or none that holds the FAQ's pairs."""
        letters = re.sub(r"[^a-z]", "", latin.lower())
        if UNREADABLE.search(letters):
            return ""
        best: list[tuple[float, str, int]] = [(0.0, "", 0)]
        for end in range(1, len(letters) + 1):
            best.append(min(self._steps(letters, best, end), default=(float("inf"), "", 0)))
        cost, read, pairs = best[-1]
        return read if pairs and cost <= len(read) * 1.1 else ""

    def _steps(
        self, letters: str, best: list[tuple[float, str, int]], end: int
    ) -> Iterator[tuple[float, str, int]]:
        for start in range(max(0, end - _SPAN), end):
            cost, read, pairs = best[start]
            if cost < float("inf") and (found := self._read.get(letters[start:end])):
                yield cost + found[0], read + found[1], pairs + (len(found[1]) > 1)


def _slips(word: str) -> Iterator[str]:
    """What one slip of the finger makes of a word: a letter less, more, another, or two swapped."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in _LETTERS)


@cache
def _marked() -> dict[str, str]:
    """Readings with tones by the sign's number. The package itself is not imported: its phrases take 50 MB."""
    package = find_spec("pypinyin")
    assert package
    assert package.origin
    told: dict[str, str] = json.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    return told


class Sounds(dict[str, list[str]]):
    """Of each sign all readings, without tones, as they are typed; the usual first."""

    def __missing__(self, sign: str) -> list[str]:
        marked = _marked().get(str(ord(sign)), "")
        letters = _TONES.sub("", unicodedata.normalize("NFD", marked.replace("ü", "v")))
        self[sign] = list(dict.fromkeys(letters.split(","))) if letters else []
        return self[sign]


def known_by(plain: Sequence[str], owners: Sequence[int]) -> tuple[dict[str, int], dict[str, int]]:
    """Of each Chinese sign, and of each pair of them, how many entries know it."""
    signs, text = spelled(plain)
    owner = np.asarray(owners, np.uint64)[text.astype(np.int64)]
    han = (signs >= _FIRST_HAN) & (signs <= _LAST_HAN)
    one, two = np.flatnonzero(han), np.flatnonzero(han[:-1] & han[1:])
    return (
        {chr(sign): by for sign, by in _counted(signs[one], owner[one])},
        {
            chr(pair >> _SIGN_BITS) + chr(pair & _SIGN_ONLY): by
            for pair, by in _counted((signs[two] << np.uint64(_SIGN_BITS)) | signs[two + 1], owner[two])
        },
    )


def _counted(keys: NDArray[np.uint64], owners: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Each key with the number of its owners; they never fall, so that a stable order keeps them together."""
    order = np.argsort(keys, kind="stable")
    begins = changes(keys[order])
    starts = np.flatnonzero(begins)
    by = (
        np.add.reduceat((begins | changes(owners[order])).astype(np.int64), starts) if len(starts) else starts
    )
    return zip(keys[order[starts]].tolist(), by.tolist(), strict=True)


def _alike(pairs: Sequence[str], sounds: Mapping[str, list[str]]) -> dict[tuple[str, int, str], list[str]]:
    """Pairs by how one of their signs sounds, which of the two that is, and the other sign."""
    found: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for pair in pairs:
        for place in (0, 1):
            for sound in sounds[pair[place]][:1]:
                found[sound, place, pair[1 - place]].append(pair)
    return found


def _readings(
    signs: Mapping[str, int],
    pairs: Mapping[str, int],
    words: Mapping[str, float],
    sounds: Mapping[str, list[str]],
) -> dict[str, tuple[float, str]]:
    """What letters may stand for, the cheapest of each and of these the best known: the price and the signs."""
    ours = [(pair, 2 * _PAIR) for pair in pairs] + [(sign, _SIGN) for sign in signs]
    common = [(word, _STRANGE) for word in words if len(word) == 1 and word not in signs]
    offers = sorted(
        (
            (price, -pairs.get(written, 0), -words.get(written, -99.0), written)
            for written, price in (*ours, *common)
        ),
        reverse=True,
    )
    return {
        sound: (price, written)
        for price, *_, written in offers
        for sound in map("".join, product(*(sounds[sign][:2] for sign in written)))
    }
