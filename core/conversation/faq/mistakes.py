"""What a YAML reader complains of, in words that say what to write instead; with the mended line where one can tell."""

import re
from typing import Any

import yaml

_IN_WORDS = {
    r"unknown escape": "a backslash in double quotes that means nothing; write \\\\ or use single quotes",
    r"quoted scalar": 'this quoted text has no end; write the closing quote, and \\" for one inside it',
    r"block scalar": "nothing may follow | or > on its line; begin the text on the next line, indented",
    r"flow|',' or '[\]}]'": "a list in brackets is not closed, or a comma is missing; write [first, second]",
    r"could not find expected ':'": "a colon is missing after a key, or a text goes on too far left; write "
    "`key: text`, and longer texts after `|` and indented",
    r"document start|stream end": "the indentation does not fit the lines above; keys of one table stand exactly "
    "below each other",
    r"block (?:mapping|collection|sequence)|block end|indent": "the indentation does not fit the lines above; keys of "
    "one entry stand exactly below each other",
    r"undefined tag|tag|directive|version|incompatible|anchor|alias|mapping keys|node content": "this sign has a "
    "meaning of its own in YAML; put the text in quotes",
}
"""The particular before the general; libyaml and PyYAML's own reader say nearly the same."""
_SENSIBLE = 16
"""Brackets that may be open at once."""
_KEY = re.compile(r"(?P<before>\s*(?:- +)*[\w.-]+: +)(?P<value>.*\S)\s*")


def in_words(text: str, error: yaml.MarkedYAMLError) -> tuple[int, str]:
    """Where to mend it (signs from the beginning), and how."""
    at = min(_mark(error).index, len(text.rstrip()))
    return at, _told(text, at, error)


def _told(text: str, at: int, error: yaml.MarkedYAMLError) -> str:
    said = f"{error.problem or ''} {error.context or ''}"
    line, before = _line(text, at)
    if ("flow" in said and _open_brackets(text[:at]) > _SENSIBLE) or "nesting depth" in said:
        return "nested too deep; an entry has only keys, languages and lists"
    if "cannot start any token" in said:
        return _odd_sign(text[at : at + 1], line)
    if "mapping values are not allowed" in said:
        return (
            "a second colon, or a line that stands too far right; put a text with a colon in quotes"
            f"{_quoted(line)}, or mend the indentation"
        )
    if "parsing a block mapping" in said and before.strip(" -"):
        return "a text where a key should stand; put the whole text in quotes, or mend the indentation"
    known = (words for form, words in _IN_WORDS.items() if re.search(form, said))
    return next(known, f"{said.strip()}; check the indentation, and put the text in quotes")


def _open_brackets(text: str) -> int:
    return sum(text.count(sign) for sign in "[{") - sum(text.count(sign) for sign in "]}")


def _mark(error: yaml.MarkedYAMLError) -> Any:
    """A quote that is never closed is missed only at the end of the file: mend it where it was opened."""
    at_end = "end of stream" in str(error.problem) and error.context_mark
    return at_end or error.problem_mark or error.context_mark


def _line(text: str, index: int) -> tuple[str, str]:
    """The whole line, and what of it stands before ``index``."""
    start = text.rfind("\n", 0, index) + 1
    end = text.find("\n", index)
    return text[start : end if end >= 0 else len(text)], text[start:index]


def _odd_sign(sign: str, line: str) -> str:
    if sign == "\t":
        return "a tab stands where blanks must; indent with blanks only"
    return f"no text may begin with this sign; put the text in quotes{_quoted(line)}"


def _quoted(line: str) -> str:
    """The line as it would be right, when it is a key with a text behind it."""
    found = _KEY.fullmatch(line.rstrip("\r"))
    if not found or found["value"].startswith(('"', "'", "|", ">", "[", "{")):
        return ""
    value = found["value"].replace("\\", "\\\\").replace('"', '\\"')
    return f': {found["before"].strip()} "{value}"'
