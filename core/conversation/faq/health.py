"""How the FAQ does: each entry, the whole, and what another caution would have cost."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from core.conversation.faq.confidence import Caution

MONTH, YEAR = timedelta(days=30), timedelta(days=365)
FAILS = 0.5
"""Share of those who said whether an entry helped, below which it fails."""
_RATED = 5
"""So many must have said so."""

_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_ID = re.compile(r"^(?: *- +| +)id: *[\"']?([^\"'#\n]+?)[\"']? *(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many questions of one kind and fate. ``first`` was shown first, ``entry`` is as the question holds it."""

    kind: str
    fate: str
    first: str
    entry: str
    count: int
    platform: str = ""
    language: str = ""


def right(kind: str, fate: str, first: str, entry: str) -> bool | None:
    """Whether the first candidate was the right one, as far as that became known."""
    if kind not in ("answer", "suggest") or not first:
        return None
    if fate in ("picked", "helped", "agent"):
        return entry == first if entry else None
    if fate == "unhelped":
        return False if kind == "answer" or entry in ("", first) else None
    return False if fate == "person" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One entry over the time asked for. ``asked``: people got its answer; ``shown``: it was answered or suggested;
    ``led``: they asked for a person all the same. ``changed`` None: not known.
    """

    entry: str
    asked: int = 0
    shown: int = 0
    helped: int = 0
    unhelped: int = 0
    led: int = 0
    changed: datetime | None = None

    @property
    def solved(self) -> float | None:
        """Share that it helped, of those of whom that is known."""
        rated = self.helped + self.unhelped + self.led
        return self.helped / rated if rated else None

    def stale(self, now: datetime) -> str:
        """Why it should be looked at again: ``failing`` (and over a month old), ``old`` (a year unchanged), or ""."""
        age = now - self.changed if self.changed else timedelta()
        rated = self.helped + self.unhelped + self.led
        if age > MONTH and rated >= _RATED and (self.solved or 0) < FAILS:
            return "failing"
        return "old" if age > YEAR else ""


def healths(
    entries: Iterable[str],
    tallies: Iterable[Tally],
    shown: Mapping[str, int],
    changed: Mapping[str, datetime],
) -> list[Health]:
    """Of every entry, the most asked first."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one in tallies:
        for entry, what in _counts_as(one):
            counts[(entry, what)] += one.count
    found = [
        Health(
            entry=entry, shown=shown.get(entry, 0), changed=changed.get(entry),
            asked=counts[(entry, "asked")], helped=counts[(entry, "helped")],
            unhelped=counts[(entry, "unhelped")], led=counts[(entry, "led")],
        )
        for entry in entries
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.asked, -one.shown, one.entry))


_FATES = {"helped": "helped", "picked": "helped", "unhelped": "unhelped", "person": "led"}


def _counts_as(one: Tally) -> list[tuple[str, str]]:
    """What these questions say about which entries."""
    fate = _FATES.get(one.fate, "")
    if one.kind == "answer" and one.first:
        asked = (one.first, "asked")
        if one.fate == "picked" and one.entry != one.first:
            return [asked, (one.first, "unhelped"), (one.entry, "asked"), (one.entry, "helped")]
        return [asked, (one.first, "led" if one.fate == "agent" else fate)]
    if one.kind in ("suggest", "opened") and one.entry and one.fate != "agent":
        return [(one.entry, "asked"), (one.entry, fate)]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a caution would have done on recent questions: share answered, and share of all answered wrongly."""

    answered: float
    wrong: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """A question's probability, and whether its first candidate was right (None: not known)."""

    probability: float
    right: bool | None


def costs(chances: Sequence[Chance], bars: Mapping[Caution, float]) -> Mapping[Caution, Cost]:
    """By caution. Where nobody said, the probability tells how likely an answer was wrong."""
    return {caution: _cost([one for one in chances if one.probability >= bar], len(chances))
            for caution, bar in bars.items()}  # fmt: skip


def _cost(answered: Sequence[Chance], asked: int) -> Cost:
    wrong = sum(1 - one.probability if one.right is None else not one.right for one in answered)
    return Cost(answered=len(answered) / max(asked, 1), wrong=wrong / max(asked, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Of the questions of one language or platform, how many were missed: no answer, no help, or a person wanted."""

    asked: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All questions of the time asked for; shares of them. ``solved``: of those of whom it is known, how many were
    helped by the FAQ alone.
    """

    asked: int
    answered: float
    suggested: float
    person: float
    solved: float | None
    languages: Mapping[str, Share] = field(default_factory=dict)
    platforms: Mapping[str, Share] = field(default_factory=dict)
    costs: Mapping[Caution, Cost] = field(default_factory=dict)


def reported(tallies: Collection[Tally], chances: Sequence[Chance], bars: Mapping[Caution, float]) -> Report:
    """The figures of the whole FAQ; what was tapped without a question doesn't count."""
    asked = [one for one in tallies if one.kind in ("answer", "suggest", "nothing")]
    total = _sum(asked)
    helped = _sum(one for one in asked if one.fate in ("helped", "picked"))
    failed = _sum(one for one in asked if one.fate in ("unhelped", "person", "agent"))
    return Report(
        asked=total,
        answered=_sum(one for one in asked if one.kind == "answer") / max(total, 1),
        suggested=_sum(one for one in asked if one.kind == "suggest") / max(total, 1),
        person=_sum(one for one in asked if one.kind == "nothing" or one.fate in ("person", "agent"))
        / max(total, 1),
        solved=helped / (helped + failed) if helped + failed else None,
        languages=_shares(asked, lambda one: one.language),
        platforms=_shares(asked, lambda one: one.platform),
        costs=costs(chances, bars),
    )


def _sum(tallies: Iterable[Tally]) -> int:
    return sum(one.count for one in tallies)


def _shares(asked: Sequence[Tally], by: Callable[[Tally], str]) -> Mapping[str, Share]:
    """The most asked first."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in asked:
        missed = one.kind == "nothing" or one.fate in ("unhelped", "person", "agent")
        counts[by(one)][0] += one.count
        counts[by(one)][1] += one.count * missed
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1][0], pair[0]))
    return {name: Share(asked=total, missed=missed) for name, (total, missed) in ordered}


def entry_texts(files: Mapping[str, str]) -> dict[str, str]:
    """Each entry's lines in its file, found by its dash without reading the YAML: enough to see that one changed."""
    found: dict[str, str] = {}
    for text in files.values():
        first = _ITEM.search(text)
        if not first:
            continue
        starts = [item.start() for item in _ITEM.finditer(text) if item[1] == first[1]]
        for start, end in pairwise([*starts, len(text)]):
            if name := _ID.search(text, start, end):
                found[name[1].strip()] = _bare(text[start:end])
    return found


def _bare(item: str) -> str:
    """Comments after an entry belong to the next, and blank lines to none."""
    lines = [line.rstrip() for line in item.splitlines()]
    while lines and (not lines[-1] or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "\n".join(lines)


class Changes:
    """When each entry of the newest revision last changed, told one older revision after the other."""

    def __init__(self, files: Mapping[str, str], at: datetime) -> None:
        self._texts = entry_texts(files)
        self._files = files
        self.changed = dict.fromkeys(self._texts, at)
        self._open = set(self._texts)

    @property
    def done(self) -> bool:
        """Nothing older can tell more."""
        return not self._open

    def before(self, files: Mapping[str, str], at: datetime) -> None:
        """What stood the same in the next older revision is at least that old."""
        if files != self._files:
            self._files, older = files, entry_texts(files)
            self._open = {name for name in self._open if older.get(name) == self._texts[name]}
        for name in self._open:
            self.changed[name] = at
