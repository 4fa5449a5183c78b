"""One thing for the desk: a ticket's card, a post or file in its thread, the card's newest state, a mark."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from core.delivery.accidents import MEANWHILE, Accidents
from core.delivery.drafting import stored
from core.delivery.files import FileStore
from core.delivery.notices import post_of
from core.delivery.outcomes import LeaseLost, Outcomes
from core.delivery.parcels import ToDesk
from core.delivery.quiet import Quiet
from core.desk import Card, Mark, Post
from core.errors import ChannelGone, Closed, DatabaseAway, Rejected, RetryLater, ThreadGone, Unconfirmed
from core.messages import Say, Thread
from core.ports import Desk
from core.storage.models import Attachment

log = structlog.get_logger()

_FAILED = frozenset({"dead", "parked"})
_GONE = frozenset({"sent", "cancelled"})
_MARKS: tuple[Mark, ...] = ("waiting", "sent", "failed", "held", "private")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTheDesk:
    """``card`` renders a ticket's card from the truth, ``text`` a notice in the desk's language."""

    desk: Desk
    card: Callable[[int], Awaitable[Card]]
    text: Callable[[Say], str]
    files: FileStore
    outcomes: Outcomes
    quiet: Quiet
    accidents: Accidents

    async def deliver(self, parcel: ToDesk) -> None:
        """Do it and write what became of it."""
        head = parcel.claimed.head
        try:
            await self._deliver(parcel)
        except Closed as closed:
            await self.quiet.refused(parcel, closed.after, everywhere=closed.everywhere)
            await self.accidents.closed(parcel, closed)
        except ThreadGone as gone:
            await self._lost(parcel, gone)
        except RetryLater as busy:
            await self.quiet.refused(parcel, busy.after)
            await self.outcomes.later(parcel, busy.after, str(busy), unconfirmed=head.unconfirmed)
        except Rejected as rejected:
            await self._refused(parcel, rejected)
        except Unconfirmed as lost:
            await self.outcomes.later(parcel, timedelta(), str(lost), unconfirmed=True)
        except DatabaseAway as away:
            await self.outcomes.later(parcel, timedelta(), str(away), unconfirmed=head.unconfirmed)
        except LeaseLost:
            log.warning("a post was stopped: somebody else has it in hand", key=head.key)
        except Exception as failure:
            log.exception("the desk failed in a way that nobody foresaw", key=head.key)
            await self.outcomes.later(parcel, timedelta(), repr(failure), unconfirmed=True)

    async def _refused(self, parcel: ToDesk, rejected: Rejected) -> None:
        if len(parcel.claimed.rows) > 1:
            await self.outcomes.apart(parcel)
            return
        say = Say(name="outbox.refused", params={"detail": str(rejected)})
        await self.outcomes.dead(parcel, self.text(say))

    async def _lost(self, parcel: ToDesk, gone: ThreadGone) -> None:
        """What was for the ticket's own thread waits for its new one; where others were, nobody is left to tell."""
        head, archived = parcel.claimed.head, isinstance(gone, ChannelGone)
        if archived:
            await self.quiet.refused(parcel, MEANWHILE)
        if not head.channel:
            await self.accidents.lost(parcel, "archived" if archived else "lost", str(gone))
        elif head.kind in ("mark", "moved"):
            await self.outcomes.sent(parcel)
        else:
            await self._refused(parcel, gone)

    async def _deliver(self, parcel: ToDesk) -> None:
        match parcel.claimed.head.kind:
            case "open":
                await self._open(parcel)
            case "card":
                await self.desk.update(parcel.thread, await self.card(parcel.ticket.id))
                await self.outcomes.sent(parcel)
            case "moved":
                await self._left_behind(parcel)
            case "mark":
                await self._mark(parcel)
            case _ if parcel.shown:
                await self.outcomes.sent(parcel)
            case _:
                await self._post(parcel)

    async def _open(self, parcel: ToDesk) -> None:
        found = await self._found(parcel, None)
        if found is not None:
            thread = Thread(channel=parcel.ticket.channel, id=found)
        else:
            thread = await self.desk.open(parcel.claimed.head.key, await self.card(parcel.ticket.id))
        await self.outcomes.sent(parcel, thread.id, thread=thread)

    async def _left_behind(self, parcel: ToDesk) -> None:
        """The card in a thread that the ticket left says where it went."""
        card = replace(await self.card(parcel.ticket.id), moved_to=_tickets(parcel))
        await self.desk.update(parcel.thread, card)
        await self.outcomes.sent(parcel)

    async def _post(self, parcel: ToDesk) -> None:
        found = await self._found(parcel, parcel.thread if parcel.thread.id else None)
        if found is None:
            keep = partial(self.outcomes.keep, parcel)
            found = await self.desk.post(parcel.claimed.head.key, parcel.thread, self._content(parcel), keep)
        await self.outcomes.sent(parcel, found)

    async def _found(self, parcel: ToDesk, thread: Thread | None) -> str | None:
        """What a try whose outcome nobody knows left behind."""
        head = parcel.claimed.head
        if not head.unconfirmed:
            return None
        return await self.desk.find(head.key, head.trace, parcel.thread.channel, thread, head.created_at)

    def _content(self, parcel: ToDesk) -> Post:
        """What is posted. Raises Rejected for a notice whose text doesn't exist: it must not hold up its thread."""
        head = parcel.claimed.head
        try:
            post = post_of(head.body, self.text, parcel.ticket.id, _tickets(parcel))
        except KeyError as unknown:
            raise Rejected(f"no text {unknown}") from unknown
        if head.kind == "file":
            return self._with_files(post, parcel)
        lines = [str(row.body.get("text", "")) for row in parcel.claimed.rows]
        return replace(post, text="\n".join(lines)) if len(lines) > 1 else post

    def _with_files(self, post: Post, parcel: ToDesk) -> Post:
        files = [file for file in parcel.files if file.state == "stored" and file.size]
        if not files:
            return replace(post, text="\n".join(map(self.text, _missing(parcel.files))))
        ready = tuple(stored(file, str(self.files.path(file.sha256))) for file in files)
        return replace(post, text="", attachments=ready)

    async def _mark(self, parcel: ToDesk) -> None:
        shown = _as_mark(parcel.claimed.head.body.get("shown"))
        wanted = mark_for(parcel.message.by, parcel.states) if parcel.message else None
        if wanted is None or wanted == shown or parcel.message is None:
            await self.outcomes.sent(parcel)
            return
        if not parcel.message.external_id:  # it is armed again once the words are posted
            await self.outcomes.sent(parcel)
            return
        await self.desk.mark(parcel.thread, parcel.message.external_id, wanted, shown)
        await self.outcomes.sent(parcel, body={"shown": wanted})


def mark_for(by: str, states: tuple[str, ...]) -> Mark | None:
    """What an agent's message shows, by what became of its deliveries; None: nothing had to leave."""
    if by == "note":
        return "private"
    if not states:
        return None
    if _FAILED.intersection(states):
        return "failed"
    if "held" in states:
        return "held"
    if set(states) == {"cancelled"}:
        return "private"
    return "sent" if _GONE.issuperset(states) else "waiting"


def _missing(files: Sequence[Attachment]) -> Iterator[Say]:
    """That a file could not be had; what was recognised in it is there all the same."""
    named = files[0].name or files[0].kind if files else ""
    yield Say(name="desk.file_missing", params={"name": named})
    for file in files:
        if file.transcript:
            yield Say(name="desk.heard", params={"text": file.transcript})


def _as_mark(shown: object) -> Mark | None:
    return next((mark for mark in _MARKS if mark == shown), None)


def _tickets(parcel: ToDesk) -> Thread:
    """Of the ticket itself, wherever the row goes."""
    return Thread(channel=parcel.ticket.channel, id=parcel.ticket.thread)
