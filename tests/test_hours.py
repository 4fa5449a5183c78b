"""A department's hours: lunch breaks, holidays, working Saturdays, days of 23 and 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.hours import ALL_DAY, Hours, Span

MORNING = Span(since=time(9), until=time(12))
AFTERNOON = Span(since=time(13, 30), until=time(18))
WORKDAY = (MORNING, AFTERNOON)
OFFICE = Hours(
    zone=ZoneInfo("Asia/Shanghai"),
    week=(WORKDAY,) * 5 + ((), ()),
    special={date(2026, 10, 1): (), date(2026, 10, 2): (), date(2026, 10, 10): WORKDAY},
)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_open", "opens", "closes"),
    [
        ("2026-09-28 08:59", False, "2026-09-28 09:00", None),
        ("2026-09-28 09:00", True, "2026-09-28 09:00", "2026-09-28 12:00"),
        ("2026-09-28 12:00", False, "2026-09-28 13:30", None),
        ("2026-09-28 17:59", True, "2026-09-28 17:59", "2026-09-28 18:00"),
        ("2026-09-30 18:00", False, "2026-10-05 09:00", None),
        ("2026-10-10 10:00", True, "2026-10-10 10:00", "2026-10-10 12:00"),
    ],
)
def test_open_and_closed(at: str, is_open: bool, opens: str, closes: str | None) -> None:
    moment = shanghai(at)
    assert OFFICE.is_open(moment) is is_open
    assert OFFICE.opens(moment) == shanghai(opens)
    assert OFFICE.closes(moment) == (shanghai(closes) if closes else None)


@pytest.mark.parametrize(
    ("at", "working", "then"),
    [
        ("2026-09-28 09:00", timedelta(hours=1), "2026-09-28 10:00"),
        ("2026-09-28 11:30", timedelta(hours=1), "2026-09-28 14:00"),
        ("2026-09-28 17:30", timedelta(hours=1), "2026-09-29 09:30"),
        ("2026-09-30 17:00", timedelta(hours=2), "2026-10-05 10:00"),
        ("2026-09-26 10:00", timedelta(), "2026-09-28 09:00"),
    ],
)
def test_working_time_passes_only_while_it_is_open(at: str, working: timedelta, then: str) -> None:
    assert OFFICE.later(shanghai(at), working) == shanghai(then)
    assert OFFICE.between(shanghai(at), shanghai(then)) == working


def test_a_day_has_as_many_hours_as_it_has() -> None:
    berlin = Hours(zone=ZoneInfo("Europe/Berlin"))
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert berlin.closes(spring) == spring + timedelta(hours=23)
    assert berlin.closes(autumn) == autumn + timedelta(hours=25)
    assert berlin.later(spring, timedelta(days=1)) == spring + timedelta(days=1)


def test_what_never_opens_says_so() -> None:
    never = Hours(zone=ZoneInfo("UTC"), week=((),) * 7)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert (never.opens(now), never.later(now, timedelta(minutes=1))) == (None, None)
    assert not never.is_open(now)


YEAR = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
MOMENTS = st.integers(0, 330 * 24 * 60).map(lambda minutes: YEAR + timedelta(minutes=minutes))
DAYS = st.sampled_from([(), WORKDAY, ALL_DAY, (AFTERNOON,)])


@given(ZONES, st.lists(DAYS, min_size=7, max_size=7), MOMENTS, st.integers(0, 60 * 60))
def test_later_and_between_agree(zone: str, week: list[tuple[Span, ...]], at: datetime, minutes: int) -> None:
    hours = Hours(zone=ZoneInfo(zone), week=week)
    then = hours.later(at, timedelta(minutes=minutes))
    if not any(week):
        assert then is None
        return
    assert then is not None
    assert then >= at
    assert hours.between(at, then) == timedelta(minutes=minutes)
