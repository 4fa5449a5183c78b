"""Several questions in one message, and short questions that lean on the last answer: as tables in three languages."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import texts
from core.conversation.faq.decide import Decision, Reason
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.index import Hit
from core.conversation.following import goes_on, in_place, may_follow
from core.conversation.several import LONGEST, MOST, parts

TEXTS = Path(__file__).parent.parent / "config" / "texts"
WORDS = texts.read({path.name: path.read_bytes() for path in TEXTS.glob("*.yaml")}).words


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("怎么退货？运费谁出？另外发票怎么开", ("怎么退货", "运费谁出", "发票怎么开")),
        ("你好！怎么退货？发票怎么开？谢谢", ("怎么退货", "发票怎么开")),
        ("怎么退货\n发票怎么开", ("怎么退货", "发票怎么开")),
        ("怎么退货，还有发票怎么开", ("怎么退货", "发票怎么开")),
        ("怎麼退貨？運費誰出？另外，發票怎麼開", ("怎麼退貨", "運費誰出", "發票怎麼開")),
        ("請問怎麼退貨。順便問一下幾天會到", ("請問怎麼退貨", "幾天會到")),
        ("How do I return this? Also, who pays the postage?", ("How do I return this", "who pays the postage")),
        ("Hi. How do I return this and how long does a refund take?",
         ("How do I return this", "how long does a refund take")),
        ("do you ship abroad. btw what's your return policy", ("do you ship abroad", "what's your return policy")),
        ("怎么退货？", ()),
        ("怎么退货？怎么退货？", ()),
        ("我买的杯子，昨天到的，碎了", ()),
        ("Does it cost $4.50 to Spain and Portugal?", ()),
        ("一？二？三？四？", ()),
        ("？？？！！", ()),
        ("谢谢！好的。", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_where_one_question_ends(text: str, asked: tuple[str, ...]) -> None:
    assert tuple(part.text for part in parts(text, WORDS)) == asked


@given(st.text(max_size=LONGEST + 50))
def test_any_text_is_one_question_or_a_few(text: str) -> None:
    found = parts(text, WORDS)
    assert len(found) == 0 or 1 < len(found) <= MOST
    assert len(set(found)) == len(found)
    assert all(part.text.strip() for part in found)


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("怎么退货？运费谁出？另外发票怎么开", [False, False, True]),
        ("怎么退货，还有运费谁出", [False, False]),
        ("怎麼退貨？對了，發票怎麼開", [False, True]),
        ("How do I return this? Who pays? By the way, do you ship abroad?", [False, False, True]),
        ("How do I return this and who pays", [False, False]),
    ],
)
def test_what_is_said_to_be_another_matter(text: str, apart: list[bool]) -> None:
    assert [part.apart for part in parts(text, WORDS)] == apart


@pytest.mark.parametrize(
    ("text", "short", "on"),
    [
        ("那运费呢?", True, True),
        ("运费呢", True, True),
        ("那運費呢？", True, True),
        ("還有離島呢", True, True),
        ("and for Taiwan?", True, True),
        ("what about the postage?", True, True),
        ("多久", True, False),
        ("andorra?", True, False),
        ("how long", True, False),
        ("昨天买的杯子碎了想问一下怎么办才好", False, False),
        ("and could you tell me how I would send it back", False, True),
        ("那\n呢", False, True),
        ("", False, False),
    ],
)
def test_what_may_lean_on_the_last_answer(text: str, short: bool, on: bool) -> None:
    assert (may_follow(text), goes_on(text)) == (short, on)


def entry(name: str, category: str, answer: str = "", follow_ups: tuple[str, ...] = ()) -> Entry:
    return Entry(
        id=name, category=category, follow_ups=follow_ups, blocks={"en": Block(question=name, answer=answer)}
    )


RETURNS = entry("returns", "sales", "Within 7 days. Xinjiang takes longer, 離島 too.")
FEE_OF_RETURNS, FEE = entry("fee of returns", "sales"), entry("fee", "parcels")
LED = replace(RETURNS, follow_ups=("fee",))


def decided(*names: str, kind: str = "answer", probability: float = 0.8, likeness: float = 0.7) -> Decision:
    hits = tuple(Hit(id=name, score=1 / place, phrase=name) for place, name in enumerate(names, 1))
    assert kind in ("answer", "suggest", "nothing")
    return Decision(
        kind="answer" if kind == "answer" else "suggest" if kind == "suggest" else "nothing",
        ids=names[:1] if kind == "answer" else names if kind == "suggest" else (),
        probability=probability,
        candidates=hits,
        reason=Reason(phrase="x", likeness=likeness),
    )


SURE_FEE = decided("fee", "fee of returns", probability=0.96)
KIN = decided("fee of returns", "returns", probability=0.74)
STRANGE = decided("fee", "returns", probability=0.9)
SAME = decided("returns", "fee", probability=0.9)
UNSURE = decided("fee", "jobs", kind="suggest", probability=0.4)
NOTHING = decided("jobs", kind="nothing", probability=0.1)


@pytest.mark.parametrize(
    ("text", "alone", "placed", "last", "near", "takes"),
    [
        # marked as going on: what belongs to the matter wins over the general, if both readings know it
        ("那运费呢?", SURE_FEE, KIN, RETURNS, FEE_OF_RETURNS, "placed"),
        ("那運費呢", SURE_FEE, KIN, RETURNS, FEE_OF_RETURNS, "placed"),
        ("what about the postage?", SURE_FEE, KIN, RETURNS, FEE_OF_RETURNS, "placed"),
        # unmarked, a sure answer stays
        ("运费", SURE_FEE, KIN, RETURNS, FEE_OF_RETURNS, "alone"),
        ("postage", SURE_FEE, KIN, RETURNS, FEE_OF_RETURNS, "alone"),
        # the very words of an entry always mean it
        ("运费呢", decided("fee", "fee of returns", likeness=1.0), KIN, RETURNS, FEE_OF_RETURNS, "alone"),
        # not of the same matter, or nothing that the words alone know of: a sure answer stays
        ("那运费呢?", decided("jobs", "returns", "fee"), STRANGE, RETURNS, FEE, "alone"),
        ("那运费呢?", decided("jobs"), KIN, RETURNS, FEE_OF_RETURNS, "alone"),
        # unless the admins lead on to it
        ("那运费呢?", decided("jobs", "fee"), STRANGE, LED, FEE, "placed"),
        # what is unsure alone is taken in its place where that is clearly better
        ("那运费呢?", UNSURE, KIN, RETURNS, FEE_OF_RETURNS, "placed"),
        ("postage?", UNSURE, KIN, RETURNS, FEE_OF_RETURNS, "placed"),
        ("postage?", UNSURE, STRANGE, RETURNS, FEE, "alone"),
        ("and postage?", UNSURE, STRANGE, RETURNS, FEE, "placed"),
        ("那运费呢?", replace(UNSURE, probability=0.7), KIN, RETURNS, FEE_OF_RETURNS, "alone"),
        # the same answer again only if it speaks of what is asked
        ("and for Xinjiang?", NOTHING, SAME, RETURNS, RETURNS, "placed"),
        ("那離島呢", NOTHING, SAME, RETURNS, RETURNS, "placed"),
        ("Xinjiang", NOTHING, SAME, RETURNS, RETURNS, "alone"),
        ("那恐龙呢", NOTHING, SAME, RETURNS, RETURNS, "alone"),
        ("and dinosaurs?", NOTHING, SAME, RETURNS, RETURNS, "alone"),
        ("那运费呢?", SURE_FEE, SAME, RETURNS, RETURNS, "alone"),
        # nothing gained
        ("那运费呢?", UNSURE, UNSURE, RETURNS, FEE, "alone"),
        ("那运费呢?", UNSURE, NOTHING, RETURNS, None, "alone"),
    ],
)
def test_which_reading_is_taken(
    text: str, alone: Decision, placed: Decision, last: Entry, near: Entry | None, takes: str
) -> None:
    assert in_place(text, alone, placed, last, near) is (placed if takes == "placed" else alone)


@pytest.mark.parametrize(
    ("scores", "probability", "answers"),
    [
        ((0.41, 0.31, 0.1), 0.74, True),  # but for what was just answered it is clear
        ((0.41, 0.1, 0.31), 0.74, False),
        ((0.41, 0.31, 0.1), 0.4, False),
    ],
)
def test_the_last_answer_is_no_rival_of_the_next(
    scores: tuple[float, ...], probability: float, answers: bool
) -> None:
    names = ("fee of returns", "returns", "fee")
    hits = tuple(Hit(id=name, score=score, phrase=name) for name, score in zip(names, scores, strict=True))
    placed = replace(decided(*names, kind="suggest", probability=probability), candidates=hits)
    taken = in_place("那运费呢?", SURE_FEE, placed, RETURNS, FEE_OF_RETURNS)
    assert (taken.kind, taken.ids) == ("answer", ("fee of returns",) if answers else ("fee",))
    assert taken.probability >= probability


@given(
    st.text(max_size=40), st.sampled_from([SURE_FEE, UNSURE, NOTHING]), st.sampled_from([KIN, SAME, UNSURE])
)
def test_a_sure_answer_never_becomes_an_unsure_one(text: str, alone: Decision, placed: Decision) -> None:
    near = {"fee of returns": FEE_OF_RETURNS, "returns": RETURNS, "fee": FEE}[placed.candidates[0].id]
    taken = in_place(text, alone, placed, RETURNS, near)
    assert taken.kind == "answer" or alone.kind != "answer"
