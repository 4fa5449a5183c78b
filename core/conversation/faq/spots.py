"""Where each entry of a file stands, so that one can be changed and every other sign of the file stays as it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.conversation.faq.tree import Items, Node, Scalar, Table, parse
from core.conversation.faq.writing import in_flow, inline, item, pair, plain, written


@dataclass(frozen=True, slots=True)
class Change:
    """What shall stand from ``begin`` to ``end`` instead."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """An entry in its file. ``begin`` is where its line begins, ``end`` behind its last line; in brackets: it alone."""

    id: str
    table: Table
    begin: int
    end: int

    @property
    def column(self) -> int:
        """Blanks before its keys."""
        return self.table.at.column - 1


class Sheet:
    """One file's text, valid and without a byte-order mark, with the spots of its entries."""

    def __init__(self, text: str) -> None:
        self.text = text
        root = parse("", text)
        pairs = root.pairs if isinstance(root, Table) else ()
        self.root = root
        self.list: Node | None = next((value for key, value in pairs if key.text == "entries"), None)
        self.flow = isinstance(self.list, Items) and self.list.flow and bool(self.list.items)
        tables = self.list.items if isinstance(self.list, Items) else ()
        self.spots = {
            spot.id: spot for table in tables if isinstance(table, Table) for spot in self._spot(table)
        }

    def _spot(self, table: Table) -> Iterator[Spot]:
        name = next(
            (value.text for key, value in table.pairs if key.text == "id" and isinstance(value, Scalar)), ""
        )
        begin, end = table.span
        if not self.flow:
            assert isinstance(self.list, Items)
            begin, end = (
                self._dash(begin, self.list.at.column - 1),
                self._with_comments(end, table.at.column - 1),
            )
        if name:
            yield Spot(name, table, begin, end)

    def source(self, spot: Spot) -> str:
        """The entry as a text of its own."""
        if self.flow or spot.table.flow:
            value = plain(spot.table)
            assert isinstance(value, dict)
            return written(_id_first(value))
        lines = self.text[spot.table.span[0] : spot.end].replace("\r\n", "\n").rstrip().split("\n")
        return "\n".join([lines[0], *(_outdented(line, spot.column) for line in lines[1:])]) + "\n"

    def replaced(self, spot: Spot, source: str) -> str:
        """With another source in the entry's place."""
        begin = spot.table.span[0]
        if self.flow:
            return self._with([Change(begin, spot.end, _as_flow(source))])
        return self._with([Change(begin, spot.end, _indented(source, spot.column).lstrip(" "))])

    def revised(self, spot: Spot, value: Mapping[str, object]) -> str:
        """With other values in the entry; lines that say the same, and comments, stay."""
        if self.flow or spot.table.flow:
            return self._with([Change(*spot.table.span, in_flow(value))])
        return self._with(list(self._table(spot.table, value)))

    def without(self, spot: Spot) -> str:
        """Without the entry."""
        if self.flow:
            return self._with([self._cut(spot)])
        return self._with([Change(spot.begin, spot.end, "")])

    def added(self, source: str, after: Spot | None = None) -> str:
        """With one more entry, behind ``after`` or at the end."""
        spot = after or (list(self.spots.values())[-1] if self.spots else None)
        if spot is None:
            return self._first(source)
        if self.flow:
            return self._with([Change(spot.end, spot.end, f", {_as_flow(source)}")])
        assert isinstance(self.list, Items)
        dash = self.list.at.column - 1
        return self._with([Change(spot.end, spot.end, self._begun(spot.end) + _as_item(source, dash))])

    def _first(self, source: str) -> str:
        """Into a list that is empty, or nothing at all."""
        if self.list is None:
            at = len(self.text)
            return self._with([Change(at, at, f"{self._begun(at)}entries:\n{_as_item(source, 2)}")])
        begin, end = self.list.span
        at = self._line_end(end)
        head = len(self.text[:begin].rstrip())
        return self._with([Change(head, end, ""), Change(at, at, self._begun(at) + _as_item(source, 2))])

    def _cut(self, spot: Spot) -> Change:
        """An entry in brackets with the comma that is no longer needed."""
        assert isinstance(self.list, Items)
        spans = [one.span for one in self.list.items]
        at = spans.index(spot.table.span)
        if at + 1 < len(spans):
            return Change(spans[at][0], spans[at + 1][0], "")
        return Change(spans[at - 1][1] if at else spans[at][0], spans[at][1], "")

    def _table(self, old: Table, new: Mapping[str, object]) -> Iterator[Change]:
        last: tuple[Scalar, Node] | None = None
        missing: list[tuple[tuple[Scalar, Node] | None, str]] = []
        there = {key.text: (key, value) for key, value in old.pairs}
        for name in new:
            if name in there:
                last = there[name]
            else:
                missing.append((last, name))
        column = old.at.column - 1
        for key, value in old.pairs:
            if key.text not in new:
                yield self._dropped(old, key, value)
            else:
                yield from self._value(key, value, new[key.text], column)
        for behind, name in missing:
            end = self._pair_end((behind or old.pairs[-1])[1])
            yield Change(end, end, self._begun(end) + pair(name, new[name], column))

    def _dropped(self, table: Table, key: Scalar, value: Node) -> Change:
        """A key with its lines; the first shares its line with a dash."""
        begin, end = self._line_begin(key.span[0]), self._pair_end(value)
        if table.pairs[0][0] is key and len(table.pairs) > 1:
            return Change(key.span[0], table.pairs[1][0].span[0], "")
        return Change(begin, end, "")

    def _value(self, key: Scalar, old: Node, new: object, column: int) -> Iterator[Change]:
        if plain(old) == (list(new) if isinstance(new, tuple) else new):
            return
        if isinstance(old, Table | Items) and new and not old.flow:
            if isinstance(old, Table) and isinstance(new, Mapping):
                yield from self._table(old, new)
                return
            if isinstance(old, Items) and isinstance(new, list | tuple):
                yield from self._items(old, list(new))
                return
        if isinstance(old, Items) and old.flow and isinstance(new, list | tuple):
            yield Change(*old.span, in_flow(new))
        elif self._one_line(old) and isinstance(new, str) and "\n" not in new and isinstance(old, Scalar):
            yield Change(*old.span, inline(new, self._quote(old)))
        else:
            yield Change(key.span[0], self._pair_end(old), pair(key.text, new, column).lstrip(" "))

    def _items(self, old: Items, new: list[object]) -> Iterator[Change]:
        """Of a list only the texts that differ."""
        dash = old.at.column - 1
        before = [_hashable(plain(one)) for one in old.items]
        texts = [one if isinstance(one, str) else in_flow(one) for one in new]
        for what, begin, end, first, last in SequenceMatcher(None, before, texts, False).get_opcodes():
            if what == "equal":
                continue
            at = self._dash(old.items[begin].span[0], dash) if begin < len(old.items) else self._pair_end(old)
            until = self._pair_end(old.items[end - 1]) if end > begin else at
            items = "".join(item(text, dash) for text in texts[first:last])
            yield Change(at, until, (self._begun(at) if items else "") + items)

    def _one_line(self, node: Node) -> bool:
        begin, end = node.span
        return end > begin and "\n" not in self.text[begin:end] and self.text[begin] not in "|>"

    def _quote(self, node: Node) -> str:
        sign = self.text[node.span[0]]
        return sign if sign in "'\"" else ""

    def _pair_end(self, value: Node) -> int:
        """Behind the last line of a value, its comment included."""
        return self._line_end(len(self.text[: value.span[1]].rstrip()))

    def _begun(self, at: int) -> str:
        """What makes a new line begin there, where the last one has no end."""
        return "" if self.text[:at].endswith("\n") or not at else "\n"

    def _line_begin(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return end + 1 if end >= 0 else len(self.text)

    def _dash(self, at: int, column: int) -> int:
        """The beginning of the line with the dash: the item's own, or one above it."""
        begin = self._line_begin(at)
        while self.text[begin : begin + column + 1].strip(" ") != "-":
            begin = self._line_begin(begin - 1)
        return begin

    def _with_comments(self, end: int, column: int) -> int:
        """Behind the last line of an entry and the comments that stand directly below it as far to the right."""
        at = self._line_end(len(self.text[:end].rstrip()))
        while _deep_comment(self.text[at : self._line_end(at)], column):
            at = self._line_end(at)
        return at

    def _with(self, changes: list[Change]) -> str:
        """New lines end as the file's do; of changes at one place the first comes first."""
        text = self.text
        ends = "\r\n" if "\r\n" in text else "\n"
        for change in sorted(changes, key=lambda one: (one.begin, one.end))[::-1]:
            text = text[: change.begin] + change.text.replace("\n", ends) + text[change.end :]
        return text


def _deep_comment(line: str, column: int) -> bool:
    bare = line.lstrip(" ")
    return bare.startswith("#") and len(line) - len(bare) >= max(column, 1)


def _hashable(value: object) -> str:
    return value if isinstance(value, str) else in_flow(value)


def _id_first(value: Mapping[str, object]) -> dict[str, object]:
    return {"id": value["id"], **value}


def _as_flow(source: str) -> str:
    node = parse("", source)
    assert node is not None
    return in_flow(plain(node))


def _as_item(source: str, dash: int) -> str:
    return f"{' ' * dash}- {_indented(source, dash + 2).lstrip(' ')}"


def _indented(source: str, column: int) -> str:
    lines = source.rstrip().split("\n")
    return "".join(f"{' ' * column}{line}\n" if line else "\n" for line in lines)


def _outdented(line: str, column: int) -> str:
    """Shifted to the left, as far as there are blanks."""
    return line[min(column, len(line) - len(line.lstrip(" "))) :]
