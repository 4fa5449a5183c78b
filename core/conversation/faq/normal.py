"""One plain form for what is asked in many: width, case, script, marks, small talk around the question, and slang."""

import re
import unicodedata

from opencc import OpenCC

LONGEST = 500
"""Characters of a question that count."""
READ = 10 * LONGEST
"""Characters that are looked at: room for what folding drops, and no 100 kB are folded."""
_DROPPED = frozenset({"Cf", "Mn", "Me", "Cs", "Co", "Cn"})
"""Zero-width signs, marks heaped upon letters, halves of pairs, private signs."""
_INSIDE_WORDS = re.compile(r"(?<=\w)['’`\-](?=[^\W\d])")
_MARKS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?<![a-z0-9])[a-z]{0,4}\d{5,}(?![a-z0-9])")
"""An order, a parcel, a phone: it says which, never what is asked."""
_NAMED = re.compile(_NUMBER.pattern, re.IGNORECASE)
_ASKS = re.compile(
    r"[吗嘛么呢怎什啥几哪能谁咋何]|多少|多久|可以|可否|是否|有没有|是不是|会不会|行不|([\u4e00-\u9fff])不\1"
)
_CLOSED = "?？!！.。,，、…~～ "
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_SLANG = (
    (re.compile("咋[整弄办]"), "怎么办"),
    (re.compile("为[啥嘛]"), "为什么"),
    (re.compile("如何|怎样|怎麽|咋"), "怎么"),
    (re.compile("啥|甚么"), "什么"),
)
_OPENING = re.compile(
    r"(?:(?:你好|您好|哈喽|哈啰|嗨|(?:早上|上午|中午|下午|晚上)好|早安|午安|晚安|不好意思|打扰(?:一下|了)|抱歉"
    r"|(?:客服|老板|掌柜|小姐姐|小哥哥|亲爱的|亲|喂)(?= |你|请问|我想问)"
    r"|(?:有人)?在[吗嘛么]|麻烦(?:问|请问)?(?:一?下)?|请教(?:一?下)?|请问(?:一?下)?|问(?:一下|问)"
    r"|我?(?:想|要|来)问(?:问|一?下)?|想(?:了解|知道)(?:一?下)?)[啊呀哦喔哈呢]? ?"
    r"|(?:hi|hello|hey|hiya|u+m+|u+h+|(?:so |well )?basically|good (?:morning|afternoon|evening|day)"
    r"|dear (?:team|sir|all)|there|team|guys"
    r"|excuse me|sorry(?: to bother(?: you)?)?|quick question|please|pls|plz|do you know"
    r"|(?:just wondering|i was wondering|wondering)(?: if)?"
    r"|i(?: would|d)? (?:like|want|need) to (?:know|ask)(?: you)?(?: about)?"
    r"|(?:can|could|would|may) (?:you|u|i|someone|anyone)(?: please)? (?:tell me|ask(?: you)?|let me know)"
    r")\b ?)+"
)
_CLOSING = re.compile(
    r"(?: ?(?:谢谢|多谢|感谢|拜托)[你您啦了哦喔]?(?:们)?| ?[吗呢啊呀哦喔啦哈嘞哇]"
    r"| (?:please|pls|plz|thanks|thank you|thx|ty|cheers)(?: (?:so|very) much| a lot| in advance)?)+$"
)
_DENIED = re.compile(
    r"(?:\bi (?:do not|don[’']?t|did not|didn[’']?t) (?:want|need|mean|ask for)\b(?: to)?(?: [\w’'-]+){1,8} ?[,.;] ?"
    r"(?:but |instead )?"
    r"(?=(?:i (?:do )?(?:want|need|mean|would like)|i[’']d like|i am asking|how|where|when|can|what)\b(?:[ ’']+\w+){2})"
    r"|我?(?:不是(?:要|想|问|说)|不想要?|不要|没说要)(?!了)[\u4e00-\u9fff]{2,12}(?<!了) ?[,，。；;] ?"
    r"(?=(?:我?是?(?:要|想要|想(?!问)|问的是|问)|而?是)[\u4e00-\u9fff]{2}))",
    re.IGNORECASE,
)
"""What is said not to be meant, where what is meant follows."""
_USUAL = re.compile("[\x20-\x7e\u3001-\u3011\u4e00-\u9fff]*")
"""Nothing in it is ever dropped, so nothing has to be looked at sign by sign."""
_UNSAID = _DROPPED | {"Cc", "So"}
_SPOKEN_OPENING = re.compile(
    _OPENING.pattern.replace(" ?", r"[\W_]*").replace("(?= |", r"(?=\W|"), re.IGNORECASE
)
"""The same with marks between, which a sentence keeps."""
_SPOKEN_CLOSING = re.compile(
    r"(?:[\W_]*(?:谢谢|多谢|感谢|拜托|麻烦)[你您啦了哦喔]?(?:们)?|[\W_]+(?:急+|在线等)"
    r"|[\W_]+(?:please|pls|plz|thanks|thank you|thx|ty|cheers)(?: (?:so|very) much| a lot| in advance)?)+[\W_]*$",
    re.IGNORECASE,
)


class Normal:
    """Holds OpenCC, which takes some 20 ms to build."""

    def __init__(self) -> None:
        self._convert = OpenCC("tw2sp").convert

    def of(self, text: str) -> str:
        """Folded words with single blanks between, at most LONGEST characters; "" where nothing is said."""
        return _without_small_talk(self._fold(text)[:LONGEST])

    def sentence(self, text: str) -> str:
        """As an encoder reads it: one width and one script, with its marks and its capitals, without small talk."""
        seen = unicodedata.normalize("NFKC", text[:READ])[:READ]
        written = seen if _USUAL.fullmatch(seen) else "".join(filter(_said, seen))
        plain = _DENIED.sub("", " ".join(_NAMED.sub(" ", self._simplify(written[:LONGEST])).split()))
        opening = _SPOKEN_OPENING.match(plain)
        rest = plain[opening.end() :] if opening else plain
        closing = _SPOKEN_CLOSING.search(rest)
        return (rest[: closing.start()] if closing else rest).strip() or plain

    def question(self, sentence: str) -> str:
        """Chinese is asked without a question mark as often as with one; the encoder hears a difference."""
        return f"{sentence.rstrip(_CLOSED)}?" if _ASKS.search(sentence) else sentence

    def _fold(self, text: str) -> str:
        seen = unicodedata.normalize("NFKC", text[:READ])[:READ].casefold()
        written = seen if _USUAL.fullmatch(seen) else "".join(filter(_kept, seen))
        words = _MARKS.sub(" ", self._simplify(_INSIDE_WORDS.sub("", written)))
        plain = " ".join(_NUMBER.sub(" ", words).split())
        for slang, word in _SLANG:
            plain = slang.sub(word, plain)
        return plain

    def _simplify(self, text: str) -> str:
        return text if text.isascii() else self._convert(text)


def _without_small_talk(folded: str) -> str:
    """The question alone; where all of it is small talk, that is what is asked."""
    opening = _OPENING.match(folded)
    rest = folded[opening.end() :] if opening else folded
    closing = _CLOSING.search(rest)
    bare = rest[: closing.start()] if closing else rest
    return _BETWEEN_HAN.sub("", bare.strip() or folded.strip())


def _kept(sign: str) -> bool:
    return unicodedata.category(sign) not in _DROPPED


def _said(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) not in _UNSAID
