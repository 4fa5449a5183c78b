"""How much an account may send to one person, by what that person last did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.sandbox.wechat.errors import Errcode

TYPING_WINDOW = timedelta(seconds=30)
TYPING_LASTS = timedelta(seconds=15)


@dataclass(slots=True)
class _Window:
    left: int
    until: datetime


class Quota:
    """Two windows: messages open the long one, clicks, follows and scans the short one.

    Each is set anew by the interaction that opens it. A send counts in every window that is open, so that the two
    never add up, and passes while one of them has something left.
    """

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._last: datetime | None = None
        self._typing_until: datetime | None = None

    def wrote(self, now: datetime) -> None:
        """Five sends within 48 hours."""
        self._last = now
        self._windows["wrote"] = _Window(5, now + timedelta(hours=48))

    def clicked(self, now: datetime) -> None:
        """Three sends within a minute."""
        self._last = now
        self._windows["clicked"] = _Window(3, now + timedelta(minutes=1))

    def left(self, now: datetime) -> int:
        """How many sends would pass now."""
        return max((window.left for window in self._open(now)), default=0)

    def check(self, now: datetime) -> None:
        """Raises Errcode 45015 where no window is open, 45047 where all is spent."""
        if not self._open(now):
            raise Errcode(45015)
        if not self.left(now):
            raise Errcode(45047)

    def spend(self, now: datetime) -> None:
        """One message was sent; it also ends the typing."""
        self._typing_until = None
        for window in self._open(now):
            window.left = max(0, window.left - 1)

    def type(self, now: datetime) -> None:
        """Show the typing. Raises Errcode 45080 if nothing happened in the last 30 s, 45081 if it is shown."""
        if self._last is None or now - self._last > TYPING_WINDOW:
            raise Errcode(45080)
        if self._typing_until is not None and now < self._typing_until:
            raise Errcode(45081)
        self._typing_until = now + TYPING_LASTS

    def stop_typing(self) -> None:
        self._typing_until = None

    def close(self) -> None:
        """The person left, or too much time has passed: nothing may be sent."""
        self._windows.clear()
        self._last = None

    def _open(self, now: datetime) -> list[_Window]:
        return [window for window in self._windows.values() if now < window.until]
