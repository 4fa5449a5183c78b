"""What people read, by name and language: read from config/texts, validated, rendered."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches

from core.conversation.faq.reading import Reader
from core.conversation.faq.tree import Items, Node, Place, Scalar, Table, parse
from core.conversation.words import Words, fold, from_lists
from core.errors import Invalid
from core.messages import Say

LANGUAGES = ("zh-CN", "zh-TW", "en")
CATEGORY = "category."
"""How the names of texts begin that name the categories of an operator's own FAQ."""
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_MEANINGS = tuple(field.name for field in fields(Words))
_NAMES = ("first", "second")

Lists = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Texts:
    """Every text, complete in each of LANGUAGES, with the words that mean something and the made-up names."""

    by_name: Mapping[str, Mapping[str, str]]
    words: Words
    names: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

    def render(self, say: Say, language: str) -> str:
        """The text in ``language`` (another Chinese for a Chinese that is unknown, else English).

        Parameters are put in as they are, never read as a pattern. Raises KeyError for an unknown name.
        """
        text = self.by_name[say.name][nearest(language)]
        return _PARAMETER.sub(lambda found: str(say.params.get(found[1], "")), text)


def nearest(language: str) -> str:
    """The one of LANGUAGES that serves a reader of ``language`` best."""
    if language in LANGUAGES:
        return language
    return "zh-CN" if language.startswith("zh") else "en"


def parameters(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PARAMETER.findall(text))


def read(files: Mapping[str, bytes | str], *, instead_of: Texts | None = None) -> Texts:
    """Texts from YAML files; ``instead_of`` serves what they leave out. Raises Invalid with every problem."""
    readers = [_File(name, instead_of) for name in files]
    for reader, content in zip(readers, files.values(), strict=True):
        reader.read(content)
    if problems := [told for reader in readers for told in reader.problems()]:
        raise Invalid(problems)
    texts: dict[str, Mapping[str, str]] = dict(instead_of.by_name) if instead_of else {}
    words = instead_of.words if instead_of else Words()
    names = instead_of.names if instead_of else {}
    for reader in readers:
        texts |= reader.by_name
        words = from_lists(reader.lists["words"]) if "words" in reader.lists else words
        names = _names(reader.lists["names"]) if "names" in reader.lists else names
    return Texts(texts, words, names)


def _names(lists: Lists) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {code: (tuple(pair["first"]), tuple(pair["second"])) for code, pair in lists.items()}


class _File(Reader):
    """One file of texts. ``shipped`` are the only names that somebody ever says."""

    def __init__(self, name: str, shipped: Texts | None) -> None:
        super().__init__(name)
        self._shipped = shipped.by_name if shipped else {}
        self._unread: list[str] = []
        self.by_name: dict[str, Mapping[str, str]] = {}
        self.lists: dict[str, Lists] = {}

    def problems(self) -> Sequence[str]:
        """All that is wrong in it."""
        return [*self._unread, *self.told()]

    def read(self, content: bytes | str) -> None:
        """Take what is right, gather what is wrong."""
        try:
            root = parse(self._name, content)
        except Invalid as invalid:
            self._unread = invalid.problems
            return
        instead = "the file must hold names with a text per language"
        if root is None:
            self.wrong(Place(1, 1), f"{instead}; write some, or delete the file")
            return
        if self.table(root, instead, lambda _: True, str) and isinstance(root, Table):
            for key, value in root.pairs:
                self._read(key, value)

    def _read(self, key: Scalar, value: Node) -> None:
        if key.text == "words":
            self.lists["words"] = dict(self._two_levels(key, value, _MEANINGS, ()))
        elif key.text == "names":
            self.lists["names"] = dict(self._two_levels(key, value, LANGUAGES, _NAMES))
        elif self._shipped and key.text not in self._shipped and not key.text.startswith(CATEGORY):
            near = get_close_matches(key.text, self._shipped, n=1)
            instead = f'did you mean "{near[0]}"?' if near else "delete it"
            self.wrong(key.at, f'no text is called "{key.text}"; {instead}')
        else:
            self._text(key, value)

    def _text(self, key: Scalar, node: Node) -> None:
        """A text in each language, with no parameter that nobody fills in."""
        told = f"{key.text}: must hold a text for each of {', '.join(LANGUAGES)}"
        by_language = self.table(
            node, told, LANGUAGES.__contains__, lambda _: f"known are {', '.join(LANGUAGES)}"
        )
        if by_language is None:
            return
        missing = [code for code in LANGUAGES if not _says(by_language.get(code))]
        if missing:
            self.wrong(node.at, f"{key.text}: has no text for {', '.join(missing)}; write one")
            return
        said = {code: self.text(by_language[code], f"{key.text}: {code}") for code in LANGUAGES}
        wanted = parameters(self._shipped.get(key.text, said)["en"])
        for code in LANGUAGES:
            if parameters(said[code]) - wanted:
                told = f"{key.text}: {code} uses a parameter that is not among {sorted(wanted)}"
                self.wrong(by_language[code].at, told)
        self.by_name[key.text] = said

    def _two_levels(
        self, key: Scalar, node: Node, outer: Sequence[str], inner: Sequence[str]
    ) -> Iterator[tuple[str, Mapping[str, Sequence[str]]]]:
        """Keys above keys above lists; they replace the shipped ones whole, so none may be missing."""
        below = {one.text: value for one, value in node.pairs} if isinstance(node, Table) else {}
        if set(below) != set(outer):
            self.wrong(key.at, f"{key.text} must hold {', '.join(outer)}, all of them and no others")
            return
        for one, value in below.items():
            lists = {last.text: items for last, items in value.pairs} if isinstance(value, Table) else {}
            if not lists or (inner and set(lists) != set(inner)):
                told = f"must hold {' and '.join(inner) or 'a list per language'}"
                self.wrong(value.at, f"{key.text}: {one} {told}")
            yield (
                one,
                {name: self._words(f"{key.text}: {one}", items, inner) for name, items in lists.items()},
            )

    def _words(self, where: str, node: Node, inner: Sequence[str]) -> Sequence[str]:
        """Only where languages are keys a list may be empty."""
        if not isinstance(node, Items) or not (node.items or not inner):
            self.wrong(node.at, f"{where} must hold lists of words; write [one, another]")
            return ()
        for item in node.items:
            if not isinstance(item, Scalar) or item.taken_for() or not fold(item.text):
                self.wrong(item.at, f"{where} has something that is no word; write a word, in quotes")
        return [item.text for item in node.items if isinstance(item, Scalar)]


def _says(node: Node | None) -> bool:
    return isinstance(node, Scalar) and bool(node.text.strip()) and not node.taken_for()
