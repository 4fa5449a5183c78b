"""What people read, by name and language: read from config/texts, validated, rendered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from core.conversation.words import Words, from_lists
from core.errors import Invalid
from core.messages import Say

LANGUAGES = ("zh-CN", "zh-TW", "en")
_PARAMETER = re.compile(r"\{([a-z_]+)\}")


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


def read(files: Mapping[str, bytes], *, instead_of: Texts | None = None) -> Texts:
    """Texts from YAML files; ``instead_of`` serves what they leave out. Raises Invalid with every problem."""
    problems: list[str] = []
    texts: dict[str, Mapping[str, str]] = dict(instead_of.by_name) if instead_of else {}
    lists: dict[str, Any] = {}
    for name, content in files.items():
        for key, value in _mapping(name, content, problems).items():
            if key in ("words", "names"):
                lists[key] = value
            elif problem := _wrong(value, texts.get(key)):
                problems.append(f"{name}: {key}: {problem}")
            else:
                texts[key] = {language: value[language].strip() for language in LANGUAGES}
    if problems:
        raise Invalid(problems)
    words = from_lists(lists["words"]) if "words" in lists else instead_of.words if instead_of else Words()
    names = _names(lists["names"]) if "names" in lists else instead_of.names if instead_of else {}
    return Texts(texts, words, names)


def _mapping(name: str, content: bytes, problems: list[str]) -> Mapping[str, Any]:
    try:
        value = YAML(typ="safe", pure=True).load(content.decode())
    except UnicodeDecodeError:
        problems.append(f"{name}: not UTF-8; save the file as UTF-8")
        return {}
    except MarkedYAMLError as error:
        at = error.problem_mark
        place = f"{name}:{at.line + 1}:{at.column + 1}" if at else name
        problems.append(f"{place}: {error.problem}; check the indentation and quotes")
        return {}
    if isinstance(value, Mapping):
        return value
    problems.append(f"{name}: must hold names with a text per language")
    return {}


def _wrong(value: object, before: Mapping[str, str] | None) -> str:
    """Why a text can't be taken, or ""."""
    if not isinstance(value, Mapping):
        return f"must hold a text for each of {', '.join(LANGUAGES)}"
    missing = [code for code in LANGUAGES if not isinstance(value.get(code), str) or not value[code].strip()]
    if missing:
        return f"has no text for {', '.join(missing)}; write one"
    wanted = parameters(before["en"]) if before else parameters(value["en"])
    odd = [code for code in LANGUAGES if parameters(value[code]) - wanted]
    return f"{', '.join(odd)} uses a parameter that is not among {sorted(wanted)}" if odd else ""


def parameters(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PARAMETER.findall(text))


def _names(lists: Mapping[str, Any]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {code: (tuple(pair["first"]), tuple(pair["second"])) for code, pair in lists.items()}
