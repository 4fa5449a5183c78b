"""Folding, languages and what is popular; the engine itself stands in test_faq_engine.py."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.faq.book import Faq
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.normal import LONGEST, Normal
from tests.letters_encoder import LettersEncoder

NORMAL = Normal()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("怎么退货？", "怎么退货"),
        ("怎麼退貨", "怎么退货"),
        ("ＨＯＷ　Do I Return", "how do i return"),
        ("你好，请问怎么退货呀，谢谢", "怎么退货"),
        ("亲，在吗？咋退货", "怎么退货"),
        ("如何退货", "怎么退货"),
        ("hi there, can you tell me how to pay please", "how to pay"),
        ("I don't know", "i dont know"),
        ("e-mail", "email"),
        ("退\u200b货\u202e", "退货"),
        ("r\u0301e\u0301turn", "ŕéturn"),
        ("order SF20251111 where", "order where"),
        ("我的手机 13800000000 换了", "我的手机换了"),
        ("iphone15 和 618", "iphone15 和 618"),
        ("123456", ""),
        ("你好", "你好"),
        ("thanks", "thanks"),
        ("？？！", ""),
        ("", ""),
    ],
)
def test_one_plain_form(text: str, plain: str) -> None:
    assert NORMAL.of(text) == plain


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("亲，在吗？借呗可以延时还吗，急急急！！", "借呗可以延时还吗"),
        ("請問運費怎麼算？謝謝", "运费怎么算"),
        ("Hi, can you tell me if Bob's card works? pls", "if Bob's card works"),
        ("SF20251111 到哪了？", "到哪了?"),
        ("thanks", "thanks"),
        ("？", "?"),
        ("", ""),
    ],
)
def test_a_sentence_keeps_its_marks_and_capitals(text: str, sentence: str) -> None:
    assert NORMAL.sentence(text) == sentence


@given(st.text(max_size=300))
def test_any_text_folds_to_something_short_and_stable(text: str) -> None:
    plain = NORMAL.of(text)
    assert len(plain) <= LONGEST
    assert plain == " ".join(plain.split())


def test_a_hundred_kilobytes_take_no_longer_than_a_page() -> None:
    begun = time.perf_counter()
    for hostile in (
        "吗" * 100_000,
        "please " * 20_000,
        "ﷺ" * 100_000,
        "e" + "\u0301" * 100_000,
        "谢谢" * 50_000 + "x",
    ):
        assert len(NORMAL.of(hostile)) <= LONGEST
        assert len(NORMAL.sentence(hostile)) <= LONGEST
    assert time.perf_counter() - begun < 1


BLOCKS = {code: Block(question=f"q-{code}", answer=f"a-{code}") for code in ("zh-TW", "en", "pt-BR", "ja")}


@pytest.mark.parametrize(
    ("language", "served"),
    [
        ("zh-TW", "zh-TW"),
        ("zh-CN", "zh-TW"),
        ("pt", "pt-BR"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        ("ja-JP", "ja"),
    ],
)
def test_a_reader_gets_the_nearest_language(language: str, served: str) -> None:
    told = Entry(id="x", blocks=BLOCKS)
    assert told.answer_in(language) == (served, f"a-{served}")
    assert told.question_in(language) == f"q-{served}"


def test_a_reader_whose_languages_are_all_missing_gets_the_first() -> None:
    assert Entry(id="x", blocks={"ja": BLOCKS["ja"]}).answer_in("zh-CN")[0] == "ja"


def test_the_popular_are_the_first_of_the_first_three_categories() -> None:
    names = [("a1", "a"), ("a2", "a"), ("b1", "b"), ("c1", "c"), ("d1", "d")]
    entries = [Entry(id=name, category=category, blocks=BLOCKS) for name, category in names]
    assert Faq.of(entries, LettersEncoder()).popular == ("a1", "b1", "c1")
