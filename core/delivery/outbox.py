"""The one exit: takes due rows lane by lane, sends them side by side, and never two of one lane at once."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.delivery import leases, parcels
from core.delivery.accidents import Accidents
from core.delivery.claiming import Claims
from core.delivery.files import FileStore
from core.delivery.fitting import Fitting
from core.delivery.outcomes import Outcomes
from core.delivery.pacing import Pacing
from core.delivery.parcels import ToDesk, ToPerson
from core.delivery.quiet import DeskRates, Quiet
from core.delivery.side import EVERY, Side
from core.delivery.to_desk import ToTheDesk
from core.delivery.to_people import LostSend, ToPeople
from core.delivery.wakeup import MemoryWakeup, Wakeup
from core.desk import Card
from core.errors import DatabaseAway
from core.messages import Say
from core.metrics import Metrics
from core.ports import Channel, Clock, Desk
from core.storage.engine import Storage
from core.storage.models import Delivery

log = structlog.get_logger()

RENEWED = timedelta(seconds=5)
"""How often the leases in hand are renewed."""
GRACE = 10.0
"""Seconds that sends in hand may take when we stop."""
TO_PEOPLE, TO_DESK = 64, 16
"""Sends at a time."""

Sides = list[Side[ToPerson] | Side[ToDesk]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """``channels`` by (platform, account).

    ``text`` renders for the agents, ``hint`` is the line "reply with a number" in a person's language, ``card`` a
    ticket's card from the truth; ``lost_send`` says what becomes of a send whose answer was lost where the platform
    can't be asked.
    """

    storage: Storage
    clock: Clock
    channels: Mapping[tuple[str, str], Channel]
    desk: Desk | None
    text: Callable[[Say], str]
    hint: Callable[[str], str]
    card: Callable[[int], Awaitable[Card]]
    wakeup: Wakeup
    pacing: Pacing
    files: FileStore
    metrics: Metrics
    lost_send: LostSend
    grace: float = GRACE

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop``; then finish what is in hand, for at most ten seconds, and give back the rest."""
        nudge = MemoryWakeup()
        sides = self._sides(nudge)
        looking = [asyncio.create_task(side.serve(stop)) for side in sides]
        watching = asyncio.create_task(self._watch(sides, nudge))
        try:
            await stop.wait()
            nudge.ring()
            await asyncio.gather(*looking)
            await self._end(sides)
        finally:
            for task in (watching, *looking, *(task for side in sides for task in side.in_hand)):
                task.cancel()
            await asyncio.gather(watching, *looking, return_exceptions=True)

    def _sides(self, nudge: MemoryWakeup) -> Sides:
        able = {key: channel.capabilities for key, channel in self.channels.items()}
        outcomes = Outcomes(
            storage=self.storage, clock=self.clock, able=able, text=self.text, spread=random.random,
            metrics=self.metrics,
        )  # fmt: skip
        places = {":".join(key): value for key, value in able.items()}
        quiet = Quiet(self.pacing, self.clock, able=places, desk=_rates(self.desk))
        sides: Sides = [
            self._to_people(Claims(self.storage, self.clock, desk=False, able=able), outcomes, quiet, nudge)
        ]
        if self.desk is not None:
            claims = Claims(self.storage, self.clock, desk=True, able=able)
            sides.append(self._to_desk(self.desk, claims, outcomes, quiet, nudge))
        return sides

    def _to_people(
        self, claims: Claims, outcomes: Outcomes, quiet: Quiet, nudge: MemoryWakeup
    ) -> Side[ToPerson]:
        people = ToPeople(
            channels=self.channels, clock=self.clock, text=self.text, hint=self.hint,
            fitting=Fitting(files=self.files), outcomes=outcomes, quiet=quiet, accidents=self._accidents,
            lost_send=self.lost_send,
        )  # fmt: skip
        return Side(
            storage=self.storage, clock=self.clock, claims=claims, quiet=quiet, gather=parcels.to_people,
            deliver=people.deliver, most=TO_PEOPLE, nudge=nudge,
        )  # fmt: skip

    def _to_desk(
        self, desk: Desk, claims: Claims, outcomes: Outcomes, quiet: Quiet, nudge: MemoryWakeup
    ) -> Side[ToDesk]:
        posts = ToTheDesk(
            desk=desk, card=self.card, text=self.text, files=self.files, outcomes=outcomes, quiet=quiet,
            accidents=self._accidents,
        )  # fmt: skip
        return Side(
            storage=self.storage, clock=self.clock, claims=claims, quiet=quiet, gather=parcels.to_desk,
            deliver=posts.deliver, most=TO_DESK, nudge=nudge,
        )  # fmt: skip

    @property
    def _accidents(self) -> Accidents:
        return Accidents(storage=self.storage, clock=self.clock)

    async def _watch(self, sides: Sides, nudge: MemoryWakeup) -> None:
        """Pass wake-ups on, and renew the leases."""
        heard, next_time = self.wakeup.heard, self.clock()
        while True:
            if self.clock() >= next_time:
                next_time = self.clock() + RENEWED
                await self._hold_on([row for side in sides for row in side.held()])
            await self.wakeup.wait(EVERY, heard)
            heard = self.wakeup.heard
            nudge.ring()

    async def _hold_on(self, held: list[Delivery]) -> None:
        try:
            await leases.renew(self.storage, self.clock, held)
        except DatabaseAway as failure:
            log.warning("leases can't be renewed: the database is away", reason=str(failure))

    async def _end(self, sides: Sides) -> None:
        """Finish the sends in hand; what takes too long is given up, for others to look up or repeat."""
        tasks = {task: claimed for side in sides for task, claimed in side.in_hand.items()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self.grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        try:
            await leases.give_up(self.storage, self.clock, [row for task in late for row in tasks[task].rows])
        except DatabaseAway as failure:
            log.warning("could not give back what is in hand: its leases run out", reason=str(failure))


def _rates(desk: Desk | None) -> DeskRates:
    if desk is None:
        return DeskRates()
    return DeskRates(posts=desk.rate_per_channel, edits=desk.edits_per_minute, marks=desk.marks_per_minute)
