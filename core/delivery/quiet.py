"""What is asked of the pacing for each row, and the quiet that a platform asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.delivery.claiming import Candidate
from core.delivery.pacing import Limit, Pacing, Pause
from core.delivery.parcels import Parcel, ToPerson
from core.messages import Capabilities, Rate
from core.ports import Clock


class Quiet:
    """``able`` by account (``platform:account``); ``per_channel`` is how many posts a second a Slack channel takes."""

    def __init__(
        self, pacing: Pacing, clock: Clock, *, able: Mapping[str, Capabilities], per_channel: float
    ) -> None:
        self._pacing = pacing
        self._clock = clock
        self._able = able
        self._per_channel = per_channel
        self._refused: dict[str, tuple[str, datetime]] = {}

    async def allowed(self, candidates: Sequence[Candidate]) -> Sequence[Pause | None]:
        """For each row, in order, None if it may leave now."""
        return await self._pacing.take([self._limits(candidate) for candidate in candidates])

    async def refused(self, parcel: Parcel, after: timedelta) -> None:
        """A platform said not now: its chat is left alone, and when a second chat hears it, the whole account."""
        if after <= timedelta():
            return
        until = self._clock() + after
        if not isinstance(parcel, ToPerson):
            await self._pacing.hold(f"desk:{parcel.ticket.channel}", until)
            return
        account = f"{parcel.identity.platform}:{parcel.identity.account}"
        chat = _chat_key(account, parcel.identity.chat)
        await self._pacing.hold(chat, until)
        before, held = self._refused.get(account, (chat, until))
        if before != chat and held > self._clock():
            await self._pacing.hold(account, max(until, held))
        self._refused[account] = (chat, until)

    def _limits(self, candidate: Candidate) -> list[Limit]:
        place = candidate.place
        if not candidate.chat:
            rate = self._per_channel
            return [Limit(key=place, count=1, seconds=1 / rate)] if rate > 0 else [Limit(key=place)]
        able = self._able.get(place)
        rates = able.rates if able else ()
        return [
            *_limits(place, [rate for rate in rates if rate.scope == "account"]),
            *_limits(_chat_key(place, candidate.chat), [rate for rate in rates if rate.scope == "chat"]),
        ]


def _limits(key: str, rates: Sequence[Rate]) -> list[Limit]:
    return [Limit(key=key, count=rate.count, seconds=rate.seconds) for rate in rates] or [Limit(key=key)]


def _chat_key(account: str, chat: str) -> str:
    return f"{account}:{chat}"
