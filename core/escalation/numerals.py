"""Small Chinese numerals as digits: 两小时 is 2小时, 十点 is 10点, 二十五分钟 is 25分钟."""

import re

_DIGITS = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NUMERAL = re.compile(r"(?<![周週期拜])[零一二两兩三四五六七八九十]+")
"""Days of the week are called by a numeral too, but are none."""


def with_digits(text: str) -> str:
    """Up to 99; a longer row of numerals is read sign by sign."""
    return _NUMERAL.sub(lambda found: _value(found[0]), text)


def _value(numeral: str) -> str:
    tens, ten, ones = numeral.partition("十")
    if not ten or len(tens) > 1 or len(ones) > 1 or ones == "十":
        return "".join(str(_DIGITS.get(sign, 10)) for sign in numeral)
    return str(_DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0))
