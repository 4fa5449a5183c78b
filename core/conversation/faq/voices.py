"""When people's words become another way to ask an entry: what is fit to stand there, and when enough agree.

One rule is about the words, one about the people. A voice is one person or one agent; whoever confirmed the same words
for another entry, or wasn't helped by this one, is a voice against.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.conversation.faq.personal import tells_who, without_numbers

LONGEST = 120
"""Characters of a phrasing: who writes more tells a story."""
_READ = 2 * LONGEST
"""Characters with the number of an order, and whatever else is left out."""
FOLDED = 255
"""Characters that are kept of the plain form."""
_LEAST_HAN, _LEAST_LETTERS = 2, 4
_MOST_WORDS = 25
_HARMED = 3
"""People that a variant must have failed before it is doubted."""

_STYLES = "\ufe0e\ufe0f"
"""Signs that say how an emoji is drawn."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_KEPT = re.compile(r"[^\W_]")
_SAYS_NOTHING = re.compile(
    r"(?>hiya|hi|hello|hey|yo|thank you|thanks?|there|thx|okay|ok|yes|yeah|nope|no|please|help|test"
    r"|good (?:morning|day|afternoon|evening)|what|why|how|hm+|lol|human|agent|anyone|anybody|is|are|you|see above|same"
    r"|again|continue|你好|您好|哈喽|哈啰|嗨|喂|在[吗么嘛]|有人在?吗|谢谢|多谢|感谢|好的?|嗯|哦|喔|是的?|不是|对的?|没有|可以"
    r"|行|知道了|明白了|收到|早安|早上好|早|午安|晚安|上午好|中午好|下午好|晚上好|人工|客服|真人|转|请问|亲|啊|呀|什么|为什么|怎么"
    r"|帮助|测试|继续|同上|哈| )++"
)
_RUDE = re.compile(
    r"\b(?:fuck\w*|shit\w*|bitch\w*|asshole\w*|bastard\w*|cunt\w*|dick(?:head)?s?|wtf|stfu|motherf\w*|idiots?|morons?)\b"
    r"|[操肏草]你|你妈|他妈|妈的|媽的|傻[逼比屄叉]|煞笔|沙雕|王八|混蛋|混账|去死|垃圾|狗屁|滚蛋|智障|脑残|腦殘|白痴|骗子"
    r"|騙子|幹你|靠北|靠杯|婊子|尼玛|特么|卧槽|我操|屌",
    re.IGNORECASE,
)


def fit(text: str, folded: str, known: Collection[str] = ()) -> str:
    """The words as they may stand in a FAQ, or "": they say nothing, too much, who somebody is, or what is ``known``.

    ``folded`` is their plain form, ``known`` those of the entry's phrasings. The number of an order is left out.
    """
    if len(text) > _READ or len(folded) > FOLDED or "\n" in text.strip() or folded in known:
        return ""
    if tells_who(text) or _RUDE.search(text):
        return ""
    shown = without_numbers("".join(sign if _plain(sign) else " " for sign in text))
    if not _asks(folded) or not shown or len(shown) > LONGEST or len(shown.split()) > _MOST_WORDS:
        return ""
    return shown


def _plain(sign: str) -> bool:
    return unicodedata.category(sign)[0] != "C" and unicodedata.category(sign) != "So" and sign not in _STYLES


def _asks(folded: str) -> bool:
    """Something is said, and more than a greeting or a number."""
    han = len(_HAN.findall(folded))
    letters = sum(not sign.isdigit() for sign in _KEPT.findall(folded))
    return (han >= _LEAST_HAN or letters >= _LEAST_LETTERS) and not _SAYS_NOTHING.fullmatch(folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Whose voices speak for an entry's variant, and whose against it; nobody speaks twice."""

    for_it: frozenset[str]
    against: frozenset[str] = frozenset()

    def agreed(self, confirmations: int) -> bool:
        """So many more speak for it than against it; who speaks for both sides is heard on neither.

        Never on one voice, whatever is asked for. One in twenty errs or lies: a true variant bears that, a false one
        never comes so far ahead.
        """
        return len(self.for_it - self.against) - len(self.against - self.for_it) >= max(confirmations, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A voice that these words (in plain form) mean this entry; ``helped`` False: they got it, and it was no help.

    ``spent``: the words were taken up, so it lends nothing more to others; it still speaks against other entries.
    """

    entry: str
    words: str
    voice: str
    helped: bool = True
    spent: bool = False


def ballots(
    said: Iterable[Said], like: Mapping[str, Collection[str]] | None = None
) -> dict[tuple[str, str], Ballot]:
    """Of every (entry, words) that somebody speaks for the voices on it.

    ``like`` gives the words that mean the same as words, if more than the very same: people agree, each in their own
    words, and their voices for an entry count together. Against it only the very words count: entries may lie near
    each other.
    """
    by_words: dict[str, list[Said]] = {}
    for one in said:
        by_words.setdefault(one.words, []).append(one)
    pairs = {(one.entry, one.words) for ones in by_words.values() for one in ones if one.helped}
    return {
        (entry, words): Ballot(
            for_it=_for(entry, [one for near in _near(words, like) for one in by_words.get(near, ())]),
            against=frozenset(one.voice for one in by_words[words] if (one.entry == entry) != one.helped),
        )
        for entry, words in sorted(pairs)
    }


def _near(words: str, like: Mapping[str, Collection[str]] | None) -> Collection[str]:
    return {words, *(like or {}).get(words, ())}


def _for(entry: str, said: Iterable[Said]) -> frozenset[str]:
    return frozenset(one.voice for one in said if one.entry == entry and one.helped and not one.spent)


def harms(helped: int, unhelped: int) -> bool:
    """A variant that leads people astray more often than not."""
    return unhelped >= _HARMED and unhelped > helped
