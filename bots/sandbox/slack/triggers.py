"""Trigger ids: a press or command lets the app open one modal, within three seconds."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.sandbox.hub import Hub
from bots.sandbox.slack.workspace import Refused

LIVES = timedelta(seconds=3)


@dataclass(slots=True, kw_only=True)
class Trigger:
    user: str
    made: datetime
    spent: bool = False


class Triggers:
    """``lives`` can be set in tests that are not about it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._known: dict[str, Trigger] = {}
        self.lives = LIVES

    def reset(self) -> None:
        self._known.clear()

    def issue(self, user: str) -> str:
        number = int(self._hub.now().timestamp() * 1000)
        id = f"{number}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._known[id] = Trigger(user=user, made=self._hub.now())
        return id

    def spend(self, id: str) -> str:
        """Whose trigger it was. Raises Refused."""
        if id not in self._known:
            raise Refused("invalid_trigger_id")
        trigger = self._known[id]
        if trigger.spent:
            raise Refused("exchanged_trigger_id")
        if self._hub.now() - trigger.made > self.lives:
            raise Refused("expired_trigger_id")
        trigger.spent = True
        return trigger.user
