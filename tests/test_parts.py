"""Cutting long texts: within the limit, at places where people would cut, and nothing lost or said twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.delivery.parts import Length, first_part, measure, with_numbers

LENGTHS = st.sampled_from(["utf8", "utf16", "chars"])
PIECES = st.sampled_from(
    [
        "a",
        "word ",
        "One. ",
        "好",
        "你好。",
        "\n\n",
        "   ",
        "👍🏽",
        "👨‍👩‍👧",
        "🇩🇪",
        "e\u0301",
        "각",
        "\u3000",
        "！",
        "\r\n",
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)


def parts_of(text: str, limit: int, length: Length) -> list[str]:
    parts = []
    while text:
        parts.append(first_part(text, limit, length))
        text = text[len(parts[-1]) :]
    return parts


@given(TEXTS, st.integers(4, 80), LENGTHS)
def test_the_parts_together_are_the_text_and_each_is_within_the_limit(
    text: str, limit: int, length: Length
) -> None:
    parts = parts_of(text, limit, length)
    assert "".join(parts) == text
    assert all(part and measure(part, length) <= limit for part in parts)


@given(st.text(min_size=1), LENGTHS)
def test_even_an_impossible_limit_makes_progress(text: str, length: Length) -> None:
    assert first_part(text, 1, length)


@given(TEXTS, LENGTHS)
def test_the_measure_is_the_sum_of_its_parts(text: str, length: Length) -> None:
    assert measure(text, length) == sum(measure(part, length) for part in parts_of(text, 10, length))


@pytest.mark.parametrize(
    ("text", "limit", "length", "part"),
    [
        ("short", 100, "chars", "short"),
        ("", 10, "chars", ""),
        ("One sentence. Another one.", 20, "chars", "One sentence. "),
        ("第一句话。第二句话很长很长", 21, "utf8", "第一句话。"),
        ("他说：“好！”然后走了很远", 8, "chars", "他说：“好！”"),
        ("A line\nand another that is long", 12, "chars", "A line\n"),
        ("only some words here", 12, "chars", "only some "),
        ("version 1.25 is out", 11, "chars", "version "),
        ("abcdefghij", 4, "chars", "abcd"),
        ("好" * 10, 8, "utf8", "好好"),
        ("😀😀😀", 5, "utf16", "😀😀"),
        ("ae\u0301b", 2, "chars", "a"),
        ("a👨‍👩‍👧", 4, "chars", "a"),
        ("🇩🇪🇫🇷", 3, "chars", "🇩🇪"),
        ("👍👍🏽", 2, "chars", "👍"),
        ("a" + "\u0301" * 50, 5, "chars", "a" + "\u0301" * 4),
        ("Hi. " + "x" * 50, 40, "chars", "Hi. " + "x" * 36),
        ("\n" + "x" * 50, 3, "chars", "\nxx"),
        ("好", 1, "utf8", "好"),
    ],
)
def test_where_it_is_cut(text: str, limit: int, length: Length, part: str) -> None:
    assert first_part(text, limit, length) == part


def test_lone_surrogates_are_measured_and_not_fatal() -> None:
    assert measure("\ud800", "utf8") == 3
    assert measure("\ud800", "utf16") == 1


def test_choices_become_a_numbered_list() -> None:
    assert (
        with_numbers("Which?", ["A", "B"], "Reply with a number")
        == "Which?\n\n1. A\n2. B\nReply with a number"
    )
    assert with_numbers("", ["A"], "hint") == "1. A\nhint"
    assert with_numbers("as it is", [], "hint") == "as it is"
