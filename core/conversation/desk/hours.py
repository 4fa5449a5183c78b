"""A department's hours as the file holds them: a zone, the days of the week, and days that are otherwise."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from difflib import get_close_matches
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from core.conversation.desk.fields import Fields
from core.conversation.faq.reading import filled
from core.conversation.faq.tree import Items, Node, Scalar
from core.escalation.hours import ALL_DAY, MIDNIGHT, Day, Hours, Span

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(rf"({'|'.join(_DAYS)})(?:-({'|'.join(_DAYS)}))?")
_SPAN = re.compile(r"(\d\d?):(\d\d) ?[-–—~至] ?(\d\d?):(\d\d)")
_DATE = r"\d{4}-\d\d?-\d\d?"
_DATES = re.compile(rf"({_DATE})(?: ?\.\. ?({_DATE}))?")
_LONGEST = 370
"""Days of one special range."""
_TOLD = 'hours must hold `zone: Asia/Shanghai` and days, such as `mon-fri: ["09:00-18:00"]`'
_SPAN_TOLD = 'must be times such as ["09:00-12:00", "13:30-18:00"], or closed'


def hours_in(reader: Fields, node: Node, base: Hours | None) -> Hours | None:
    """The hours of a department; zone and special days that they leave out are those of ``base``.

    Days of the week that aren't named are closed; where none is named, all are open all day.
    """
    before = reader.mistakes
    pairs = reader.table(node, _TOLD, _is_key, _meant)
    if pairs is None:
        return base
    zone = _zone(reader, pairs) or (base.zone if base else None)
    if zone is None:
        if not filled(pairs, "zone"):
            reader.wrong(node.at, "hours have no `zone:`; write one such as Asia/Shanghai")
        return base
    week = _week(reader, node, pairs)
    special = _special(reader, pairs["special"]) if filled(pairs, "special") else base.special if base else {}
    if not any(week) and not any(special.values()) and reader.mistakes == before:
        reader.wrong(node.at, "these hours never open; name a day that does, or delete them")
    return Hours(zone=zone, week=week, special=special)


def _is_key(key: str) -> bool:
    return key in ("zone", "special") or bool(_days(key))


def _meant(key: str) -> str:
    near = get_close_matches(key.lower()[:3], _DAYS, n=1, cutoff=0.6)
    instead = f'did you mean "{near[0]}"?' if near else f"days are {', '.join(_DAYS)}, or several as mon-fri"
    return f"{instead}; dates stand below `special:`" if re.match(r"\d", key) else instead


def _days(key: str) -> tuple[int, ...]:
    """``mon``, ``mon-fri`` (over the weekend too) or several of these with commas; 0 is Monday."""
    found: list[int] = []
    for part in key.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            return ()
        first, last = _DAYS.index(match[1]), _DAYS.index(match[2] or match[1])
        found += [(first + more) % 7 for more in range((last - first) % 7 + 1)]
    return tuple(found)


def _zone(reader: Fields, pairs: Mapping[str, Node]) -> ZoneInfo | None:
    name = reader.text(pairs["zone"], "zone") if filled(pairs, "zone") else ""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # none, no zone's file, a folder of zones
        near = get_close_matches(name.replace(" ", "_"), available_timezones(), n=1, cutoff=0.6)
    instead = f'did you mean "{near[0]}"?' if near else "write one such as Asia/Shanghai or Europe/Berlin"
    reader.wrong(pairs["zone"].at, f'no time zone is called "{name}"; {instead}')
    return None


def _week(reader: Fields, node: Node, pairs: Mapping[str, Node]) -> tuple[Day, ...]:
    week: dict[int, Day] = {}
    for key, value in pairs.items():
        for day in _days(key):
            if day in week:
                reader.wrong(value.at, f"{_DAYS[day]} stands in two lines of the hours; keep one of them")
            week[day] = ()
        week |= dict.fromkeys(_days(key), day_in(reader, value, key) if _days(key) else ())
    return tuple(week.get(day, ()) for day in range(7)) if week else (ALL_DAY,) * 7


def day_in(reader: Fields, node: Node, key: str) -> Day:
    """The spans of a day in order; none: closed."""
    if isinstance(node, Scalar):
        return () if node.text.strip() in ("closed", "") else tuple(_spans(reader, (node,), key))
    if not isinstance(node, Items):
        reader.wrong(node.at, f"{key} {_SPAN_TOLD}")
        return ()
    spans = sorted(_spans(reader, node.items, key), key=lambda span: span.since)
    for before, after in pairwise(spans):
        if before.until == MIDNIGHT or before.until > after.since:
            reader.wrong(node.at, f"{key}: two of these times overlap; write each hour once")
            return ()
    return tuple(spans)


def _spans(reader: Fields, nodes: tuple[Node, ...], key: str) -> Iterator[Span]:
    for node in nodes:
        found = _SPAN.fullmatch(_one_width(node.text)) if isinstance(node, Scalar) else None
        if found is None:
            reader.wrong(node.at, f"{key} {_SPAN_TOLD}")
        elif told := _odd(found):
            reader.wrong(node.at, f"{key}: {told}")
        else:
            yield Span(since=_clock(found[1], found[2]), until=_clock(found[3], found[4]))


def _odd(found: re.Match[str]) -> str:
    """Why these are no times of one day, or ""."""
    since, until = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    if since >= (24, 0) or until > (24, 0) or since[1] > 59 or until[1] > 59:
        return f"{found[0]} is no time of day; hours go from 00:00 to 24:00"
    if until == (0, 0):
        return f"a day ends at 24:00; write {found[1]}:{found[2]}-24:00"
    if since == until:
        return f"{found[0]} is no time at all; write 00:00-24:00 for the whole day"
    if since > until:
        return (
            f"{found[0]} goes past midnight; write {found[1]}:{found[2]}-24:00 here and 00:00-{found[3]}:{found[4]}"
            " on the next day"
        )
    return ""


def _clock(hour: str, minute: str) -> time:
    return time(int(hour) % 24, int(minute))


def _special(reader: Fields, node: Node) -> dict[date, Day]:
    told = "special must hold days, such as `2026-10-01..2026-10-07: closed`"
    pairs = reader.table(node, told, lambda key: bool(_DATES.fullmatch(key)), lambda _: _date_told())
    found: dict[date, Day] = {}
    for key, value in (pairs or {}).items():
        day = day_in(reader, value, key)
        for one in _range(reader, key, value):
            if one in found:
                reader.wrong(value.at, f"{one} stands in two lines of the special days; keep one of them")
            found[one] = day
    return found


def _date_told() -> str:
    return "write a day as 2026-10-01, or the first and last of several as 2026-10-01..2026-10-07"


def _range(reader: Fields, key: str, value: Node) -> Iterator[date]:
    match = _DATES.fullmatch(key)
    assert match is not None
    try:
        first, last = (date(*map(int, day.split("-"))) for day in (match[1], match[2] or match[1]))
    except ValueError:
        return reader.wrong(value.at, f'there is no such day as "{key}"; {_date_told()}')
    if last < first:
        return reader.wrong(value.at, f"{key} ends before it begins; write {last}..{first}")
    if (last - first).days > _LONGEST:
        return reader.wrong(value.at, f"{key} is longer than a year; write at most {_LONGEST} days")
    for later in range((last - first).days + 1):
        yield first + timedelta(days=later)
    return None


def _one_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
