"""When a department works: spans of a week, days that are otherwise, and the time that passes only then.

Every question is asked in wall-clock days of the department's zone and answered in UTC, so that a day of 23 or 25 hours
counts as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_AHEAD = 400
"""Days that are looked at for the next opening: a department that is closed for longer never opens."""
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Of one day, from a time up to another; ``until`` midnight (0:00) is the day's end."""

    since: time
    until: time


Day = tuple[Span, ...]
"""What is open on a day, in order, without overlap; empty: closed."""
ALL_DAY: Day = (Span(since=MIDNIGHT, until=MIDNIGHT),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """``week`` from Monday to Sunday; ``special`` days (holidays, or a working Saturday) count instead."""

    zone: ZoneInfo
    week: Sequence[Day] = (ALL_DAY,) * 7
    special: Mapping[date, Day] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody works at this moment."""
        return any(since <= at < until for since, until in self._around(at))

    def opens(self, at: datetime) -> datetime | None:
        """The moment itself while it is open, else the next opening; None if there is none within LOOK_AHEAD days."""
        return next((max(since, at) for since, until in self._from(at) if until > at), None)

    def closes(self, at: datetime) -> datetime | None:
        """When the span ends that is open at this moment; None while it is closed."""
        return next((until for since, until in self._around(at) if since <= at < until), None)

    def later(self, at: datetime, working: timedelta) -> datetime | None:
        """The moment at which so much working time will have passed; None if it never will."""
        left = working
        for since, until in self._from(at):
            begin = max(since, at)
            if until - begin >= left:
                return begin + left
            left -= max(until - begin, timedelta())
        return None

    def between(self, since: datetime, until: datetime) -> timedelta:
        """The working time from one moment to a later one, at most of LOOK_AHEAD days."""
        total = timedelta()
        for begin, end in self._from(since):
            if begin >= until:
                break
            total += max(min(end, until) - max(begin, since), timedelta())
        return total

    def _around(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        return self._spans(at.astimezone(self.zone).date())

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = at.astimezone(self.zone).date()
        for later in range(LOOK_AHEAD):
            yield from self._spans(day + timedelta(days=later))

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for span in self.special.get(day, self.week[day.weekday()]):
            ends = day + timedelta(days=1) if span.until == MIDNIGHT else day
            yield self._moment(day, span.since), self._moment(ends, span.until)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
