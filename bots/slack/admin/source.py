"""An entry's YAML and the form in which admins edit it, both ways; what the form doesn't show stays as it was. Pure."""

import io
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from core.conversation.faq import load
from core.conversation.faq.tree import Place, Scalar, Table, parse
from core.conversation.texts import LANGUAGES
from core.errors import Invalid

_OWN = ("id", "category", "keywords")
_SPOKEN = ("question", "variants", "answer")
_FIELDS = {"question": "q", "variants": "v", "answer": "a"}
"""How a language's fields are called: ``q:zh-CN`` …"""
MORE = "more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What an entry says in one language; ``variants`` one a line."""

    question: str = ""
    variants: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An entry as fields of text; ``keywords`` stand between commas, ``more`` is YAML of everything else."""

    id: str = ""
    category: str = ""
    keywords: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    more: str = ""

    def fields(self) -> Iterator[tuple[str, str]]:
        """Each with its name, as ``filled`` takes them back."""
        yield from (("id", self.id), ("category", self.category), ("keywords", self.keywords))
        for code, part in self.parts.items():
            yield from ((f"{_FIELDS[name]}:{code}", str(getattr(part, name))) for name in _SPOKEN)
        yield MORE, self.more


def form_of(source: str) -> Form:
    """The form of an entry, with empty fields for the languages that it lacks. Raises Invalid."""
    root = _loaded(source)
    codes = [code for code, value in root.items() if isinstance(value, Mapping)]
    return Form(
        id=str(root.get("id", "")),
        category=str(root.get("category") or ""),
        keywords=", ".join(map(str, root.get("keywords") or ())),
        parts={code: _part(root.get(code) or {}) for code in dict.fromkeys([*codes, *LANGUAGES])},
        more=_more(root, codes),
    )


def _part(block: Mapping[str, Any]) -> Part:
    return Part(
        question=str(block.get("question") or "").strip(),
        variants="\n".join(str(one) for one in block.get("variants") or ()),
        answer=str(block.get("answer") or "").strip(),
    )


def _more(root: Mapping[str, Any], codes: Iterable[str]) -> str:
    rest = {name: _bare(value) for name, value in root.items() if name not in (*_OWN, *codes)}
    for code in codes:
        if beside := {name: _bare(value) for name, value in root[code].items() if name not in _SPOKEN}:
            rest[code] = beside
    return _dumped(rest).strip() if rest else ""


def filled(form: Form, values: Mapping[str, str]) -> Form:
    """The form with what was filled in; a field that wasn't shown stays as it was."""
    given = {**dict(form.fields()), **values}
    parts = {
        code: Part(**{name: given[f"{short}:{code}"] for name, short in _FIELDS.items()})
        for code in form.parts
    }
    return Form(
        id=given["id"], category=given["category"], keywords=given["keywords"], parts=parts, more=given[MORE]
    )


def source_with(source: str, form: Form) -> str:
    """The entry's YAML as the form wants it: what didn't change keeps its looks and comments. Raises Invalid."""
    root = _loaded(source) if source.strip() else CommentedMap()
    more = _read_more(form.more)
    _put(root, "id", form.id)
    _put(root, "category", form.category)
    _put_list(root, "keywords", [one.strip() for one in form.keywords.replace("，", ",").split(",")])
    for code, part in form.parts.items():
        _put_part(root, code, part, more.pop(code, {}))
    for name in [name for name in root if name not in (*_OWN, *form.parts, *more)]:
        del root[name]
    for name, value in more.items():
        _put_as_it_is(root, name, value)
    return _dumped(root)


def _read_more(text: str) -> dict[str, Any]:
    """Raises Invalid, in the words that a file's mistakes are told with."""
    if not text.strip():
        return {}
    if not isinstance(parse(MORE, text.encode("utf-8", "replace")), Table):
        raise Invalid([f"{MORE}:1:1: write `key: value`, each on a line of its own"])
    return dict(_loaded(text))


def _put_part(root: MutableMapping[str, Any], code: str, part: Part, more: object) -> None:
    beside = more if isinstance(more, Mapping) else {}
    if not any((part.question, part.variants, part.answer, beside)):
        root.pop(code, None)
        return
    block = root.setdefault(code, CommentedMap())
    _put(block, "question", part.question)
    _put_list(block, "variants", part.variants.splitlines())
    _put(block, "answer", part.answer)
    for name in [name for name in block if name not in (*_SPOKEN, *beside)]:
        del block[name]
    for name, value in beside.items():
        _put_as_it_is(block, name, value)


def _put(root: MutableMapping[str, Any], name: str, text: str) -> None:
    """An unchanged text is not touched: so are its quotes, its lines and its comment."""
    if not text:
        root.pop(name, None)
    elif str(root.get(name) or "").strip() != text:
        root[name] = _written(text)


def _put_list(root: MutableMapping[str, Any], name: str, texts: Iterable[str]) -> None:
    """Items that stay keep their comments."""
    wanted = list(dict.fromkeys(text for one in texts if (text := one.strip())))
    before = root.get(name) or []
    known = {str(one): one for one in before}
    if not wanted:
        root.pop(name, None)
    elif list(known) != wanted:
        items = before if isinstance(before, CommentedSeq) else CommentedSeq()
        for at in reversed(range(len(items))):
            if str(items[at]) not in wanted:
                del items[at]
        items.extend(_written(text) for text in wanted if text not in known)
        root[name] = items if [str(one) for one in items] == wanted else CommentedSeq(map(_written, wanted))


def _put_as_it_is(root: MutableMapping[str, Any], name: str, value: Any) -> None:
    if name not in root or _bare(root[name]) != _bare(value):
        root[name] = value


def _written(text: str) -> str:
    """In the style that reads back as this very text, by people and by YAML of any age."""
    if "\n" in text:
        lines: str = LiteralScalarString(text if text.endswith("\n") else f"{text}\n")
        return lines
    if Scalar(Place(1, 1), text, plain=True).taken_for():
        quoted: str = DoubleQuotedScalarString(text)
        return quoted
    return text


def _bare(value: Any) -> Any:
    """Without comments and looks."""
    if isinstance(value, Mapping):
        return {str(name): _bare(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(one) for one in value]
    return _written(value) if isinstance(value, str) else value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _loaded(source: str) -> CommentedMap:
    parse("entry", source.encode("utf-8", "replace"))  # raises Invalid in our words
    root = _yaml().load(source)
    if not isinstance(root, CommentedMap):
        raise Invalid(["entry:1:1: an entry must hold `id: …`"])
    return root


def _dumped(root: Mapping[str, Any]) -> str:
    stream = io.StringIO()
    _yaml().dump(root, stream)
    return stream.getvalue()


# --- what is wrong, at its field ------------------------------------------------------------------------------


def lacking(form: Form) -> list[str]:
    """The fields that must not be empty, as something else is said in their language."""
    return [
        f"{_FIELDS[name]}:{code}"
        for code, part in form.parts.items()
        if part.question or part.variants or part.answer
        for name in ("question", "answer")
        if not getattr(part, name)
    ]


def mistakes(source: str) -> dict[str, str]:
    """What is wrong in an entry by itself, by the name of the field where it is wrong; nothing if it is well."""
    try:
        load.read_entry("entry", source)
    except Invalid as invalid:
        told: dict[str, str] = {}
        for problem in invalid.problems:
            _, line, _, words = problem.split(":", 3)
            told.setdefault(_field_at(source, int(line)), words.strip())
        return told
    return {}


def _field_at(source: str, line: int) -> str:
    """The field that begins on this line or last before it."""
    found = MORE
    for at, name in _begin(source):
        if at > line:
            break
        found = name
    return found


def _begin(source: str) -> Iterator[tuple[int, str]]:
    """Where each field begins, in the order of the lines; what has no field of its own is in ``more``."""
    entry = parse("entry", source)
    for key, value in entry.pairs if isinstance(entry, Table) else ():
        if isinstance(value, Table):
            yield key.at.line, f"q:{key.text}"
            for inner, _ in value.pairs:
                yield inner.at.line, f"{_FIELDS[inner.text]}:{key.text}" if inner.text in _FIELDS else MORE
        else:
            yield key.at.line, key.text if key.text in _OWN else MORE
