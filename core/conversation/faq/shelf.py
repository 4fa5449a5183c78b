"""What of the FAQ serves on one day, in the order in which people walk through it: topics and their entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from core.conversation.faq.entries import Entry

POPULAR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A category; ``key`` names it in choices, which have no room for long names."""

    key: str
    category: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """``popular``: the first entry of each of the first topics, offered to who asks nothing yet."""

    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    topics: tuple[Topic, ...] = ()
    popular: tuple[str, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], day: date) -> "Shelf":
        """Files and entries stand in the order that admins chose; what has no category comes last."""
        serving = {entry.id: entry for entry in entries if entry.serves(day)}
        rows: dict[str, list[str]] = {}
        for entry in serving.values():
            rows.setdefault(entry.category, []).append(entry.id)
        topics = tuple(
            Topic(key=_key(name), category=name, entries=tuple(rows[name]))
            for name in sorted(rows, key=lambda name: not name)
        )
        return cls(entries=serving, topics=topics, popular=tuple(one.entries[0] for one in topics[:POPULAR]))

    def topic(self, key: str) -> Topic | None:
        """The topic of this key, if it is still there."""
        return next((topic for topic in self.topics if topic.key == key), None)


def _key(category: str) -> str:
    return sha256(category.encode()).hexdigest()[:10]
