"""What happens at the desk by itself: snoozes end, silent holders let go, drafts and questions are reminded."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.desk import Button
from core.escalation import ticket as tickets
from core.helpdesk.abuse import Abuse
from core.helpdesk.case import Case
from core.helpdesk.rehoming import Rehoming, place_of
from core.helpdesk.replies import Replies, held_buttons
from core.helpdesk.side_questions import SideQuestions
from core.messages import Say
from core.storage import models
from core.storage.desk_models import SideQuestion
from core.storage.turns import Turn

NAMES = frozenset({"wake", "silent", "held", "side", "unmute", "flood", "lost", "archived"})
"""What stands before the colon of the desk's timers; whatever else is a person's own."""

OpenCase = Callable[[Turn, int], Awaitable[Case]]


def is_desks(timer: str) -> bool:
    """Whether the desk has to do with it."""
    return timer.partition(":")[0] in NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskTimers:
    """``case`` opens a ticket's case in a turn."""

    case: OpenCase

    async def ring(self, turn: Turn, timer: str) -> None:
        """The timer came due: use it up and do what it is for."""
        if not await turn.ring(timer):
            return
        name, _, about = timer.partition(":")
        match name:
            case "held":
                await self._held(turn, int(about))
            case "side":
                await self._side(turn, int(about))
            case "lost" | "archived":
                await self._lost(turn, about, name)
            case _:
                await self._ticket(await self.case(turn, int(about)), name)

    async def _lost(self, turn: Turn, about: str, what: str) -> None:
        """Its thread or its Slack channel is gone."""
        number, moves = place_of(about)
        rehoming = Rehoming(case=await self.case(turn, number))
        await (rehoming.thread_lost(moves) if what == "lost" else rehoming.channel_lost(moves))

    async def _ticket(self, case: Case, name: str) -> None:
        match name:
            case "wake":
                await _wake(case)
            case "silent":
                await _offer(case)
            case "unmute":
                await Abuse(case=case).over()
            case _:
                await case.threads.gathered(case.ticket)

    async def _held(self, turn: Turn, message_id: int) -> None:
        """Its author is called once more, in the thread, where an ephemeral is gone by now."""
        message = await models.Message.get_or_none(
            id=message_id, person_id=turn.person.id, using_db=turn.conn
        )
        held = models.Delivery.filter(message_id=message_id, state="held").using_db(turn.conn)
        if message is None or message.ticket_id is None or not await held.exists():
            return
        case = await self.case(turn, message.ticket_id)
        text = await Replies(case=case).speech.newest_text(message)
        await case.notice(
            f"unsent:{message.id}:{int(turn.now.timestamp())}",
            Say(name="thread.unsent", params={"text": text}),
            buttons=held_buttons(message),
            calls=(message.agent,),
        )
        await Replies(case=case).remind(message)
        await case.record("reply.reminded", None, message=message.id)

    async def _side(self, turn: Turn, question: int) -> None:
        row = await SideQuestion.get_or_none(id=question, using_db=turn.conn)
        if row is not None:
            await SideQuestions(case=await self.case(turn, row.ticket_id)).remind(row)


async def _wake(case: Case) -> None:
    holder = case.value.holder
    if isinstance(await case.move(tickets.Wake()), tickets.Moved):
        calls = (holder.id,) if holder else ()
        await case.notice(_once(case, "woke"), Say(name="thread.woke"), calls=calls)
        await case.record("ticket.woke", None)


async def _offer(case: Case) -> None:
    """To everybody, since who holds it lets the person wait."""
    holder, department = case.value.holder, case.department
    act = tickets.OfferAgain(limit=department.offer_again, hours=department.hours)
    if not isinstance(await case.move(act), tickets.Moved) or holder is None:
        return
    case.ticket.offered_at = case.turn.now
    await case.ticket.save(using_db=case.turn.conn, update_fields=["offered_at"])
    say = Say(name="thread.offered_again", params={"agent": holder.name})
    claim = Button(verb="claim", label="card.claim", style="primary")
    await case.notice(_once(case, "offered"), say, buttons=(claim,), calls=(holder.id,))
    await case.record("ticket.offered_again", None, holder=holder.id)


def _once(case: Case, what: str) -> str:
    return f"{what}:{case.number}:{int(case.turn.now.timestamp())}"
