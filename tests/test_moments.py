"""Moments as agents type them, in Chinese and English, with a department's hours and zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.hours import Hours, Span
from core.escalation.moments import FAR, moment
from core.escalation.numerals import with_digits

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKDAY = (Span(since=time(9, 30), until=time(18)),)
OFFICE = Hours(zone=SHANGHAI, week=(WORKDAY,) * 5 + ((), ()))
WEDNESDAY = datetime(2026, 9, 30, 16, 20, tzinfo=SHANGHAI).astimezone(UTC)


def told(typed: str, hours: Hours | None = OFFICE) -> str | None:
    found = moment(typed, WEDNESDAY, zone=SHANGHAI, hours=hours)
    return found.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("2h", "09-30 18:20"),
        ("２Ｈ", "09-30 18:20"),
        ("30m", "09-30 16:50"),
        ("90 min", "09-30 17:50"),
        ("1h30m", "09-30 17:50"),
        ("1.5h", "09-30 17:50"),
        ("in 2 hours", "09-30 18:20"),
        ("half an hour", "09-30 16:50"),
        ("30分钟", "09-30 16:50"),
        ("三十分鐘後", "09-30 16:50"),
        ("半小时", "09-30 16:50"),
        ("一个半小时", "09-30 17:50"),
        ("两小时", "09-30 18:20"),
        ("2小时半", "09-30 18:50"),
        ("3天后", "10-03 16:20"),
        ("1 week", "10-07 16:20"),
        ("tomorrow 9:00", "10-01 09:00"),
        ("tomorrow at 9am", "10-01 09:00"),
        ("Tomorrow 2 pm", "10-01 14:00"),
        ("明天9点", "10-01 09:00"),
        ("明天 9 点", "10-01 09:00"),
        ("明天早上九点半", "10-01 09:30"),
        ("明天下午3点", "10-01 15:00"),
        ("明早8点", "10-01 08:00"),
        ("明天中午", "10-01 12:00"),
        ("今晚8点", "09-30 20:00"),
        ("tonight", "09-30 18:00"),
        ("tomorrow", "10-01 09:30"),
        ("后天", "10-02 09:30"),
        ("大後天", "10-05 09:30"),
        ("the day after tomorrow 10:00", "10-02 10:00"),
        ("friday", "10-02 09:30"),
        ("周六", "10-05 09:30"),
        ("週六 10:00", "10-03 10:00"),
        ("wednesday", "10-07 09:30"),
        ("下周一", "10-05 09:30"),
        ("下個星期三下午兩點", "10-07 14:00"),
        ("next monday 14:00", "10-05 14:00"),
        ("next week", "10-05 09:30"),
        ("17:00", "09-30 17:00"),
        ("9:00", "10-01 09:00"),
        ("下午5点", "09-30 17:00"),
        ("3pm", "10-01 15:00"),
        ("noon", "10-01 12:00"),
        ("12am", "10-01 00:00"),
        ("2026-10-08", "10-08 09:30"),
        ("2026-10-08 10:00", "10-08 10:00"),
        ("10月8日 9点", "10-08 09:00"),
        ("10月8号下午两点", "10-08 14:00"),
        ("9月1日", "09-01 09:30"),
    ],
)
def test_moments(typed: str, then: str) -> None:
    assert told(typed) == then


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "later",
        "5",
        "30",
        "asap",
        "0h",
        "昨天",
        "2026-09-01",
        "2026-02-30 9:00",
        "明天25点",
        "9:99",
        "2h and more",
        "周末",
        "today 9:00",
        "10.5.",
    ],
)
def test_what_is_unclear_or_past_is_no_moment(typed: str) -> None:
    assert told(typed) is None


def test_a_department_without_hours_begins_at_nine_and_one_that_never_opens_not_at_all() -> None:
    assert told("saturday", None) == "10-03 09:00"
    assert told("tomorrow", Hours(zone=SHANGHAI, week=((),) * 7)) is None


def test_a_day_begins_in_the_morning_where_somebody_works_at_night_too() -> None:
    always = Hours(zone=SHANGHAI)
    assert told("tomorrow", always) == told("tomorrow 9:00", always) is not None


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2026, 9, 30, 20, tzinfo=UTC)
    assert moment("tomorrow 9:00", late, zone=SHANGHAI) == datetime(2026, 10, 2, 1, tzinfo=UTC)
    assert moment("tomorrow 9:00", late, zone=ZoneInfo("UTC")) == datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("十", "10"),
        ("二十五", "25"),
        ("三十", "30"),
        ("十二点", "12点"),
        ("九点", "9点"),
        ("两个", "2个"),
        ("周三", "周三"),
        ("二〇", "2〇"),
        ("十十", "1010"),
    ],
)
def test_numerals(typed: str, plain: str) -> None:
    assert with_digits(typed) == plain


PIECES = [
    "2h",
    "30",
    "分钟",
    "明天",
    "9点",
    "半",
    "下周",
    "周五",
    "monday",
    "2026-10-08",
    "9999-12-31",
    "12-31",
    ":",
    " ",
    "pm",
    "下午",
    "9" * 400,
    "h",
    "十",
]


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6).map("".join),
    st.sampled_from([None, OFFICE]),
)
def test_any_text_is_a_moment_to_come_or_none(typed: str, hours: Hours | None) -> None:
    found = moment(typed, WEDNESDAY, zone=SHANGHAI, hours=hours)
    assert found is None or WEDNESDAY < found <= WEDNESDAY + 10 * FAR


@given(st.integers(1, 5000), st.sampled_from(["m", " minutes", "分钟", " 分鐘後"]))
def test_a_span_is_plain_time(minutes: int, unit: str) -> None:
    assert moment(f"{minutes}{unit}", WEDNESDAY, zone=SHANGHAI) == WEDNESDAY + timedelta(minutes=minutes)
