"""What two states of the FAQ differ in, by entry and field, for people to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from core.conversation.faq.entries import Block, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """``name`` as in the files, such as "category" or "zh-CN answer"; several texts stand on a line each."""

    name: str
    before: str
    after: str

    def lines(self) -> Iterator[tuple[str, str]]:
        """Only the lines that went (``-``) or came (``+``)."""
        old, new = (text.split("\n") if text else [] for text in (self.before, self.after))
        for line in list(unified_diff(old, new, n=0, lineterm=""))[2:]:
            if line[0] in "+-":
                yield line[0], line[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``id`` is an entry's; or the name of a file that is compared as a whole."""

    id: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]


def differences(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[Difference, ...]:
    """Removed and changed entries in the order they had, then the added ones in theirs."""
    olds, news = {entry.id: entry for entry in before}, {entry.id: entry for entry in after}
    gone_or_changed = [
        _difference(name, old, news.get(name)) for name, old in olds.items() if news.get(name) != old
    ]
    added = [_difference(name, None, new) for name, new in news.items() if name not in olds]
    return tuple(gone_or_changed + added)


def _difference(name: str, old: Entry | None, new: Entry | None) -> Difference:
    before, after = dict(_fields(old)), dict(_fields(new))
    changes = tuple(
        FieldChange(name=field, before=before.get(field, ""), after=after.get(field, ""))
        for field in dict.fromkeys([*before, *after])
        if before.get(field, "") != after.get(field, "")
    )
    return Difference(
        id=name, kind="added" if old is None else "removed" if new is None else "changed", fields=changes
    )


def _fields(entry: Entry | None) -> Iterator[tuple[str, str]]:
    if entry is None:
        return
    yield "category", entry.category
    yield "keywords", "\n".join(entry.keywords)
    for code, block in entry.blocks.items():
        for name, text in _of_block(block):
            yield f"{code} {name}", text
    yield "follow_ups", "\n".join(entry.follow_ups)
    yield "attachments", "\n".join(entry.attachments)
    yield "valid_from", str(entry.valid_from or "")
    yield "valid_until", str(entry.valid_until or "")
    yield "escalate", entry.escalate
    yield "audience", entry.audience if entry.audience != "people" else ""
    yield "examples", "\n".join(entry.examples)
    yield "not_for", "\n".join(entry.not_for)


def _of_block(block: Block) -> Iterator[tuple[str, str]]:
    yield "question", block.question
    yield "variants", "\n".join(block.variants)
    yield "answer", block.answer
    for platform, text in block.answers.items():
        yield f"answer on {platform}", text
