"""What happens at the desk by itself: snoozes end, silent holders let go, drafts and questions are reminded."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.desk import Button
from core.escalation import ticket as tickets
from core.helpdesk.abuse import Abuse
from core.helpdesk.case import Case
from core.helpdesk.putting_right import PuttingRight
from core.helpdesk.rehoming import Rehoming, place_of
from core.helpdesk.replies import held_buttons
from core.helpdesk.side_questions import SideQuestions
from core.helpdesk.speech import Speech
from core.messages import Say
from core.storage import models
from core.storage.desk_models import SideQuestion
from core.storage.turns import Turn

NAMES = frozenset(
    {"wake", "silent", "held", "side", "unmute", "flood", "lost", "archived", "right", "righted"}
)
"""What stands before the colon of the desk's timers; whatever else is a person's own."""
REMINDERS = 3
"""Of an unsent reply: soon, an hour later, and when the department opens the next day."""
AN_HOUR, NIGHT = timedelta(hours=1), timedelta(hours=12)

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
            case "right" | "righted":
                await self._right(turn, int(about), name)
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
        """Its author is called once more, in the thread, where an ephemeral is gone by now; a few times in all."""
        message = await models.Message.get_or_none(
            id=message_id, person_id=turn.person.id, using_db=turn.conn
        )
        held = models.Delivery.filter(message_id=message_id, state="held").using_db(turn.conn)
        if message is None or message.ticket_id is None or not await held.exists():
            return
        keys = [f"unsent:{message.id}:{number}" for number in range(REMINDERS)]
        told = await models.Delivery.filter(key__in=keys).using_db(turn.conn).count()
        if told >= REMINDERS:
            return
        case = await self.case(turn, message.ticket_id)
        say = Say(name="thread.unsent", params={"text": await Speech(case=case).newest_text(message)})
        await case.notice(keys[told], say, buttons=held_buttons(message), calls=(message.agent,))
        if told + 1 < REMINDERS:
            await turn.wake_at(f"held:{message.id}", _reminded_next(case, told + 1))
        await case.record("reply.reminded", None, message=message.id)

    async def _right(self, turn: Turn, number: int, name: str) -> None:
        """Somebody who was given a wrong answer reads the right one, or all have."""
        job = await models.Event.get(id=number, using_db=turn.conn)
        assert job.ticket_id is not None
        putting = PuttingRight(case=await self.case(turn, job.ticket_id), job=job)
        await (putting.tell() if name == "right" else putting.end())

    async def _side(self, turn: Turn, question: int) -> None:
        row = await SideQuestion.get_or_none(id=question, using_db=turn.conn)
        if row is not None:
            await SideQuestions(case=await self.case(turn, row.ticket_id)).remind(row)


def _reminded_next(case: Case, told: int) -> datetime:
    now, hours = case.turn.now, case.department.hours
    if told == 1:
        return now + AN_HOUR
    return (hours.opens(now + NIGHT) if hours else None) or now + NIGHT


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
