"""A moment to come as an agent types it: ``2h``, ``30分钟``, ``明天9点``, ``tomorrow 9:00``, ``2026-10-08``.

A span is plain time. A day without a time of day means when the department opens on it (in the morning, where it works
at night too), or on the next day that it does; a time of day without a day means its next coming. Days and times are
those of the department's zone.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.escalation.hours import Hours
from core.escalation.numerals import with_digits

MORNING = time(9)
"""When a day begins for a department that has no hours, or works at night too."""
FAR = timedelta(days=3650)
"""Whatever is later is taken for this."""

_UNITS = {
    "minutes": r"minutes?|mins?|m|分钟|分鐘|分",
    "hours": r"hours?|hrs?|h|个?小时|個?小時|个?钟头|個?鐘頭",
    "days": r"days?|d|天|日",
    "weeks": r"weeks?|w|个?星期|個?星期|个?礼拜|個?禮拜|周|週",
}
_UNIT = "|".join(f"(?:{form})" for form in _UNITS.values())
_SPAN = re.compile(rf"(?P<count>\d+(?:\.\d+)?) ?(?P<unit>{_UNIT})(?P<half>半)?(?![a-z])")
_HALF_A = re.compile(r"^(?:half an? |半[个個]?)")
_AND_A_HALF = re.compile(r"(?<=\d)[个個]半")
_BESIDE_CHINESE = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
_SPAN_FILLERS = re.compile(r"^(?:in|for|后|後)\s*|\s*(?:后|後|以后|以後|之后|之後|later)$")
_DAYS = {
    0: r"today|tonight|今天|今日|今晚",
    1: r"tomorrow|tmr|tmrw|明天|明日|明晚|明早",
    2: r"the day after tomorrow|后天|後天",
    3: r"大后天|大後天",
}
_DATE = re.compile(r"(?:(?P<year>\d{4})[-/.年])?(?P<month>\d\d?)[-/.月](?P<day>\d\d?)(?:[日号號]|(?![\d:]))")
_WEEKDAY = re.compile(
    r"(?P<next>next |下(?:个|個)?)?(?:(?:周|週|星期|礼拜|禮拜)(?P<han>[一二三四五六日天1-6])"
    r"|(?:this |on )?(?P<latin>mon|tue|wed|thu|fri|sat|sun)[a-z]*)"
)
_NEXT_WEEK = re.compile(r"next week|下[个個]?(?:周|週|星期|礼拜|禮拜)")
_HALVES = {
    "am": r"早上|早晨|上午|凌晨|明早|in the morning",
    "pm": r"下午|晚上|傍晚|今晚|明晚|tonight|in the evening|in the afternoon",
}
_CLOCK = re.compile(
    r"(?:at )?(?P<hour>\d\d?)(?:(?::|点|點|时|時)(?P<minute>\d\d?|半)?(?:分|整|钟|鐘)?)? ?(?P<half>[ap]\.?m\.?)?"
)
_NOON = {time(12): r"noon|中午|正午", time(0): r"midnight|午夜|半夜"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was found: a day, a time of day, or both."""

    day: date | None
    at: time | None


def moment(typed: str, now: datetime, *, zone: ZoneInfo, hours: Hours | None = None) -> datetime | None:
    """The moment in UTC; None if it can't be told, or is past."""
    text = _plain(typed)
    if span := _span(text):
        return now + span
    local = now.astimezone(zone)
    read = _read(text, local.date())
    if read is None:
        return None
    found = _on(read.day, read.at, zone, hours) if read.day else _next(read.at or MORNING, local, zone)
    return found if found and found > now else None


def _plain(typed: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", typed).casefold().split())
    return with_digits(_BESIDE_CHINESE.sub("", plain))


def _span(text: str) -> timedelta | None:
    """Several parts count together: 1h30m."""
    text = _SPAN_FILLERS.sub("", _SPAN_FILLERS.sub("", text))
    text = _AND_A_HALF.sub(".5", _HALF_A.sub("0.5", text))
    total, at = timedelta(), 0
    while at < len(text) and (part := _SPAN.match(text, at)):
        count = float(part["count"]) + (0.5 if part["half"] else 0)
        unit = next(name for name, form in _UNITS.items() if re.fullmatch(form, part["unit"]))
        total += min(timedelta(**{unit: min(count, 100_000)}), FAR)
        at = part.end() + (text[part.end() : part.end() + 1] == " ")
    return total if total and at == len(text) else None


def _read(text: str, today: date) -> _Read | None:
    """The day first, then the time of day; anything else that is said makes it unclear."""
    half = next((name for name, form in _HALVES.items() if re.search(form, text)), "")
    day, rest = _day(text, today)
    rest = re.sub("|".join(_HALVES.values()), "", rest).strip(" ,，的")
    if not rest:
        at = time(18) if half == "pm" else MORNING if half else None
        return _Read(day=day, at=at) if day or half else None
    at = _time(rest, half)
    return _Read(day=day, at=at) if at is not None else None


def _day(text: str, today: date) -> tuple[date | None, str]:
    for far, form in sorted(_DAYS.items(), reverse=True):
        if found := re.search(form, text):
            return today + timedelta(days=far), text.replace(found[0], "", 1)
    if (found := _DATE.search(text)) and (day := _dated(found, today)):
        return day, text.replace(found[0], "", 1)
    if found := _WEEKDAY.search(text):
        return _weekday(found, today), text.replace(found[0], "", 1)
    if found := _NEXT_WEEK.search(text):
        return today + timedelta(days=7 - today.weekday()), text.replace(found[0], "", 1)
    return None, text


def _dated(found: re.Match[str], today: date) -> date | None:
    """Without a year the next day that is called so."""
    years: Iterator[int] = iter([int(found["year"])] if found["year"] else [today.year, today.year + 1])
    for year in years:
        try:
            day = date(year, int(found["month"]), int(found["day"]))
        except ValueError:
            continue
        if day >= today or found["year"]:
            return min(day, today + FAR)
    return None


def _weekday(found: re.Match[str], today: date) -> date:
    """The next such day after today; "next" means the one of next week, as 下周 does."""
    if found["latin"]:
        wanted = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(found["latin"])
    else:
        wanted = "一二三四五六日".find(found["han"].replace("天", "日"))
        wanted = int(found["han"]) - 1 if wanted < 0 else wanted
    monday = today - timedelta(days=today.weekday())
    if found["next"]:
        return monday + timedelta(days=7 + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _time(text: str, half: str) -> time | None:
    for at, form in _NOON.items():
        if re.fullmatch(f"(?:at )?(?:{form})", text):
            return at
    found = _CLOCK.fullmatch(text)
    if found is None or (found[0].isdigit() and not half):
        return None
    hour = int(found["hour"])
    minute = 30 if found["minute"] == "半" else int(found["minute"] or 0)
    half = {"a": "am", "p": "pm"}.get((found["half"] or "")[:1], half)
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _on(day: date, at: time | None, zone: ZoneInfo, hours: Hours | None) -> datetime | None:
    if at is not None or hours is None:
        return datetime.combine(day, at or MORNING, zone).astimezone(UTC)
    midnight = datetime.combine(day, time(0), hours.zone)
    opens = hours.opens(midnight.astimezone(UTC))
    works_at_night = opens == midnight
    return hours.opens(midnight.replace(hour=MORNING.hour).astimezone(UTC)) if works_at_night else opens


def _next(at: time, local: datetime, zone: ZoneInfo) -> datetime:
    today = datetime.combine(local.date(), at, zone)
    return (
        today if today > local else datetime.combine(local.date() + timedelta(days=1), at, zone)
    ).astimezone(UTC)
