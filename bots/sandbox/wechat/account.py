"""One Official Account: what the platform keeps of it."""

import hashlib
import secrets

import aiohttp

from bots.sandbox.config import WeChatSide
from bots.sandbox.going import Going
from bots.sandbox.hub import Hub, Json
from bots.sandbox.pace import Pace
from bots.sandbox.wechat.media import MediaBox
from bots.sandbox.wechat.tokens import Tokens


class Account:
    """``original`` is the id (gh_…) that stands in its messages.

    ``customer_service`` False plays an unverified account, ``auto_replies`` one whose own auto-replies are on.
    """

    def __init__(self, side: WeChatSide, hub: Hub, pace: Pace, going: Going) -> None:
        self.side = side
        self.name = side.account
        self.hub = hub
        self.pace = pace
        self.going = going
        self.original = f"gh_{hashlib.sha1(side.app_id.encode()).hexdigest()[:12]}"
        self.tokens = Tokens()
        self.media = MediaBox(hub)
        self.buttons: list[Json] = []
        self.tickets: dict[str, str] = {}
        self.customer_service = side.customer_service
        self.auto_replies = False
        self.http: aiohttp.ClientSession | None = None
        self.base = ""
        self._number = int(hub.now().timestamp() * 10**7)

    def next_number(self) -> int:
        """A new MsgId, higher than all before, even those of an earlier run."""
        self._number += 1 + secrets.randbelow(5)
        return self._number
