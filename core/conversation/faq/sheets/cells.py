"""What single cells say: lists, dates, languages, ids."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import count

from core.conversation.faq.codes import canonical
from core.conversation.faq.entries import Audience
from core.conversation.faq.load import LONGEST_ID

_BETWEEN = re.compile(r"[,，、;；\n]")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_LANGUAGES: Mapping[str, Sequence[str]] = {
    "zh-CN": ("中文", "简体", "简体中文", "簡體", "簡體中文", "普通话", "汉语", "chinese", "simplified chinese",
              "chinese simplified", "simplified", "cn", "zh", "zh hans"),
    "zh-TW": ("繁体", "繁體", "繁体中文", "繁體中文", "正體", "正體中文", "traditional chinese",
              "chinese traditional", "traditional", "zh hant"),
    "en": ("英文", "英语", "英語", "english"),
    "ja": ("日文", "日语", "日語", "日本語", "japanese"),
    "ko": ("韩文", "韓文", "韩语", "韓語", "한국어", "korean"),
}  # fmt: skip
_AUDIENCES: Mapping[str, Audience] = {
    **dict.fromkeys(("people", "everybody", "customers", "public", "顾客", "顧客", "客户", "客戶"), "people"),
    **dict.fromkeys(("agents", "internal", "staff", "坐席", "客服", "内部", "內部", "内部使用", "內部使用"), "agents"),
}  # fmt: skip
_WORD = re.compile(r"\w+")
_ID = re.compile(r"\w+(?:[-.]\w+)*")
_NOT_IN_AN_ID = re.compile(r"\W+")
_WORDS_OF_AN_ID = 6
_LETTERS_OF_AN_ID = 40


def lines(cell: str) -> tuple[str, ...]:
    """One text a line, each once."""
    return tuple(dict.fromkeys(line.strip() for line in cell.split("\n") if line.strip()))


def listed(cell: str) -> tuple[str, ...]:
    """Words one a line, or in one line between commas; in quotes for one word that holds a comma."""
    if "\n" in cell:
        return lines(cell)
    if len(cell) > 2 and cell[0] == cell[-1] == '"':
        return (cell[1:-1],)
    return lines(_BETWEEN.sub("\n", cell))


def in_lines(texts: Iterable[str]) -> str:
    """What ``lines`` reads; a text's own lines become one."""
    return "\n".join(" ".join(text.split()) for text in texts)


def in_list(words: Sequence[str]) -> str:
    """What ``listed`` reads."""
    told = in_lines(words)
    alone = len(words) == 1 and (_BETWEEN.search(told) or told[:1] == told[-1:] == '"')
    return f'"{told}"' if alone else told


def day(cell: str) -> date | None:
    """Year, month and day in this order, however they are parted. None for anything else."""
    found = _DATE.fullmatch(cell.strip())
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def audience(cell: str) -> Audience | None:
    """For whom an entry is. None for anything else."""
    return _AUDIENCES.get(" ".join(cell.split()).casefold())


def language(cell: str, used: Collection[str] = ()) -> str:
    """A language's code from its code or its name; "" for anything else. Codes that are ``used`` stay."""
    code = canonical(cell) if _LANGUAGE.fullmatch(cell) else ""
    if code in used:
        return code
    bare = " ".join(re.split(r"[\s()（）_-]+", unicodedata.normalize("NFKC", cell).casefold())).strip()
    return next((known for known, names in _LANGUAGES.items() if bare in names), code)


def id_like(written: str) -> str:
    """An id as near to what was written as one can be; "" where nothing is left."""
    if _ID.fullmatch(written) and len(written.encode()) <= LONGEST_ID:
        return written
    return _cut(_NOT_IN_AN_ID.sub("-", written).strip("-"), LONGEST_ID)


def id_from(question: str, taken: Collection[str]) -> str:
    """A new id from a question's words, Chinese ones as they are spoken: ``zen-me-tui-huo``."""
    from pypinyin import lazy_pinyin  # its dictionary takes 0.3 s to read, and few sheets need it

    spoken = " ".join(lazy_pinyin(question[: _LETTERS_OF_AN_ID * 2]))
    plain = (
        unicodedata.normalize("NFKD", spoken).encode("ascii", "ignore").decode().casefold().replace("'", "")
    )
    words = [word.strip("_") for word in _WORD.findall(plain)]
    made = _cut("-".join([word for word in words if word][:_WORDS_OF_AN_ID]), _LETTERS_OF_AN_ID) or "entry"
    numbered = (f"{made}-{number}" for number in count(2))
    return made if made not in taken else next(name for name in numbered if name not in taken)


def _cut(name: str, longest: int) -> str:
    """At the end of a word where that is near, and never within a sign."""
    short = name.encode()[:longest].decode("utf-8", "ignore")
    if short != name and "-" in short[longest // 2 :]:
        short = short.rpartition("-")[0]
    return short.strip("-.")
