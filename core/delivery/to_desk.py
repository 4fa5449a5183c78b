"""One thing for the desk: a ticket's card, a post or file in its thread, the card's newest state, a mark."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from core.delivery.drafting import params_of, stored
from core.delivery.files import FileStore
from core.delivery.outcomes import LeaseLost, Outcomes
from core.delivery.parcels import ToDesk
from core.delivery.quiet import Quiet
from core.errors import DatabaseAway, Rejected, RetryLater, Unconfirmed
from core.messages import Card, Mark, Post, Say, Thread
from core.ports import Desk

log = structlog.get_logger()

_FAILED = frozenset({"dead", "parked"})
_GONE = frozenset({"sent", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTheDesk:
    """``card`` renders a ticket's card from the truth, ``text`` a notice in the desk's language."""

    desk: Desk
    card: Callable[[int], Awaitable[Card]]
    text: Callable[[Say], str]
    files: FileStore
    outcomes: Outcomes
    quiet: Quiet

    async def deliver(self, parcel: ToDesk) -> None:
        """Do it and write what became of it."""
        head = parcel.claimed.head
        try:
            await self._deliver(parcel)
        except RetryLater as busy:
            await self.quiet.refused(parcel, busy.after)
            await self.outcomes.later(parcel, busy.after, str(busy), unconfirmed=head.unconfirmed)
        except Rejected as rejected:
            say = Say(name="outbox.refused", params={"detail": str(rejected)})
            await self.outcomes.dead(parcel, self.text(say))
        except Unconfirmed as lost:
            await self.outcomes.later(parcel, timedelta(), str(lost), unconfirmed=True)
        except DatabaseAway as away:
            await self.outcomes.later(parcel, timedelta(), str(away), unconfirmed=head.unconfirmed)
        except LeaseLost:
            log.warning("a post was stopped: somebody else has it in hand", key=head.key)
        except Exception as failure:
            log.exception("the desk failed in a way that nobody foresaw", key=head.key)
            await self.outcomes.later(parcel, timedelta(), repr(failure), unconfirmed=True)

    async def _deliver(self, parcel: ToDesk) -> None:
        match parcel.claimed.head.kind:
            case "open":
                await self._open(parcel)
            case "card":
                await self.desk.update(_thread(parcel), await self.card(parcel.ticket.id))
                await self.outcomes.sent(parcel)
            case "mark":
                await self._mark(parcel)
            case _:
                await self._post(parcel)

    async def _open(self, parcel: ToDesk) -> None:
        found = await self._found(parcel, None)
        if found is not None:
            thread = Thread(channel=parcel.ticket.channel, id=found)
        else:
            thread = await self.desk.open(parcel.claimed.head.key, await self.card(parcel.ticket.id))
        await self.outcomes.sent(parcel, thread.id, thread=thread)

    async def _post(self, parcel: ToDesk) -> None:
        found = await self._found(parcel, _thread(parcel))
        if found is None:
            keep = partial(self.outcomes.keep, parcel)
            found = await self.desk.post(
                parcel.claimed.head.key, _thread(parcel), self._content(parcel), keep
            )
        await self.outcomes.sent(parcel, found)

    async def _found(self, parcel: ToDesk, thread: Thread | None) -> str | None:
        """What a try whose outcome nobody knows left behind."""
        head = parcel.claimed.head
        if not head.unconfirmed:
            return None
        return await self.desk.find(head.key, head.trace, parcel.ticket.channel, thread, head.created_at)

    def _content(self, parcel: ToDesk) -> Post:
        """What is posted. Raises Rejected for a notice whose text doesn't exist: it must not hold up its thread."""
        body = parcel.claimed.head.body
        author, platform = str(body.get("author", "")), str(body.get("platform", ""))
        if name := body.get("say"):
            try:
                text = self.text(Say(name=str(name), params=params_of(body)))
            except KeyError as unknown:
                raise Rejected(f"no text {unknown}") from unknown
            return Post(text=text, author=author, platform=platform)
        if parcel.claimed.head.kind != "file":
            return Post(text=str(body.get("text", "")), author=author, platform=platform)
        files = [file for file in parcel.files if file.state == "stored"]
        if not files:
            named = parcel.files[0].name or parcel.files[0].kind if parcel.files else ""
            missing = self.text(Say(name="desk.file_missing", params={"name": named}))
            return Post(text=missing, author=author, platform=platform)
        ready = tuple(stored(file, str(self.files.path(file.sha256))) for file in files)
        return Post(text="", author=author, platform=platform, attachments=ready)

    async def _mark(self, parcel: ToDesk) -> None:
        shown = _as_mark(parcel.claimed.head.body.get("shown"))
        wanted = mark_for(parcel.states)
        if wanted is None or wanted == shown or parcel.message is None:
            await self.outcomes.sent(parcel)
            return
        await self.desk.mark(_thread(parcel), parcel.message.external_id, wanted, shown)
        await self.outcomes.sent(parcel, body={"shown": wanted})


def mark_for(states: tuple[str, ...]) -> Mark | None:
    """What an agent's message shows, by what became of its deliveries; None: nothing had to leave."""
    if _FAILED.intersection(states):
        return "failed"
    if not set(states) - {"cancelled"}:
        return None
    return "sent" if _GONE.issuperset(states) else "waiting"


def _as_mark(shown: object) -> Mark | None:
    marks: dict[object, Mark] = {"waiting": "waiting", "sent": "sent", "failed": "failed"}
    return marks.get(shown)


def _thread(parcel: ToDesk) -> Thread:
    return Thread(channel=parcel.ticket.channel, id=parcel.ticket.thread)
