"""Which entries a question is nearest to: by meaning and by letters, all phrasings of an entry speaking together.

The similarity of a question and a phrasing is that of their meanings (the encoder's vectors) and a fifth of that of
their letters. On the phrasings nearest to a question a kernel ridge is solved: each speaks as loud as it says something
that the others don't, which is worth 6 points of top-1 over the nearest phrasing alone. As it is solved for these few
only, nothing has to be inverted when the FAQ changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from core.conversation.faq.encoder import Encoder, Places, Vectors
from core.conversation.faq.entries import Entry
from core.conversation.faq.lexical import Grams
from core.conversation.faq.normal import Normal
from core.conversation.faq.phrases import Phrases, bare
from core.conversation.faq.spelling import Spelling

LETTERS = 0.2
"""How much the similarity of the letters counts, next to 1 for that of the meaning."""
_HEARD = 64
"""Phrasings that are heard on one question; 128 are no better."""
_STEEP = 4.0
_DOUBT = 0.2
"""The kernel exp(steep * similarity), and what is added to its diagonal: the ridge."""
_KEYWORD = 0.8
"""A keyword names a topic, not a question: it never comes as near as a whole phrasing."""
_MANY = 2
"""An entry with more than so many times the usual number of phrasings has a voice near anything: what speaks for it is
divided by how many times too many they are. Where all have as many it changes nothing; where a third has learnt ten
more it is worth 20 points of top-1.
"""
_TESTED = 64
"""Phrasings that are left out at once."""
_ENCODED = 512
"""Phrasings that are encoded between two words of progress."""

Embed = Callable[[Sequence[str]], Vectors]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry, how much speaks for it (0 to 1, nearly 1 for the very words), and its nearest phrasing.

    ``likeness`` is how near that phrasing is (1: the very words), ``place`` which it is: 0 the question, 1 the first
    variant, None a keyword.
    """

    id: str
    score: float
    phrase: str
    likeness: float = 0.0
    place: int | None = 0


class Index:
    """Built once and never changed. ``embed`` gives the vectors of phrasings, from wherever they are kept.

    What ``before`` knows of a phrasing is taken from there.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        encoder: Encoder,
        embed: Embed | None = None,
        progress: Progress | None = None,
        before: "Index | None" = None,
    ) -> None:
        self.encoder = encoder
        self._normal: Normal = before._normal if before else Normal()
        self._ids = [entry.id for entry in entries]
        phrases = Phrases.of(entries, self._normal, before._phrases.folded if before else {})
        self._phrases: Phrases = phrases
        self._asked = phrases.asked
        owners = [phrase.entry for phrase in phrases.asked]
        self._owner = np.array(owners, np.int64)
        self._same = _places(map(bare, phrases.plain))
        self._grams = Grams(phrases.plain, owners)
        self._embed = embed or (lambda sentences: self._encoded(sentences, progress))
        self._meanings = self._meant(before)
        self._refused = _Refused(self, phrases) if phrases.refused else None
        keywords = [phrase.place is None for phrase in self._asked]
        self._share = np.where(keywords, np.float32(_KEYWORD), np.float32(1))
        told = np.maximum(np.bincount(self._owner[self._share == 1], minlength=len(self._ids)), 1)
        self._even = np.minimum(_MANY * np.median(told) / told, 1) if owners else told
        self._spelling = Spelling(phrases.plain, owners, encoder.words if owners else dict)

    def rank(self, text: str, limit: int = 10) -> tuple[Hit, ...]:
        """The nearest entries, best first; none where nothing is said."""
        return self.rank_all([text], limit)[0]

    def rank_all(self, texts: Sequence[str], limit: int = 10) -> list[tuple[Hit, ...]]:
        """The same for many questions at once: encoding them together takes a third of the time."""
        sentences = [self._spelling.mend(self._normal.sentence(text)) for text in texts]
        plain = [self._normal.of(sentence) for sentence in sentences]
        asked = [at for at, words in enumerate(plain) if words and self._asked]
        questions = [self._normal.question(sentences[at]) for at in asked]
        meanings = self.encoder.encode(questions) if asked else ()
        ranked: list[tuple[Hit, ...]] = [()] * len(texts)
        for at, meaning in zip(asked, meanings, strict=True):
            ranked[at] = self._ranked(meaning, plain[at], limit)
        return ranked

    def meanings(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors that lie near each other when texts ask for the same; a row for each text.

        Phrasings have theirs already.
        """
        return self._of_texts(texts, self, self.encoder.encode)

    def near(self, text: str, others: Sequence[str]) -> Vectors:
        """How near each of the others is to the text, as a question to a phrasing: 1 for the very words."""
        plain = [self._normal.of(one) for one in (text, *others)]
        letters = Grams(plain, range(len(plain))).among(range(len(plain)))[0]
        meanings = self.meanings([text, *others])
        near: Vectors = (meanings @ meanings[0] + LETTERS * letters)[1:] / (1 + LETTERS)
        return near

    def fingerprint(self) -> str:
        """The same for the same phrasings of the same entries under the same encoder and the same rules."""
        rules = (self.encoder.name, LETTERS, _HEARD, _STEEP, _DOUBT, _KEYWORD)
        told = [
            f"{self._ids[one.entry]}\t{one.place is None}\t{plain}"
            for one, plain in zip(self._asked, self._phrases.plain, strict=True)
        ]
        whole = "\n".join((repr(rules), *told)).encode("utf-8", "replace")
        return blake2b(whole, digest_size=12).hexdigest()

    def left_out(self, places: Sequence[int]) -> Iterator[tuple[tuple[Hit, ...], tuple[Hit, ...]]]:
        """For each of these phrasings the first two hits if it were not there, and if its whole entry were not."""
        for at in range(0, len(places), _TESTED):
            some = places[at : at + _TESTED]
            for place, meant in zip(some, self._meanings[some] @ self._meanings.T, strict=True):
                near: Vectors = self._share * (meant + LETTERS * self._grams.cosines_of(place))
                yield self._without(place, near)

    def asked_as(self) -> list[tuple[int, str, int]]:
        """The phrasings that are questions: their places, whose they are, and how many that entry has."""
        count = np.bincount(self._owner[self._share == 1], minlength=len(self._ids))
        return [
            (place, self._ids[phrase.entry], int(count[phrase.entry]))
            for place, phrase in enumerate(self._asked)
            if phrase.place is not None
        ]

    def _meant(self, before: "Index | None") -> Vectors:
        """The vectors of the asked phrasings."""
        return self._of_texts([phrase.text for phrase in self._asked], before, self._embed)

    def _of_texts(self, texts: Sequence[str], known: "Index | None", embed: Embed) -> Vectors:
        """Those that are phrasings of a known index from there."""
        at = known._at if known else {}
        places = np.array([at.get(text, -1) for text in texts], np.int64)
        meanings = np.empty((len(texts), self.encoder.width), np.float32)
        new = np.flatnonzero(places < 0)
        if known:
            meanings[places >= 0] = known._meanings[places[places >= 0]]
        meanings[new] = embed([self._normal.sentence(texts[at]) for at in new.tolist()])
        return meanings

    @cached_property
    def _at(self) -> Mapping[str, int]:
        """Where each phrasing stands; what is folded to the same words stands there, too."""
        same = {text: self._same.get(bare(plain)) for text, plain in self._phrases.folded.items()}
        return {text: places[0] for text, places in same.items() if places}

    def _encoded(self, sentences: Sequence[str], progress: Progress | None) -> Vectors:
        """Part by part, to say how far it is."""
        meanings = np.empty((len(sentences), self.encoder.width), np.float32)
        for start in range(0, len(sentences), _ENCODED):
            end = min(start + _ENCODED, len(sentences))
            meanings[start:end] = self.encoder.encode(sentences[start:end])
            if progress:
                progress(end, len(sentences))
        return meanings

    def _ranked(self, meaning: Vectors, plain: str, limit: int) -> tuple[Hit, ...]:
        """Without entries that are said not to be for such a question."""
        near: Vectors = self._share * (self._meanings @ meaning + LETTERS * self._grams.cosines(plain))
        places = self._same.get(bare(plain), [])
        near[places] = self._share[places] * (1 + LETTERS)
        heard = _nearest(near, _HEARD)
        same = {self._asked[place].entry for place in places}
        voices = self._voices(heard, near[heard], self._alike(heard), same if len(same) == 1 else ())
        if self._refused:
            against = self._refused.near(meaning, plain)
            voices = [voice for voice in voices if near[voice.place] >= against.get(voice.entry, 0.0)]
        return self._hits(voices[:limit], near)

    def _without(self, place: int, near: Vectors) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """The first two hits without this phrasing, and without its whole entry."""
        mine = self._owner == self._owner[place]
        heard = _nearest(near, _HEARD + int(mine.sum()))
        alike = self._alike(heard)
        found: list[tuple[Hit, ...]] = []
        for left in (heard != place, ~mine[heard]):
            those = np.flatnonzero(left)
            those = those[_nearest(near[heard[those]], _HEARD)]
            at = heard[those]
            voices = self._voices(at, near[at], alike[np.ix_(those, those)])
            found.append(self._hits(voices[:2], near))
        return found[0], found[1]

    def _alike(self, heard: Places) -> Vectors:
        meanings = self._meanings[heard]
        alike: Vectors = meanings @ meanings.T
        alike += LETTERS * self._grams.among(heard.tolist())
        return alike

    def _voices(
        self, heard: Places, near: Vectors, alike: Vectors, same: Iterable[int] = ()
    ) -> "list[_Voice]":
        """The entries heard, best first: how much speaks for each is the solution of the ridge for this question.

        ``same`` hold the very words.
        """
        kernel = _kernel(alike)
        kernel[np.diag_indices_from(kernel)] += _DOUBT
        loud = np.linalg.solve(kernel, _kernel(near))
        order = np.argsort(-near, kind="stable")
        entries, nearest, whose = np.unique(self._owner[heard][order], return_index=True, return_inverse=True)
        spoken = np.clip(self._even[entries] * np.bincount(whose, loud[order], len(entries)), 0, 1)
        spoken[np.isin(entries, list(same))] = 1
        best = np.argsort(-spoken, kind="stable")
        places = heard[order[nearest[best]]]
        return list(map(_Voice, entries[best].tolist(), spoken[best].tolist(), places.tolist()))

    def _hits(self, voices: "Sequence[_Voice]", near: Vectors) -> tuple[Hit, ...]:
        return tuple(self._hit(voice, float(near[voice.place])) for voice in voices)

    def _hit(self, voice: "_Voice", near: float) -> Hit:
        phrase = self._asked[voice.place]
        return Hit(
            id=self._ids[voice.entry],
            score=voice.spoken,
            phrase=phrase.text,
            likeness=min(max(near / (1 + LETTERS), 0.0), 1.0),
            place=phrase.place,
        )


@dataclass(frozen=True, slots=True)
class _Voice:
    """An entry, how much speaks for it, and where its nearest phrasing stands."""

    entry: int
    spoken: float
    place: int


class _Refused:
    """The questions that entries say they are not for."""

    def __init__(self, index: Index, phrases: Phrases) -> None:
        plain = [phrases.folded[phrase.text] for phrase in phrases.refused]
        self._owner = [phrase.entry for phrase in phrases.refused]
        self._grams = Grams(plain, self._owner)
        self._meanings = index._embed([index._normal.sentence(phrase.text) for phrase in phrases.refused])

    def near(self, meaning: Vectors, plain: str) -> Mapping[int, float]:
        """Of each such entry how near its nearest is."""
        found: dict[int, float] = {}
        near = self._meanings @ meaning + LETTERS * self._grams.cosines(plain)
        for entry, one in zip(self._owner, near.tolist(), strict=True):
            found[entry] = max(one, found.get(entry, one))
        return found


def _kernel(near: Vectors) -> Vectors:
    kernel: Vectors = np.exp(_STEEP * (near - 1 - LETTERS))
    return kernel


def _nearest(near: Vectors, many: int) -> Places:
    """Where the greatest are, in no order."""
    if len(near) <= many:
        return np.arange(len(near))
    return np.argpartition(-near, many)[:many]


def _places(keys: Iterable[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        found[key].append(place)
    return found
