"""How long the stand-ins wait. The defaults are the platforms' own; tests shorten them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All in seconds, but the number of tries."""

    heartbeat: float = 15
    """Between two signs of life on the page's stream, so that no proxy cuts it."""
    wechat_patience: float = 5
    """How long WeChat waits for an answer; a try that failed sooner is also repeated only then."""
    wechat_tries: int = 3
    wechat_lead: float = 0.5
    """A phone's next event leaves when the one before was answered, or this long after that one left."""
    telegram_patience: float = 60
    telegram_first_pause: float = 1
    """After the second failure in a row; it doubles from there."""
    telegram_longest_pause: float = 64
    slack_patience: float = 3
    slack_retries: tuple[float, ...] = (0, 60, 300)
    """The pause before each further delivery of an event."""


REAL = Pace()
