"""What the entries of a FAQ are asked with: each phrasing once, folded, with whose it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.conversation.faq.entries import Entry
from core.conversation.faq.normal import Normal


@dataclass(frozen=True, slots=True)
class Phrase:
    """``place`` is 0 for the question, 1 for the first variant, None for a keyword. ``entry`` counts entries."""

    text: str
    entry: int
    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """``asked`` speak for their entries, ``refused`` against them; ``plain`` are the asked ones' folded forms.

    What an entry says in Simplified and in Traditional Chinese is one voice, not two; what says nothing is none.
    """

    asked: Sequence[Phrase]
    plain: Sequence[str]
    refused: Sequence[Phrase]
    folded: Mapping[str, str] = field(repr=False)
    """Every text as written, and folded: the next revision looks there first."""

    @classmethod
    def of(cls, entries: Sequence[Entry], normal: Normal, folded: Mapping[str, str]) -> "Phrases":
        """``folded`` are forms that are known already."""
        asked = [phrase for at, entry in enumerate(entries) for phrase in _asked(at, entry)]
        refused = [Phrase(text, at, 0) for at, entry in enumerate(entries) for text in entry.not_for]
        new = {one.text: folded.get(one.text) or normal.of(one.text) for one in (*asked, *refused)}
        once = _each_once(asked, new)
        return cls(
            asked=once,
            plain=[new[one.text] for one in once],
            refused=_each_once(refused, new),
            folded=new,
        )


def bare(plain: str) -> str:
    """Without its blanks, of which Chinese has none and a slip of the finger one too many."""
    return plain.replace(" ", "")


def _asked(at: int, entry: Entry) -> Iterator[Phrase]:
    for block in entry.blocks.values():
        for place, text in enumerate((block.question, *block.variants)):
            yield Phrase(text, at, place)
    for word in entry.keywords:
        yield Phrase(word, at, None)


def _each_once(written: Sequence[Phrase], folded: Mapping[str, str]) -> list[Phrase]:
    once: dict[tuple[int, str], Phrase] = {}
    for phrase in written:
        if plain := folded[phrase.text]:
            once.setdefault((phrase.entry, bare(plain)), phrase)
    return list(once.values())
