"""What a send or a turn can come back with. Each says what to do next, not what happened."""

from datetime import timedelta


class RetryLater(Exception):
    """The platform can't take it now; try again after a while."""

    def __init__(self, after: timedelta, why: str = "") -> None:
        super().__init__(why)
        self.after = after


class Unreachable(Exception):
    """The person can't be reached here now: try another identity, else wait until they write."""


class Rejected(Exception):
    """It will never be taken as it is: show it to the people who can mend it."""


class ThreadGone(Rejected):
    """The thread isn't there any more: what was meant for it goes into a new one of the same ticket."""


class ChannelGone(ThreadGone):
    """The whole Slack channel takes nothing any more: its tickets go on in another one."""


class Closed(RetryLater):
    """Nothing is taken before people mend it: what is to leave waits, however long that lasts.

    ``everywhere``: not only where it was to go.
    """

    def __init__(self, after: timedelta, why: str, *, everywhere: bool) -> None:
        super().__init__(after, why)
        self.everywhere = everywhere


class Unconfirmed(Exception):
    """The answer was lost, so it may have arrived: look it up where that is possible before trying again."""


class DatabaseAway(Exception):
    """The database can't be reached; nothing was committed, so the platform must come again."""


class Invalid(Exception):
    """A file that people edit is wrong; each problem says file, line, column, reason and what to write."""

    def __init__(self, problems: "list[str]") -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
