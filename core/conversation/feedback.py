"""When "did this help?" is asked: sparingly, but often enough to know of every answer whether it does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY = timedelta(hours=6)
"""How often one person is asked about answers that are known to be good."""
SURE = 0.9
"""The probability from which an answer is beyond doubt."""
LATEST = 50
"""Questions of an entry that are looked at: who is asked less says less, and so is asked more again."""
_YOUNG = 5
"""Verdicts that an answer needs before it is known."""
_DOUBTFUL = 0.25
"""Share of verdicts against it that makes an answer doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What people said lately of an entry's answer."""

    helped: int = 0
    unhelped: int = 0

    @property
    def settled(self) -> bool:
        """Enough people found it good."""
        verdicts = self.helped + self.unhelped
        return verdicts >= _YOUNG and self.unhelped < _DOUBTFUL * verdicts


def wanted(
    standing: Standing, probability: float, *, in_a_row: bool, asked_at: datetime | None, now: datetime
) -> bool:
    """Whether this answer shall be asked about; ``in_a_row``: the person's last answer was, at ``asked_at``."""
    if in_a_row:
        return False
    if not standing.settled or probability < SURE:
        return True
    return asked_at is None or now - asked_at >= EVERY
