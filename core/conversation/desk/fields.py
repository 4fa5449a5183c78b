"""Single values as the desk's files hold them: yes or no, spans of time, ids, languages, lists of words."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from core.conversation.faq.reading import Reader, filled, nearest
from core.conversation.faq.tree import Items, Node, Scalar, Table
from core.escalation.finding import folded

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_SPAN = re.compile(r"(\d{1,6}) ?(s|sec|seconds?|m|min|minutes?|h|hours?)|0")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_COMMON = ("zh-CN", "zh-TW", "en")
ID = re.compile(r"\w+(?:[-.]\w+)*")


class Fields(Reader):
    """Reads one file's values; each has a default that also stands in for what is wrong."""

    @property
    def mistakes(self) -> int:
        """How many were found so far: what follows from one of them isn't told as another."""
        return len(self._problems)

    def known(self, node: Node, what: str, keys: Sequence[str]) -> dict[str, Node] | None:
        """A table with none but these keys."""
        told = f"{what} must hold {', '.join(keys)}; write each as `key: …` on a line of its own"
        return self.table(node, told, keys.__contains__, partial(nearest, known=keys))

    def flag(self, pairs: Mapping[str, Node], key: str, default: bool) -> bool:
        """Yes or no."""
        if not filled(pairs, key):
            return default
        node = pairs[key]
        value = _FLAGS.get(node.text.strip().casefold()) if isinstance(node, Scalar) else None
        if value is None:
            self.wrong(node.at, f"{key} must be true or false; write `{key}: true`, or delete the line")
        return default if value is None else value

    def span(
        self, pairs: Mapping[str, Node], key: str, default: timedelta, *, most: timedelta, example: str
    ) -> timedelta:
        """A span of time, 0 for none."""
        if not filled(pairs, key):
            return default
        node = pairs[key]
        typed = _one_width(node.text).casefold() if isinstance(node, Scalar) else ""
        found = _SPAN.fullmatch(typed)
        if found is None:
            told = f"{key} must be a span of time; write a number and s, min or h, such as `{key}: {example}`"
            self.wrong(node.at, told)
            return default
        span = timedelta(seconds=int(found[1] or 0) * _SECONDS[(found[2] or "s")[0]])
        if span > most:
            self.wrong(node.at, f"{key} is longer than anybody waits; write at most {_in_words(most)}")
        return span if span <= most else default

    def one_of(self, pairs: Mapping[str, Node], key: str, known: Sequence[str]) -> str:
        """One of the words that are known; "" where none stands there."""
        if not filled(pairs, key):
            return ""
        node = pairs[key]
        word = self.text(node, key)
        if word and word not in known:
            self.wrong(node.at, f'{key} can\'t be "{word}"; {nearest(word, known)}')
        return word if word in known else ""

    def languages(self, pairs: Mapping[str, Node], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Codes of languages."""
        if not filled(pairs, key):
            return default
        found = self.scalars(pairs, key)
        for one in found:
            if not is_language(one.text.strip()):
                self.wrong(one.at, f'"{one.text}" is no language; {nearest(one.text, _COMMON)}')
        return tuple(one.text.strip() for one in found if is_language(one.text.strip()))

    def by_language(self, node: Node, what: str) -> dict[str, Node]:
        """A table with languages for keys."""
        told = f"{what} must hold a text per language, such as `en: …`"
        return self.table(node, told, is_language, partial(nearest, known=_COMMON)) or {}

    def names(self, pairs: Mapping[str, Node], key: str) -> dict[str, str]:
        """A text per language, or one for all of them."""
        if not filled(pairs, key):
            return {}
        node = pairs[key]
        if isinstance(node, Scalar):
            return {"en": self.text(node, key)}
        return {code: self.text(one, f"{key}: {code}") for code, one in self.by_language(node, key).items()}

    def words(self, pairs: Mapping[str, Node], key: str) -> frozenset[str]:
        """A list of words, or one list per language, folded for comparing."""
        if not filled(pairs, key):
            return frozenset()
        node = pairs[key]
        lists: Mapping[str, Node] = self.by_language(node, key) if isinstance(node, Table) else {key: node}
        if not isinstance(node, Table | Items):
            self.wrong(node.at, f"{key} must be a list; write [one, another], or such a list per language")
            return frozenset()
        found = [one for code in lists for one in self.scalars(lists, code)]
        for one in found:
            if not any(sign.isalnum() for sign in one.text):
                self.wrong(
                    one.at, f"one of {key} holds no letter, so that it would never be found; delete it"
                )
        return frozenset(folded(one.text) for one in found)


def is_language(code: str) -> bool:
    """A code as BCP 47 spells it."""
    return bool(_LANGUAGE.fullmatch(code))


def _one_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _in_words(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
