"""``replies/*.yaml`` as canned replies; what is wrong is said with file, line, column and what to write instead."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from core.conversation.desk.fields import ID, Fields
from core.conversation.faq.reading import filled
from core.conversation.faq.tree import Node, Place, Scalar, parse, problem
from core.errors import Invalid
from core.escalation.canned import BLANK, BLANKS, Canned
from core.escalation.finding import folded

_KEYS = ("name", "title", "words", "text")
_EMPTY = "the file is empty; write `replies:` and below it the list, or delete the file"


@dataclass(frozen=True, slots=True)
class _Found:
    reply: Canned
    file: str
    at: Place


def read(files: Mapping[str, bytes | str]) -> tuple[Canned, ...]:
    """All replies, in the order of the files. Raises Invalid with every problem of every file."""
    problems: list[str] = []
    found: list[_Found] = []
    for name, content in files.items():
        reader = _Replies(name)
        try:
            root = parse(name, content.encode() if isinstance(content, str) else content)
        except Invalid as invalid:
            problems += invalid.problems
            continue
        found += reader.file(root)
        problems += reader.told()
    problems += _twice(found)
    if problems:
        raise Invalid(problems)
    return tuple(one.reply for one in found)


def _twice(found: list[_Found]) -> Iterator[str]:
    first: dict[str, _Found] = {}
    for one in found:
        before = first.setdefault(folded(one.reply.name), one)
        if before is not one:
            told = f'the name "{one.reply.name}" stands also at {before.file}:{before.at.line}:{before.at.column}'
            yield problem(one.file, one.at, f"{told}; give one of the two another name")


class _Replies(Fields):
    """Walks through one file of replies."""

    def file(self, root: Node | None) -> Iterator[_Found]:
        if root is None or (isinstance(root, Scalar) and not root.text):
            return self.wrong(Place(1, 1), _EMPTY)
        pairs = self.known(root, "the file", ("replies",))
        if pairs is None:
            return None
        if "replies" not in pairs:
            missing = "`replies:` is missing; write it and below it the list of replies"
            return None if self.mistakes else self.wrong(root.at, missing)
        for node in self.items(pairs["replies"], "replies"):
            yield from self._reply(node)
        return None

    def _reply(self, node: Node) -> Iterator[_Found]:
        pairs = self.known(node, "a reply", _KEYS)
        if pairs is None:
            return
        name = self._typed(node, pairs)
        texts = self._texts(node, pairs)
        titles, words = self.names(pairs, "title"), self.texts(pairs, "words")
        if name and texts:
            reply = Canned(name=name.text.strip(), titles=titles, words=words, texts=texts)
            yield _Found(reply, self._name, name.at)

    def _typed(self, node: Node, pairs: Mapping[str, Node]) -> Scalar | None:
        if "name" not in pairs:
            self.wrong(node.at, "`name:` is missing; write a short one that agents type, such as greeting")
            return None
        name, text = pairs["name"], self.text(pairs["name"], "name")
        if not isinstance(name, Scalar) or not text:
            return None
        if not ID.fullmatch(text):
            self.wrong(
                name.at, f'"{text}" can\'t be typed after !r; write letters, digits and - without blanks'
            )
        return name

    def _texts(self, node: Node, pairs: Mapping[str, Node]) -> dict[str, str]:
        if not filled(pairs, "text"):
            self.wrong(node.at, "`text:` is missing; write it and below it a language such as `en: …`")
            return {}
        texts = {}
        for code, one in self.by_language(pairs["text"], "text").items():
            texts[code] = self.text(one, f"text: {code}")
            self._blanks(one, texts[code])
        return texts

    def _blanks(self, node: Node, text: str) -> None:
        for blank in dict.fromkeys(BLANK.findall(text)):
            if blank not in BLANKS:
                near = get_close_matches(blank.strip().lower(), BLANKS, n=1, cutoff=0.5)
                known = ", ".join(f"{{{one}}}" for one in BLANKS)
                instead = f"did you mean {{{near[0]}}}?" if near else f"known are {known}"
                self.wrong(node.at, f"nothing can be filled in for {{{blank}}}; {instead}")
