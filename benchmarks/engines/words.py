"""A search engine without meaning: BM25 over the words of jieba (as rjieba cuts them)."""

from collections.abc import Sequence

import bm25s
import numpy as np
import rjieba

from benchmarks.engines.rows import Entry, Found


class Engine:
    """Rankings only; an entry counts as its best phrasing."""

    def __init__(self, faq: Sequence[Entry]) -> None:
        told = [(text, at) for at, one in enumerate(faq) for text in one.phrasings]
        self._ids = [one.id for one in faq]
        self._owner = np.array([at for _, at in told])
        self._index = bm25s.BM25()
        self._index.index([_words(text) for text, _ in told], show_progress=False)

    def find(self, text: str) -> Found:
        """The ten best."""
        scores = np.full(len(self._ids), -1.0)
        np.maximum.at(scores, self._owner, self._index.get_scores(_words(text)))
        best = np.argsort(-scores, kind="stable")[:10]
        return Found(ranked=tuple(self._ids[at] for at in best), score=float(scores[best[0]]))


def _words(text: str) -> list[str]:
    return [word for word in rjieba.cut(text.lower()) if word.strip()] or ["-"]
