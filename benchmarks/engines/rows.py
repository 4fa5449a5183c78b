"""What all engines take and give."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a development set."""

    id: str
    language: str
    phrasings: tuple[str, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Entries, best first; how much speaks for the first; "" where the engine decides nothing."""

    ranked: tuple[str, ...]
    score: float
    decision: str = ""


class Engine(Protocol):
    """Built from entries."""

    def find(self, text: str) -> Found:
        """For one question."""
