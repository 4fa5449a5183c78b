"""When a failed try is repeated, and when it has been tried enough. Pure."""

from datetime import datetime, timedelta

LONGEST = timedelta(minutes=10)
OLDEST = timedelta(hours=24)
MOST_TRIES = 200


def wait_before(attempts: int, after: timedelta, spread: float) -> timedelta:
    """How long to wait after ``attempts`` failed tries: doubling from 1 s, and never shorter than the platform asked.

    ``spread`` from 0 to 1 sets tries apart that failed together.
    """
    doubled = timedelta(seconds=2 ** min(attempts, 10) / 2)
    own = min(doubled, LONGEST) * (0.75 + spread / 2)
    return max(own, after * (1 + spread / 10))


def given_up(attempts: int, since: datetime, next_try: datetime) -> bool:
    """True once it was tried too often, or the next try would come a day too late."""
    return attempts >= MOST_TRIES or next_try - since > OLDEST
