"""What the files that admins write have in common: tables, lists and texts; each mistake with its place and a mend."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from core.conversation.faq.tree import Items, Node, Place, Scalar, Table, problem


class Reader:
    """Walks through one file and gathers what is wrong; what can't be read is left out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[tuple[int, int, str]] = []

    def told(self) -> tuple[str, ...]:
        """The problems in the order of the file."""
        at_once = sorted(self._problems)
        return tuple(problem(self._name, Place(line, column), what) for line, column, what in at_once)

    def wrong(self, at: Place, what: str) -> None:
        """One more problem."""
        self._problems.append((at.line, at.column, what))

    def table(
        self,
        node: Node,
        instead: str,
        fits: Callable[[str], bool],
        meant: Callable[[str], str],
    ) -> dict[str, Node] | None:
        """Keys with values; unknown and repeated keys are told and left out. None where it is something else."""
        if not isinstance(node, Table):
            self.wrong(node.at, instead)
            return None
        pairs: dict[str, Node] = {}
        for key, value in node.pairs:
            if key.text in pairs:
                self.wrong(key.at, f"{key.text} stands here for the second time; keep one of them")
            elif fits(key.text):
                pairs[key.text] = value
            else:
                self.wrong(key.at, f'there is no key "{key.text}" here; {meant(key.text)}')
        return pairs

    def scalars(self, pairs: Mapping[str, Node], key: str) -> tuple[Scalar, ...]:
        """The texts of a list that may be missing, with their places."""
        items = self.items(pairs[key], key) if key in pairs else ()
        return tuple(item for item in items if self.text(item, f"one of {key}") and isinstance(item, Scalar))

    def texts(self, pairs: Mapping[str, Node], key: str) -> tuple[str, ...]:
        """The texts of a list that may be missing."""
        return tuple(item.text.strip() for item in self.scalars(pairs, key))

    def text(self, node: Node, what: str) -> str:
        """A text that is surely one; "" where it isn't."""
        if not isinstance(node, Scalar):
            told = f"{what} must be a text; put it in quotes if it begins with a bracket or holds a colon"
            self.wrong(node.at, told)
            return ""
        taken_for = node.taken_for()
        if taken_for == "nothing":
            self.wrong(node.at, f"{what}: {node.text} without quotes means nothing; write a text")
        elif taken_for:
            self.wrong(node.at, f'{what}: {node.text} without quotes means {taken_for}; write "{node.text}"')
        elif not node.text.strip():
            self.wrong(node.at, f"{what} is empty; write a text")
        return node.text.strip()

    def items(self, node: Node, key: str) -> tuple[Node, ...]:
        """The items of a list; nothing at all stands for no items."""
        if isinstance(node, Items):
            return node.items
        if not isinstance(node, Scalar) or node.text:
            self.wrong(
                node.at, f"{key} must be a list; write each on a line of its own after `- ` (with the blank)"
            )
        return ()


def nearest(key: str, known: Sequence[str]) -> str:
    """What an unknown key was meant to be."""
    spelled = {one.lower(): one for one in known}
    near = get_close_matches(key.lower(), spelled, n=1, cutoff=0.5)
    return f'did you mean "{spelled[near[0]]}"?' if near else f"known are {', '.join(known)}"


def filled(pairs: Mapping[str, Node], key: str) -> bool:
    """An optional key that stands there without a value is the same as none."""
    node = pairs.get(key)
    return node is not None and not (isinstance(node, Scalar) and node.plain and not node.text)
