"""When a department that is asked on the side is reminded, and when the asker hears that nobody answers."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.hours import Hours, Span
from core.escalation.questions import LONGEST, SHORTEST, Next, Question, due_at, due_in, next_of, reopened

NOW = datetime(2026, 3, 6, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Hours(zone=ZoneInfo("UTC"), week=((Span(since=time(9), until=time(17)),),) * 5 + ((), ()))
ASKED = Question(asked_at=NOW)


@pytest.mark.parametrize(
    ("question", "hours", "expected"),
    [
        (ASKED, None, Next(at=NOW + HOUR, what="nudge", overdue=False)),
        (replace(ASKED, nudges=1), None, Next(at=NOW + 2 * HOUR, what="nudge", overdue=True)),
        (replace(ASKED, nudges=2), None, Next(at=NOW + 4 * HOUR, what="nudge", overdue=True)),
        (replace(ASKED, nudges=3), None, Next(at=NOW + 6 * HOUR, what="give_up", overdue=True)),
        (replace(ASKED, nudges=4), None, None),
        (replace(ASKED, answered_at=NOW), None, None),
        (
            replace(ASKED, nudges=1),
            OFFICE,
            Next(at=datetime(2026, 3, 9, 10, tzinfo=UTC), what="nudge", overdue=True),
        ),
        (ASKED, Hours(zone=ZoneInfo("UTC"), week=((),) * 7), None),
    ],
)
def test_what_comes_next(question: Question, hours: Hours | None, expected: Next | None) -> None:
    assert next_of(question, hours) == expected


@pytest.mark.parametrize(
    ("question", "passed", "hours", "nudges"),
    [
        (ASKED, HOUR / 2, None, 0),
        (ASKED, HOUR, None, 1),
        (ASKED, 5 * HOUR, None, 3),
        (replace(ASKED, nudges=4), 9 * HOUR, None, 4),
        (ASKED, 5 * HOUR, OFFICE, 1),
        (ASKED, 5 * HOUR, Hours(zone=ZoneInfo("UTC"), week=((),) * 7), 0),
    ],
)
def test_without_its_answer_it_goes_on_with_what_is_still_to_come(
    question: Question, passed: timedelta, hours: Hours | None, nudges: int
) -> None:
    again = reopened(replace(question, answered_at=NOW), NOW + passed, hours)
    assert again == replace(question, nudges=nudges)
    coming = next_of(again, hours)
    assert coming is None or coming.what == "give_up" or coming.at > NOW + passed


def test_the_answer_is_expected_in_working_hours() -> None:
    assert due_at(ASKED) == NOW + 2 * HOUR
    assert due_at(ASKED, OFFICE) == datetime(2026, 3, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "due"), [(timedelta(), SHORTEST), (HOUR, HOUR), (timedelta(days=90), LONGEST)]
)
def test_a_due_time_is_made_sensible(span: timedelta, due: timedelta) -> None:
    assert due_in(span) == due


@given(st.integers(1, 10_000), st.sampled_from([None, OFFICE]))
def test_reminders_end_and_come_ever_later(minutes: int, hours: Hours | None) -> None:
    question, times = replace(ASKED, due=timedelta(minutes=minutes)), []
    while found := next_of(question, hours):
        times.append(found.at)
        question = replace(question, nudges=question.nudges + 1)
    assert len(times) == 4
    assert times == sorted(set(times))
