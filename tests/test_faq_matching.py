"""Folding, ranking and deciding: small tables and properties; quality is measured in benchmarks/faq_quality.py."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.faq.book import Faq
from core.conversation.faq.chance import LEAST, MOST, chance
from core.conversation.faq.decide import Thresholds, decide
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.index import Hit, Index
from core.conversation.faq.normal import LONGEST, Normal

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
    assert time.perf_counter() - begun < 1


def entry(name: str, *phrases: str, keywords: tuple[str, ...] = ()) -> Entry:
    blocks = {"en": Block(question=phrases[0], variants=phrases[1:], answer=name)}
    return Entry(id=name, blocks=blocks, keywords=keywords)


SHOP = [
    entry("return", "怎么退货", "东西不想要了能退吗", "how do I return something", keywords=("退货",)),
    entry("fee", "运费怎么算", "包邮吗", "how much is shipping", keywords=("运费",)),
    entry("pay", "怎么付款", "能刷信用卡吗", "how can I pay"),
    entry("time", "几天能到", "多久送到", "how long does delivery take"),
]


def test_the_very_words_score_one_in_any_script_and_width() -> None:
    index = Index(SHOP)
    for asked in ("怎么退货", "怎麼退貨？", "ＨＯＷ do i RETURN something"):
        best = index.rank(asked)[0]
        assert best.id == "return"
        assert best.score == pytest.approx(1)


def test_a_keyword_alone_counts_less_than_a_phrasing() -> None:
    best = Index(SHOP).rank("运费")[0]
    assert (best.id, best.phrase) == ("fee", "运费")
    assert best.score < 1


def test_what_says_nothing_is_near_to_nothing() -> None:
    index = Index(SHOP)
    assert [index.rank(text) for text in ("", "？", "zzzz", "ありがとう")] == [(), (), (), ()]


def test_an_empty_faq_answers_nothing() -> None:
    faq = Faq.of([])
    assert faq.decide("怎么退货").kind == "nothing"
    assert (faq.popular, dict(faq.entries)) == ((), {})


def test_the_same_words_in_two_scripts_are_one_voice() -> None:
    once = Index([entry("a", "怎么退货"), *SHOP[1:]]).rank("想退货")
    twice = Index([entry("a", "怎么退货", "怎麼退貨", "怎么退货？"), *SHOP[1:]]).rank("想退货")
    assert [(hit.id, hit.score) for hit in once] == [(hit.id, hit.score) for hit in twice]


@given(st.text(max_size=60))
def test_scores_lie_between_nothing_and_certainty_best_first(text: str) -> None:
    hits = Index(SHOP).rank(text)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.id for hit in hits}) == len(hits)


def test_many_threads_get_the_same_rankings() -> None:
    index = Index(SHOP)
    asked = ["怎麼退貨", "請問運費多少", "how can i pay", "多久會到"] * 100
    alone = [index.rank(text) for text in asked]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(index.rank, asked)) == alone


def test_ranking_fifty_entries_takes_about_a_millisecond() -> None:
    entries = [
        entry(f"e{i}", *(f"怎么办理第{i}种{word}业务 number {i}" for word in "退换修查改付"))
        for i in range(50)
    ]
    index = Index(entries)
    took = []
    for i in range(50):
        begun = time.perf_counter()
        index.rank(f"请问第{i}种退货业务怎么办")
        took.append(time.perf_counter() - begun)
    assert statistics.median(took) < 0.005


def hits(*scores: float) -> list[Hit]:
    return [Hit(id=f"e{place}", score=score, phrase="") for place, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "kind", "ids"),
    [
        ((), "nothing", ()),
        ((0.19,), "nothing", ()),
        ((0.2,), "suggest", ("e0",)),
        ((1.0,), "answer", ("e0",)),
        ((0.8, 0.7), "answer", ("e0",)),
        ((0.8, 0.78), "suggest", ("e0", "e1")),
        ((0.6, 0.4), "answer", ("e0",)),
        ((0.6, 0.5), "suggest", ("e0", "e1")),
        ((0.59, 0.1), "suggest", ("e0",)),
        ((0.5, 0.4, 0.3, 0.29), "suggest", ("e0", "e1", "e2")),
    ],
)
def test_deciding(scores: tuple[float, ...], kind: str, ids: tuple[str, ...]) -> None:
    decision = decide(hits(*scores), Thresholds())
    assert (decision.kind, decision.ids) == (kind, ids)


def test_chance_is_measured_within_bounds() -> None:
    strangers = [entry("a", "alpha"), entry("b", "怎么"), entry("c", "12")]
    twins = [entry(f"t{i}", "怎么退货", "how to return") for i in range(9)]
    assert chance(Index(strangers), strangers) == LEAST
    assert chance(Index(twins), twins) == MOST


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
    assert Faq.of(entries).popular == ("a1", "b1", "c1")
