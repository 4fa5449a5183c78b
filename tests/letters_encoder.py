"""An encoder for tests about other things: hashed letters instead of meanings, and no weights to read."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.conversation.faq.encoder import Vectors, unit
from core.conversation.faq.lexical import grams


class LettersEncoder:
    """Near is what shares letters."""

    name = "letters"
    width = 512

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text; what was encoded can be looked up."""
        self.encoded += texts
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, text in zip(rows, texts, strict=True):
            np.add.at(row, grams([text.casefold()])[1] % self.width, 1)
        return unit(rows)

    def words(self) -> Mapping[str, float]:
        """None."""
        return {}
