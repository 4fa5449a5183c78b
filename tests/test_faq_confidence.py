"""How sure one may be: the curve, what real outcomes do to it, and the decision made from it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.faq.confidence import CAUTIONS, SHARED, Confidence, Outcome, fitted
from core.conversation.faq.decide import Reason, decide
from core.conversation.faq.index import Hit


def hits(*scores: float) -> list[Hit]:
    return [
        Hit(id=f"e{place}", score=score, phrase="p", likeness=score) for place, score in enumerate(scores)
    ]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_for_the_first_or_less_for_the_second_is_never_less_likely(a: float, b: float, c: float) -> None:
    low, middle, high = sorted((a, b, c))
    confidence = Confidence()
    assert confidence.of(hits(high, low)) >= confidence.of(hits(middle, low))
    assert confidence.of(hits(high, low)) >= confidence.of(hits(high, middle))


def test_a_curve_follows_outcomes_and_is_held_by_the_shared_one() -> None:
    chance = np.random.default_rng(1)
    seen = np.stack([chance.normal(size=2000), chance.uniform(0, 3, 2000), np.ones(2000)], axis=1)
    truth = (chance.uniform(size=2000) < 1 / (1 + np.exp(-(seen @ [2.0, 1.0, -2.0])))).astype(float)
    assert fitted(seen, truth, np.ones(2000)) == pytest.approx((2.0, 1.0, -2.0), abs=0.3)
    assert fitted(seen[:1], truth[:1], np.ones(1)) == pytest.approx(SHARED, abs=0.1)


@pytest.mark.parametrize(
    ("scores", "kind", "count"),
    [
        ((), "nothing", 0),
        ((0.02, 0.01), "nothing", 0),
        ((0.9, 0.1), "answer", 1),
        ((0.2, 0.19, 0.18, 0.17), "suggest", 3),
    ],
)
def test_deciding(scores: tuple[float, ...], kind: str, count: int) -> None:
    decision = decide(hits(*scores), Confidence())
    assert (decision.kind, len(decision.ids)) == (kind, count)


def test_caution_moves_the_bar() -> None:
    doubtful = hits(0.13, 0.08)
    kinds = [decide(doubtful, Confidence(), caution).kind for caution in ("careful", "balanced", "bold")]
    assert kinds == ["suggest", "suggest", "answer"]
    unlike = Confidence(least=0.5)
    assert decide(hits(0.4, 0.01), unlike).kind == "suggest"


def test_reasons_are_told() -> None:
    assert str(Reason()) == "nothing in the FAQ is near"
    assert str(Reason(phrase="p", place=2, likeness=0.91, next=0.44)) == (
        "same meaning as variant 2, 0.91; next entry 0.44"
    )


SIGNS = st.tuples(st.floats(allow_nan=True), st.floats(allow_nan=True)) | st.lists(
    st.floats(), max_size=3
).map(tuple)
OUTCOMES = st.lists(st.builds(Outcome, signs=SIGNS, right=st.booleans()), max_size=30)


@given(OUTCOMES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_whatever_became_of_questions_the_curve_stays_one(
    told: list[Outcome], a: float, b: float, c: float
) -> None:
    low, middle, high = sorted((a, b, c))
    after = Confidence().after(told)
    chances = [after.of(hits(high, low)), after.of(hits(middle, low)), after.of(hits(high, middle))]
    assert all(0 <= chance <= 1 for chance in chances)
    assert chances[0] >= max(chances[1:])
    assert after.bars["careful"] >= after.bars["balanced"] >= after.bars["bold"]
    assert all(math.isfinite(number) for number in (*after.curve, *after.bars.values()))


def test_few_outcomes_move_little_and_many_are_believed() -> None:
    doubtful = hits(0.16, 0.08)
    own = Confidence()
    before = own.of(doubtful)
    wrong = Outcome(signs=own.signs(doubtful), right=False)
    assert own.after([wrong] * 3).of(doubtful) == pytest.approx(before, abs=0.1)
    assert own.after([wrong] * 300).of(doubtful) < 0.15
    right = Outcome(signs=own.signs(doubtful), right=True)
    assert own.after([right] * 300).of(doubtful) > 0.85
    mixed = [wrong] * 150 + [right] * 150
    assert own.after(mixed).of(doubtful) == pytest.approx(0.5, abs=0.05)


def test_with_many_outcomes_the_bars_come_down_to_the_probability_itself() -> None:
    strict = Confidence(bars=dict.fromkeys(CAUTIONS, 0.95))
    seen = Outcome(signs=strict.signs(hits(0.5, 0.1)), right=True)
    bars = [strict.after([seen] * many).bars["balanced"] for many in (0, 20, 200, 5000)]
    assert bars == sorted(bars, reverse=True)
    assert bars == pytest.approx([0.95, 0.918, 0.775, 0.613], abs=0.001)


def test_two_that_speak_alike_are_asked_back() -> None:
    assert decide(hits(0.5, 0.45), Confidence(curve=(1.0, 1.0, 5.0))).kind == "suggest"
    very = [
        Hit(id="a", score=1.0, phrase="p", likeness=1.0),
        Hit(id="b", score=0.9, phrase="q", likeness=0.8),
    ]
    assert decide(very, Confidence()).kind == "answer"


def test_a_decision_tells_its_signs() -> None:
    own, told = Confidence(), hits(0.5, 0.1)
    decision = decide(told, own)
    assert decision.signs == own.signs(told)
    assert own.chance(decision.signs) == decision.probability
    assert (own.signs([]), own.chance(())) == ((), 0.0)
