"""Which of our languages a person writes: by script, and where script is mute by what is known of them."""

import re

_KANA_HANGUL = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d\u1100-\u11ff\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)*")
_ADDRESS = re.compile(r"\S*(?://|@|www\.)\S*")
_OTHER_LETTER = re.compile(r"[^\W\d_]")
_TAG = re.compile(r"[-_]")
_LOOKED_AT = 1000
"""Characters of a text that are looked at."""
_SIMPLIFIED = frozenset(
    "么与万个价优体党儿划厂丰于听坏夸宁庄异怀怜惊愿扑扰据机构柜洁洒痒确离种筑篱胜腊蜡蚕虫触赶适荐茧"
)
"""Big5 holds these as rare signs of their own, but who types them today writes Simplified."""
_TRADITIONAL = frozenset("後於徵夥")
"""And these the other way round: in GB 2312, but Traditional."""


def from_platform(code: str) -> str:
    """One of zh-CN, zh-TW and en for a platform's language code (zh_TW, zh-Hant-HK, en-US …), else ""."""
    parts = [part.lower() for part in _TAG.split(code.strip()) if part]
    if not parts or parts[0] not in ("zh", "cmn", "yue", "en"):
        return ""
    if parts[0] == "en":
        return "en"
    if "hans" in parts:
        return "zh-CN"
    traditional = parts[0] == "yue" or {"hant", "tw", "hk", "mo"} & set(parts)
    return "zh-TW" if traditional else "zh-CN"


class Languages:
    """Knows the signs that only Traditional or only Simplified Chinese writes.

    Both follow from what the two national character sets hold, Big5 and GB 2312, so that signs of both (后, 里,
    台, 你好) count for neither.
    """

    def __init__(self) -> None:
        big5, gb2312 = _held("big5") - _SIMPLIFIED, _held("gb2312") - _TRADITIONAL
        self._traditional = frozenset(big5 - gb2312)
        self._simplified = frozenset(gb2312 - big5)

    def of(self, text: str, hint: str) -> str:
        """zh-CN, zh-TW or en. ``hint`` is a platform's code or what the person wrote before; "" if unknown."""
        text = _ADDRESS.sub(" ", text[:_LOOKED_AT])
        known = from_platform(hint)
        han, words, kana = (len(sign.findall(text)) for sign in (_HAN, _WORD, _KANA_HANGUL))
        if kana * 4 > han + kana:
            return known or "en"
        if han and han * 2 >= words:
            return self._chinese(text, known)
        if words > 1 and words * 3 >= _others(text):
            return "en"
        return known or "en"

    def _chinese(self, text: str, known: str) -> str:
        """A sign or two of the other script (a name, a quotation) don't outweigh the rest."""
        traditional = sum(sign in self._traditional for sign in text)
        simplified = sum(sign in self._simplified for sign in text)
        if traditional or simplified:
            return "zh-TW" if traditional >= simplified else "zh-CN"
        return known if known.startswith("zh") else "zh-CN"


def _others(text: str) -> int:
    """Letters of scripts that we don't speak."""
    return len(_OTHER_LETTER.findall(_WORD.sub("", text)))


def _held(charset: str) -> frozenset[str]:
    """Of the usual Chinese signs those that a character set has."""
    signs = "".join(map(chr, range(0x4E00, 0xA000)))
    return frozenset(signs.encode(charset, "ignore").decode(charset))
