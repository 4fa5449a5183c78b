"""What answers are made from: the entries that serve today, conversions between scripts, and plain forms."""

from datetime import date, datetime

from core.conversation.faq.book import Faq
from core.conversation.faq.normal import Normal
from core.conversation.faq.shelf import Shelf
from core.conversation.script import Scripts


class Library:
    """Made once a process; reading its dictionaries takes some 60 ms."""

    def __init__(self) -> None:
        self.normal = Normal()
        self.scripts = Scripts()
        self._shelf: tuple[Faq, date, Shelf] | None = None

    def shelf(self, faq: Faq, day: date) -> Shelf:
        """What serves on a day; made anew only with the FAQ and the day."""
        if self._shelf is None or self._shelf[0] is not faq or self._shelf[1] != day:
            self._shelf = faq, day, Shelf.of(faq.entries.values(), day)
        return self._shelf[2]


def day_of(now: datetime) -> date:
    """Days begin and end by the machine's time zone (TZ)."""
    return now.astimezone().date()
