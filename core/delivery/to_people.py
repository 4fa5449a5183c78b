"""One send to one person: what stands in its way, whether it went before, the call, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

import structlog

from core.delivery.drafting import Draft, Refused, draft, stored
from core.delivery.files import FileStore
from core.delivery.outcomes import LeaseLost, Outcomes
from core.delivery.parcels import ToPerson
from core.delivery.quiet import Quiet
from core.delivery.reach import obstacle
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
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
    files: FileStore
    outcomes: Outcomes
    quiet: Quiet
    lost_send: LostSend

    async def deliver(self, parcel: ToPerson) -> None:
        """Send it and write what became of it."""
        channel = self.channels.get((parcel.identity.platform, parcel.identity.account))
        if channel is None:
            await self._unreached(parcel, None)
            return
        try:
            planned = self._draft(parcel, channel.capabilities)
        except Refused as refused:
            await self.outcomes.dead(parcel, self.text(refused.say), spent=parcel.owed)
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

    def _draft(self, parcel: ToPerson, able: Capabilities) -> Draft | None:
        """What is sent now. Raises Refused."""
        claimed = parcel.claimed
        missing = [file for file in parcel.files if file.state != "stored"]
        if claimed.head.kind == "file" and (missing or not parcel.files):
            name = (missing[0].name or missing[0].kind) if missing else ""
            raise Refused(Say(name="desk.file_missing", params={"name": name}))
        files = [stored(file, str(self.files.path(file.sha256))) for file in parcel.files]
        hint = self.hint(parcel.language) if claimed.head.body.get("choices") else ""
        return draft(claimed.rows, parcel.to, able, hint, files)

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
            await self.quiet.refused(parcel, busy.after)
            await self.outcomes.later(parcel, busy.after, str(busy), unconfirmed=repeated, spent=parcel.owed)
        except Unreachable as gone:
            await self.outcomes.unreached(parcel, self._told("outbox.unreachable", gone))
        except Rejected as rejected:
            why = self._told("outbox.refused", rejected)
            await self.outcomes.dead(parcel, why, spent=parcel.owed)
        except Unconfirmed as lost:
            await self._lost(parcel, channel, str(lost), repeated=repeated)
        except LeaseLost:
            log.warning("a send was stopped: somebody else has it in hand", key=parcel.claimed.head.key)
        except Exception as failure:
            log.exception("a send failed in a way that nobody foresaw", platform=parcel.platform)
            await self._lost(parcel, channel, repr(failure), repeated=repeated)
        else:
            await self._gone(parcel, planned, external_id, spent=1 + parcel.owed)

    async def _gone(self, parcel: ToPerson, planned: Draft, external_id: str, *, spent: int) -> None:
        if planned.done is None:
            await self.outcomes.sent(parcel, external_id[:128], spent=spent)
        else:
            await self.outcomes.part(parcel, planned.done, spent=spent)

    async def _lost(self, parcel: ToPerson, channel: Channel, why: str, *, repeated: bool) -> None:
        spent = 1 + parcel.owed
        if not channel.capabilities.lookup and (repeated or self.lost_send == "never"):
            await self.outcomes.dead(parcel, self.text(Say(name="outbox.lost")), spent=spent)
            return
        await self.outcomes.later(parcel, timedelta(), why, unconfirmed=True, spent=spent)

    async def _unreached(self, parcel: ToPerson, able: Capabilities | None) -> None:
        """As if the platform had said so, without asking it."""
        reason = obstacle(parcel.identity, able, self.clock(), parcel.owed)
        assert reason is not None
        await self.outcomes.unreached(parcel, self.text(reason))

    def _told(self, name: str, failure: Exception) -> str:
        return self.text(Say(name=name, params={"detail": str(failure)}))
