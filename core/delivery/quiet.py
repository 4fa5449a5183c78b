"""What is asked of the pacing for each row, and the quiet that a platform asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.delivery.claiming import Candidate
from core.delivery.pacing import Limit, Pacing, Pause
from core.delivery.parcels import Parcel, ToDesk, ToPerson
from core.messages import Capabilities, Rate
from core.ports import Clock

DESK = "desk"
"""All that goes to the desk: held while it is closed to us."""
_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRates:
    """What the desk takes: posts a second in one Slack channel, edits and marks a minute in all; 0: any number."""

    posts: float = 0.0
    edits: int = 0
    marks: int = 0


class Quiet:
    """``able`` by account (``platform:account``)."""

    def __init__(
        self, pacing: Pacing, clock: Clock, *, able: Mapping[str, Capabilities], desk: DeskRates
    ) -> None:
        self._pacing = pacing
        self._clock = clock
        self._able = able
        self._desk = desk
        self._refused: dict[str, tuple[str, datetime]] = {}

    async def allowed(self, candidates: Sequence[Candidate]) -> Sequence[Pause | None]:
        """For each row, in order, None if it may leave now."""
        return await self._pacing.take([self._limits(candidate) for candidate in candidates])

    async def refused(self, parcel: Parcel, after: timedelta, *, everywhere: bool = False) -> None:
        """A platform said not now: its chat is left alone, and when a second chat hears it, the whole account.

        The desk counts posts by Slack channel, edits and marks each for themselves: a card too many keeps no post back.
        ``everywhere``: nothing of all that goes.
        """
        if after <= timedelta():
            return
        until = self._clock() + after
        if not isinstance(parcel, ToPerson):
            await self._pacing.hold(DESK if everywhere else _counted_as(parcel), until)
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
            return self._at_the_desk(place)
        able = self._able.get(place)
        rates = able.rates if able else ()
        return [
            *_limits(place, [rate for rate in rates if rate.scope == "account"]),
            *_limits(_chat_key(place, candidate.chat), [rate for rate in rates if rate.scope == "chat"]),
        ]

    def _at_the_desk(self, place: str) -> list[Limit]:
        """A card takes the place of a post in its Slack channel, so it goes where there is none to go."""
        what, _, channel = place.partition(":")
        rates, closed = self._desk, Limit(key=DESK)
        if what == "marks":
            return [closed, Limit(key=what, count=rates.marks, seconds=_MINUTE)]
        seconds = 1 / rates.posts if rates.posts > 0 else 0.0
        post = Limit(key=f"{DESK}:{channel}", count=int(rates.posts > 0), seconds=seconds)
        if what == "cards":
            return [closed, Limit(key=what, count=rates.edits, seconds=_MINUTE), post]
        return [closed, post]


def _counted_as(parcel: ToDesk) -> str:
    """The key of the rate that a row for the desk falls under."""
    match parcel.claimed.head.kind:
        case "mark":
            return "marks"
        case "card" | "moved":
            return "cards"
        case _:
            return f"{DESK}:{parcel.thread.channel}"


def _limits(key: str, rates: Sequence[Rate]) -> list[Limit]:
    return [Limit(key=key, count=rate.count, seconds=rate.seconds) for rate in rates] or [Limit(key=key)]


def _chat_key(account: str, chat: str) -> str:
    return f"{account}:{chat}"
