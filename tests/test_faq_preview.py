"""What a change of the FAQ would do: decisions, broken promises, entries that repeat each other, missing languages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversation.faq.alike import MOST, alike
from core.conversation.faq.book import Faq
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.examples import broken, promised
from core.conversation.faq.preview import preview
from tests.letters_encoder import LettersEncoder


def entry(name: str, question: str, *variants: str, language: str = "en") -> Entry:
    block = Block(question=question, answer="x", variants=variants)
    return Entry(id=name, blocks={language: block})


def faq(*entries: Entry) -> Faq:
    return Faq.of(entries, LettersEncoder())


PAY = entry("pay", "how do I pay", "which cards do you take")
PARCEL = entry("parcel", "where is my parcel", "track my order")
HOURS = entry("hours", "when are you open", "opening hours")


def pairs(*entries: Entry) -> list[tuple[str, str, float]]:
    return [(one.entry_a, one.entry_b, one.likeness) for one in alike(faq(*entries))]


def test_only_questions_that_come_out_otherwise_are_told_the_most_asked_first() -> None:
    now, then = faq(PAY, PARCEL), faq(PAY, HOURS)
    asked = ["how do I pay", "opening hours", "where is my parcel", "opening hours"]
    seen = preview(now, then, asked)
    assert seen.asked == 4
    assert [(one.text, one.times) for one in seen.changed] == [
        ("opening hours", 2),
        ("where is my parcel", 1),
    ]
    first = seen.changed[0]
    assert first.after.ids == ("hours",)
    assert first.before.ids != ("hours",)
    assert preview(now, now, asked).changed == ()
    assert preview(now, faq(PAY, PARCEL), asked).changed == ()


@pytest.mark.parametrize(
    ("examples", "not_for", "told"),
    [
        (("how do I pay",), (), []),
        (("where is my parcel",), (), ["other"]),
        (("zzzz",), (), ["nothing"]),
        ((), ("where is my parcel", "zzzz"), []),
        ((), ("how do I pay",), ["answered"]),
    ],
)
def test_examples_must_be_answered_and_what_it_is_not_for_must_not(
    examples: tuple[str, ...], not_for: tuple[str, ...], told: Sequence[str]
) -> None:
    book = faq(replace(PAY, examples=examples, not_for=not_for), PARCEL)
    found = broken(book)
    assert [one.why for one in found] == told
    assert promised(book) == len(examples) + len(not_for)
    assert preview(book, book, ()).broken == found


def test_entries_with_the_same_words_collide_in_any_script_and_width() -> None:
    one = entry("a", "怎么退货？", language="zh-CN")
    other = entry("b", "别的", "怎麼退貨", language="zh-TW")
    assert pairs(one, other, PAY) == [("a", "b", 1.0)]


def test_entries_that_nearly_repeat_each_other_are_told_once_with_their_nearest_words() -> None:
    near = entry("pay-2", "how do I pay you", "how do I pay it")
    (found,) = alike(faq(PAY, near, PARCEL))
    assert (found.entry_a, found.entry_b) == ("pay", "pay-2")
    assert found.text_a == "how do I pay"
    assert found.text_b.startswith("how do I pay")
    assert 0.85 <= found.likeness < 1


def test_one_entry_may_repeat_itself() -> None:
    assert pairs(entry("a", "how do I pay", "how do I pay?", "how do I pay you"), PARCEL) == []


def test_what_never_serves_on_the_same_day_does_not_collide() -> None:
    old = replace(entry("h26", "when are you open"), valid_until=date(2026, 12, 31))
    new = replace(entry("h27", "when are you open"), valid_from=date(2027, 1, 1))
    assert pairs(old, new) == []
    assert pairs(old, HOURS) == [("h26", "hours", 1.0)]


def test_a_faq_that_repeats_itself_everywhere_is_told_within_bounds() -> None:
    assert len(pairs(*(entry(f"e{number}", "how do I pay") for number in range(600)))) == MOST


def test_an_empty_faq_has_nothing_to_tell() -> None:
    seen = preview(faq(), faq(), ["x"])
    assert (seen.changed, seen.broken, seen.alike, seen.lacking) == ((), (), (), ())


def test_missing_languages_are_told_by_entry() -> None:
    chinese = entry("z", "怎么退货", language="zh-CN")
    lacking = preview(faq(), faq(PAY, chinese), (), ("zh-CN", "en")).lacking
    assert [(one.entry, one.language) for one in lacking] == [("pay", "zh-CN"), ("z", "en")]


WORDS = st.lists(
    st.sampled_from(["how", "do", "I", "pay", "退货", "运费", "open", "?"]), min_size=1, max_size=5
).map(" ".join)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=6))
def test_each_pair_is_told_once_and_never_an_entry_with_itself(phrasings: list[list[str]]) -> None:
    found = pairs(*(entry(f"e{number}", *texts) for number, texts in enumerate(phrasings)))
    assert all(one != other and 0.85 <= likeness <= 1 for one, other, likeness in found)
    assert len({frozenset(pair[:2]) for pair in found}) == len(found)
    assert [likeness for *_, likeness in found] == sorted((likeness for *_, likeness in found), reverse=True)
