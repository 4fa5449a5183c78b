"""Which language a person writes: script first, then what is known of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.language import Languages, from_platform

LANGUAGES = Languages()


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh_CN", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh-hans", "zh-CN"),
        ("zh-Hans-HK", "zh-CN"),
        ("zh_TW", "zh-TW"),
        ("zh-Hant", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh_MO", "zh-TW"),
        ("yue", "zh-TW"),
        ("cmn-Hans", "zh-CN"),
        ("en", "en"),
        ("en-US", "en"),
        ("EN_gb", "en"),
        ("fr", ""),
        ("zhx", ""),
        ("", ""),
        (" - ", ""),
    ],
)
def test_codes_of_platforms(code: str, language: str) -> None:
    assert from_platform(code) == language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("怎么退货", "", "zh-CN"),
        ("怎麼退貨", "", "zh-TW"),
        ("怎麼退貨", "zh_CN", "zh-TW"),
        ("怎么退货", "zh-TW", "zh-CN"),
        ("你好", "zh_TW", "zh-TW"),
        ("你好", "", "zh-CN"),
        ("你好", "en", "zh-CN"),
        ("How do I return this?", "zh_CN", "en"),
        ("OK", "zh_TW", "zh-TW"),
        ("OK", "", "en"),
        ("我要買 iPhone 手機殼", "", "zh-TW"),
        ("please help, I wrote 退货 to you twice already", "", "en"),
        ("12345", "zh_TW", "zh-TW"),
        ("😀😀", "en", "en"),
        ("😀", "", "en"),
        ("https://example.com/how-to-return-this-thing 怎么退", "", "zh-CN"),
        ("这个商品叫「關東煮」，怎么退货，什么时候到账", "", "zh-CN"),
        ("こんにちは、返品したいです", "", "en"),
        ("반품하고 싶어요", "zh-CN", "zh-CN"),
        ("как вернуть товар ok now", "zh-CN", "zh-CN"),
        ("как вернуть", "", "en"),
        ("", "zh-HK", "zh-TW"),
        ("", "de", "en"),
    ],
)
def test_what_people_write(text: str, hint: str, language: str) -> None:
    assert LANGUAGES.of(text, hint) == language


@given(st.text(max_size=300), st.sampled_from(["", "zh_TW", "en", "fr", "?"]))
def test_any_text_has_one_of_three_languages(text: str, hint: str) -> None:
    assert LANGUAGES.of(text, hint) in ("zh-CN", "zh-TW", "en")
