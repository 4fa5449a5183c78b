"""Whether words of the files stand in what somebody wrote, however it is spaced, cased or wide."""

import re
import unicodedata

_HAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_CJK = re.compile(f"[{_HAN}]")
_LETTER = rf"[^\W{_HAN}]"
"""What makes another word of a word; Chinese stands beside it without a blank."""
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me"})


def folded(text: str) -> str:
    """One width, lower case, single blanks, nothing invisible: how words of the file and of people are compared."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(
        "".join(sign for sign in wide if sign.isspace() or unicodedata.category(sign) not in _UNSEEN).split()
    )


def holds(text: str, words: frozenset[str]) -> bool:
    """Whether one of the words (folded ones) stands there: letters as whole words, Chinese with or without blanks."""
    plain = folded(text)
    dense = plain.replace(" ", "")
    return any(_stands_in(plain, dense, word) for word in words if word)


def _stands_in(plain: str, dense: str, word: str) -> bool:
    if _CJK.search(word):
        return word.replace(" ", "") in dense
    return word in plain and _whole(word).search(plain) is not None


def _whole(word: str) -> re.Pattern[str]:
    """As a word of its own; an edge that is a sign, as of ``pay.example/``, may have anything beside it."""
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, word) else ""
    after = rf"(?!{_LETTER})" if re.match(_LETTER, word[-1]) else ""
    return re.compile(before + re.escape(word) + after)
