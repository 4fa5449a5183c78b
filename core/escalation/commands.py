"""Commands that an agent types in a thread: an exclamation mark and a name, such as ``!snooze 2h`` or ``！转派 @小王``.

Exclamation marks at the head (of either width) and a letter or hanzi right behind them are a command or a mistyped
one, and neither is ever sent. Behind a blank only a known name is one: "! 您好" is said to the person, "! note x" is
not. Marks alone, or before digits, mean nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from core.escalation.folding import AFTER, DRESS, seen
from core.escalation.names import COMMANDS

_HEAD = 80
"""Signs that are looked at: the marks, blanks and the longest name, with room."""
_SHOWN = 24
_END = DRESS + " \t\r\n\u3000"
_CALL = re.compile(r"!+(?P<blanks>\s*)(?:(?P<latin>[a-z][a-z0-9_-]*)|(?P<other>[^\W\d_a-z][^\Wa-z]*))")
_VERBS = {name: verb for verb, names in COMMANDS.items() for name in names}
_ALONE = frozenset(
    {
        "send", "undo", "retry", "claim", "release", "take_over", "unsnooze", "reopen", "suggest", "history", "warn",
        "block", "unblock",
    }
)  # fmt: skip
"""Nothing stands behind them: words that do would be lost, or were meant for the person."""
_JOINED = frozenset({"note", "assign", "transfer", "priority", "tag", "untag", "snooze"})
"""In Chinese what they are about may follow without a blank; ``!发送失败`` must not send."""
_LONG = frozenset({"note", "side_question", "find", "faq"})
"""These may go on over several lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``verb`` as an act has it, or canned, find, suggest, faq, history, help; ``argument`` as it was typed."""

    verb: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A command that can't be followed: nothing is done, and nothing is sent.

    ``near`` is the name that may have been meant; ``alone``: known, but more words stand with it than it takes.
    """

    word: str
    near: str = ""
    alone: bool = False


def command_in(text: str) -> Command | Unknown | None:
    """What a text commands; None for words that are none."""
    head = list(islice(seen(text), _HEAD))
    call = _CALL.match("".join(sign for sign, _ in head))
    if call is None:
        return None
    word = call["latin"] or call["other"]
    name = next(_known(word, latin=bool(call["latin"])), "")
    if name:
        end = head[call.start("latin" if call["latin"] else "other") + len(name) - 1][1]
        return _command(name, text[end:])
    return None if call["blanks"] else _unknown(word)


def _known(word: str, *, latin: bool) -> Iterator[str]:
    """The name that a word is, or begins with."""
    if word in _VERBS:
        yield word
    if not latin:
        begun = [name for name, verb in _VERBS.items() if verb in _JOINED and word.startswith(name)]
        yield from sorted(begun, key=len, reverse=True)


def _command(name: str, rest: str) -> Command | Unknown:
    verb = _VERBS[name]
    if verb == "note":
        return Command(verb=verb, argument=rest.lstrip(AFTER).strip())
    rest = rest.rstrip(_END + (".!。！~…" if verb in _ALONE else ""))
    argument = rest.lstrip(AFTER)
    too_much = bool(argument) if verb in _ALONE else "\n" in rest and verb not in _LONG
    return Unknown(word=name, near=name, alone=True) if too_much else Command(verb=verb, argument=argument)


def _unknown(word: str) -> Unknown:
    near = get_close_matches(word, _VERBS, n=1, cutoff=0.6)
    return Unknown(word=word[:_SHOWN], near=near[0] if near else "")
