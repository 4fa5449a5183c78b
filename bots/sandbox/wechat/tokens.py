"""Access tokens of one account, which stable_token and token hand out independently of each other."""

import secrets
from datetime import datetime, timedelta

from bots.sandbox.wechat.errors import Errcode

LIFE = timedelta(hours=2)
OVERLAP = timedelta(minutes=5)
"""How long the token before stays valid after ``token`` has given a new one."""


class Tokens:
    """Which tokens are valid, and until when."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._stable = ""
        self._plain = ""

    def stable(self, now: datetime, force: bool) -> tuple[str, int]:
        """The token and the seconds it still lives; ``force`` makes a new one and ends the one before at once."""
        if force:
            self._until.pop(self._stable, None)
        if self._until.get(self._stable, now) <= now:
            self._stable = self._issue(now)
        return self._stable, int((self._until[self._stable] - now).total_seconds())

    def plain(self, now: datetime) -> tuple[str, int]:
        """A new token; the one before it lives on for five minutes."""
        if self._plain in self._until:
            self._until[self._plain] = min(self._until[self._plain], now + OVERLAP)
        self._plain = self._issue(now)
        return self._plain, int(LIFE.total_seconds())

    def check(self, token: str, now: datetime) -> None:
        """Raises Errcode 40001 for a token that never was or was ended, 42001 for one that is too old."""
        if token not in self._until:
            raise Errcode(40001)
        if self._until[token] <= now:
            raise Errcode(42001)

    def knows(self, token: str) -> bool:
        """Whether this account gave it out, valid or not."""
        return token in self._until

    def revoke(self) -> None:
        """End all tokens, as a reset of the app secret does."""
        self._until.clear()

    def _issue(self, now: datetime) -> str:
        token = f"8_{secrets.token_urlsafe(100)}"
        self._until[token] = now + LIFE
        return token
