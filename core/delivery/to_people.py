"""One send to one person: what stands in its way, whether it went before, the call, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Literal

import structlog

from core.delivery.accidents import Accidents
from core.delivery.changing import Correction, Delete, Edit, planned_change
from core.delivery.drafting import Draft, draft
from core.delivery.fitting import Fitting, Missing, Refused
from core.delivery.outcomes import LeaseLost, Outcomes
from core.delivery.parcels import ToPerson
from core.delivery.quiet import Quiet
from core.delivery.reach import obstacle
from core.delivery.telling import What
from core.errors import Closed, Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Capabilities, Say
from core.ports import Channel, Clock

log = structlog.get_logger()

LostSend = Literal["repeat", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPeople:
    """``hint`` is the line "reply with a number" in a language; ``text`` renders for the agents."""

    channels: Mapping[tuple[str, str], Channel]
    clock: Clock
    text: Callable[[Say], str]
    hint: Callable[[str], str]
    fitting: Fitting
    outcomes: Outcomes
    quiet: Quiet
    accidents: Accidents
    lost_send: LostSend

    async def deliver(self, parcel: ToPerson) -> None:
        """Send it and write what became of it."""
        channel = self.channels.get((parcel.identity.platform, parcel.identity.account))
        if parcel.claimed.head.kind in ("edit", "delete"):
            await self._change(parcel, channel)
            return
        if channel is None:
            await self._unreached(parcel, None)
            return
        try:
            planned = await self._draft(parcel, channel.capabilities)
        except Refused as refused:
            what: What = "failed" if isinstance(refused, Missing) else "unfit"
            await self._refused(parcel, self._limit_told(refused, channel), what)
            return
        except Exception:  # it must not hold up its chat
            log.exception("a row can't be made into a message", key=parcel.claimed.head.key)
            await self.outcomes.dead(parcel, self.text(Say(name="outbox.broken")), spent=parcel.owed)
            return
        if planned is None:
            await self.outcomes.sent(parcel)
        elif not parcel.claimed.head.unconfirmed:
            await self._send(parcel, channel, planned, repeated=False)
        elif channel.capabilities.lookup:
            await self._look_up(parcel, channel, planned)
        else:
            await self._repeat(parcel, channel, planned)

    async def _draft(self, parcel: ToPerson, able: Capabilities) -> Draft | None:
        """What is sent now. Raises Refused."""
        claimed = parcel.claimed
        files = []
        if claimed.head.kind == "file":
            files = [await self.fitting.fit(file, able) for file in parcel.files]
        hint = self.hint(parcel.language) if claimed.head.body.get("choices") else ""
        return draft(claimed.rows, parcel.to, able, hint, files)

    def _limit_told(self, refused: Refused, channel: Channel) -> str:
        title = channel.capabilities.title or channel.platform
        return self.text(replace(refused.say, params={"platform": title, **refused.say.params}))

    async def _refused(self, parcel: ToPerson, why: str, what: What = "failed") -> None:
        """Files that go together go alone from now on, so that only the one that is wrong stays behind."""
        head = parcel.claimed.head
        if head.kind == "file" and len(parcel.claimed.rows) > 1 and not head.unconfirmed:
            await self.outcomes.apart(parcel)
        else:
            await self.outcomes.dead(parcel, why, spent=parcel.owed, what=what)

    async def _look_up(self, parcel: ToPerson, channel: Channel, planned: Draft) -> None:
        """Nobody knows whether it went: ask the platform before it is sent again."""
        head = parcel.claimed.head
        try:
            found = await channel.find(planned.message, head.trace, head.created_at)
        except RetryLater as busy:
            await self.outcomes.later(parcel, busy.after, str(busy), unconfirmed=True)
            return
        except Exception as failure:
            log.exception("a look-up failed in a way that nobody foresaw", platform=parcel.platform)
            await self.outcomes.later(parcel, timedelta(), repr(failure), unconfirmed=True)
            return
        if found is None:
            await self._send(parcel, channel, planned, repeated=False)
        else:
            await self._gone(parcel, planned, found, spent=1)

    async def _repeat(self, parcel: ToPerson, channel: Channel, planned: Draft) -> None:
        """Nobody can know whether it went: at most one try more."""
        if self.lost_send == "never" or parcel.claimed.lost_again:
            await self.outcomes.dead(parcel, self.text(Say(name="outbox.lost")), spent=parcel.owed)
            return
        await self._send(parcel, channel, planned, repeated=True)

    async def _send(self, parcel: ToPerson, channel: Channel, planned: Draft, *, repeated: bool) -> None:
        """The call itself."""
        if obstacle(parcel.identity, channel.capabilities, self.clock(), parcel.owed):
            await self._unreached(parcel, channel.capabilities)
            return
        if repeated and not await self.outcomes.repeats(parcel):
            return
        try:
            external_id = await channel.send(planned.message, partial(self.outcomes.keep, parcel))
        except RetryLater as busy:
            await self._not_now(parcel, busy, repeated=repeated)
        except Unreachable as gone:
            await self.outcomes.unreached(parcel, self._told("outbox.unreachable", gone))
        except Rejected as rejected:
            await self._refused(parcel, self._told("outbox.refused", rejected))
        except Unconfirmed as lost:
            await self._lost(parcel, channel, str(lost), repeated=repeated)
        except LeaseLost:
            log.warning("a send was stopped: somebody else has it in hand", key=parcel.claimed.head.key)
        except Exception as failure:
            log.exception("a send failed in a way that nobody foresaw", platform=parcel.platform)
            await self._lost(parcel, channel, repr(failure), repeated=repeated)
        else:
            await self._gone(parcel, planned, external_id, spent=1 + parcel.owed)

    async def _not_now(self, parcel: ToPerson, busy: RetryLater, *, repeated: bool) -> None:
        await self.quiet.refused(parcel, busy.after)
        if isinstance(busy, Closed):
            await self.accidents.closed(parcel, busy)
        else:
            await self.outcomes.later(parcel, busy.after, str(busy), unconfirmed=repeated, spent=parcel.owed)

    async def _gone(self, parcel: ToPerson, planned: Draft, external_id: str, *, spent: int) -> None:
        if planned.done is None:
            await self.outcomes.sent(parcel, external_id[:128], spent=spent)
        else:
            await self.outcomes.part(parcel, planned.done, external_id, spent=spent)

    async def _lost(self, parcel: ToPerson, channel: Channel, why: str, *, repeated: bool) -> None:
        spent = 1 + parcel.owed
        if not channel.capabilities.lookup and (repeated or self.lost_send == "never"):
            await self.outcomes.dead(parcel, self.text(Say(name="outbox.lost")), spent=spent)
            return
        await self.outcomes.later(parcel, timedelta(), why, unconfirmed=True, spent=spent)

    async def _unreached(self, parcel: ToPerson, able: Capabilities | None) -> None:
        """As if the platform had said so, without asking it."""
        await self.outcomes.unreached(parcel, self._in_the_way(parcel, able))

    def _in_the_way(self, parcel: ToPerson, able: Capabilities | None) -> str:
        reason = obstacle(parcel.identity, able, self.clock(), parcel.owed)
        assert reason is not None
        return self.text(reason)

    async def _change(self, parcel: ToPerson, channel: Channel | None) -> None:
        """What was sent is edited or taken back, part by part; a lost answer does no harm, for it is done again.

        It means nothing anywhere else.
        """
        if channel is None:
            await self.outcomes.dead(parcel, self._in_the_way(parcel, None))
            return
        change = planned_change(parcel, channel.capabilities)
        if isinstance(change, Correction):
            await self.outcomes.instead(parcel, change.text)
            return
        try:
            if isinstance(change, Edit):
                await channel.edit(change.message, change.external_id)
            elif isinstance(change, Delete):
                await channel.delete(parcel.to, change.external_id)
        except RetryLater as busy:
            await self.quiet.refused(parcel, busy.after)
            await self.outcomes.later(parcel, busy.after, str(busy), unconfirmed=False)
        except (Rejected, Unreachable) as refused:
            await self.outcomes.dead(parcel, self._told("outbox.refused", refused))
        except Unconfirmed as lost:
            await self.outcomes.later(parcel, timedelta(), str(lost), unconfirmed=False)
        except Exception as failure:
            log.exception("a change failed in a way that nobody foresaw", platform=parcel.platform)
            await self.outcomes.later(parcel, timedelta(), repr(failure), unconfirmed=False)
        else:
            await self._changed(parcel, last=change is None or change.last)

    async def _changed(self, parcel: ToPerson, *, last: bool) -> None:
        if last:
            await self.outcomes.sent(parcel)
        else:
            await self.outcomes.part(parcel, parcel.claimed.head.done + 1, spent=0)

    def _told(self, name: str, failure: Exception) -> str:
        return self.text(Say(name=name, params={"detail": str(failure)}))
