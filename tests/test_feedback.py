"""When it is asked whether an answer helps, and what may become of a question."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.asked import About, Fate, may_become, meant, question_of, stamped
from core.conversation.feedback import EVERY, Standing, wanted

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD, NEW, DOUBTFUL = Standing(helped=9, unhelped=1), Standing(helped=2), Standing(helped=6, unhelped=3)
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("standing", "probability", "in_a_row", "ago", "asks"),
    [
        (GOOD, 1.0, False, None, True),  # now and then even what is known to be good
        (GOOD, 1.0, False, EVERY, True),
        (GOOD, 1.0, False, EVERY - HOURS, False),
        (GOOD, 0.7, False, HOURS, True),  # a doubtful match
        (NEW, 1.0, False, HOURS, True),
        (DOUBTFUL, 1.0, False, HOURS, True),
        (NEW, 0.7, True, HOURS, False),  # never twice in a row
        (DOUBTFUL, 0.7, True, 100 * HOURS, False),
    ],
)
def test_it_is_asked_sparingly(
    standing: Standing, probability: float, in_a_row: bool, ago: timedelta | None, asks: bool
) -> None:
    asked_at = NOW - ago if ago else None
    assert wanted(standing, probability, in_a_row=in_a_row, asked_at=asked_at, now=NOW) is asks


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("", "picked", True),
        ("", "helped", True),
        ("", "unhelped", True),
        ("", "person", True),
        ("picked", "unhelped", True),
        ("picked", "helped", True),
        ("picked", "picked", False),
        ("helped", "unhelped", True),
        ("helped", "person", False),
        ("unhelped", "helped", False),
        ("unhelped", "person", False),
        ("person", "helped", False),
        ("agent", "helped", False),
    ],
)
def test_the_first_word_counts_but_for_a_change_of_mind(before: str, after: Fate, may: bool) -> None:
    assert may_become(before, after) is may


OF = About(id=12, text="?", entry="", shown=("a", "b"))


@pytest.mark.parametrize("option", ["faq:a", "faq:b", "helped", "unhelped", "person", "none"])
def test_an_option_bears_its_questions_number_and_comes_back(option: str) -> None:
    sent = stamped(option, 12, OF.shown)
    assert question_of(sent) == 12
    assert meant(sent, OF) == option


@pytest.mark.parametrize("option", ["faq:z", "menu:help", "topic:1", "unsolved:1001", "", "top"])
def test_other_options_belong_to_none(option: str) -> None:
    assert stamped(option, 12, OF.shown) == option
    assert question_of(option) == 0
    assert meant(option, OF) == option


@pytest.mark.parametrize(
    "option", ["pick:12:2", "pick:12", "pick:x:0", "helped:12:1", "pick:99999999999999999999:0"]
)
def test_a_pick_of_nothing_stays_what_it_is(option: str) -> None:
    assert meant(option, OF) == option


@given(st.text(max_size=70))
def test_any_choice_can_be_read(option: str) -> None:
    assert 0 <= question_of(option) < 10**18
    assert meant(option, OF) is not None
    assert meant(option, None) is not None


@given(st.integers(1, 10**18 - 1), st.text(min_size=1, max_size=56))
def test_what_is_sent_fits_into_a_choice(question: int, entry: str) -> None:
    assert len(stamped(f"faq:{entry}", question, (entry,)).encode()) <= 60
