"""A ticket goes to another department: a new thread with the whole story, the old one closed with a link."""

from dataclasses import dataclass

from core.delivery.arming import arm
from core.delivery.notices import TICKETS, notice
from core.desk import Whisper
from core.escalation import ticket as tickets
from core.escalation.routing import Department, channel_for
from core.helpdesk.case import Case
from core.helpdesk.thread_story import EVERYBODY, LONGEST_STORY, ThreadStory
from core.messages import AgentAct, Say
from core.storage import models
from core.storage.desk_models import FormerThread
from core.storage.stories import STORY, story_begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """One transfer, in one turn."""

    case: Case

    async def act(self, act: AgentAct) -> Whisper | None:
        """To the department that ``to`` names."""
        ticket = self.case.ticket
        to = self.case.published.routing.named(act.values.get("to", ""))
        if to is None:
            return self.case.whisper("desk.transfer_where", departments=_all(self.case))
        if not ticket.thread:
            return self.case.whisper("desk.not_posted_yet")
        before = self.case.department
        outcome = await self.case.move(tickets.Transfer(agent=act.agent, department=to.id))
        moved = isinstance(outcome, tickets.Moved)
        await self.case.record("ticket.transfer", act.agent, moved=moved, before=before.id, to=to.id)
        if isinstance(outcome, tickets.IllegalMove):
            return self.case.whispered(outcome.whisper)
        await self._leave(act, to)
        await self._arrive(act, before)
        await self._tell(to, before)
        return None

    async def _leave(self, act: AgentAct, to: Department) -> None:
        """What is still on its way into the old thread goes there; then the old thread ends."""
        ticket, turn = self.case.ticket, self.case.turn
        left = self.case.thread
        here = {"channel": left.channel, "thread": left.id}
        due = models.Delivery.filter(ticket_id=ticket.id, person_id=turn.person.id, desk=True, state="due")
        await due.filter(lane=ticket.lane, channel="").using_db(turn.conn).update(**here)
        await FormerThread.create(using_db=turn.conn, ticket_id=ticket.id, at=turn.now, **here)
        ticket.moves += 1
        ticket.channel, ticket.thread = channel_for(to, ticket.id, self.case.support_channel), ""
        ticket.opened_with = await turn.newest_message()
        await ticket.save(using_db=turn.conn)
        await turn.deliver(
            key=f"open:{ticket.lane[1:]}",
            kind="open",
            desk=True,
            lane=ticket.lane,
            priority=1,
            ticket_id=ticket.id,
        )
        await turn.deliver(
            key=f"moved:{ticket.lane[1:]}",
            kind="moved",
            desk=True,
            lane=ticket.lane,
            ticket_id=ticket.id,
            **here,
        )
        say = Say(name="thread.moved_away", params={"agent": act.agent.name, "department": self._name(to)})
        await turn.deliver(
            key=f"moved_away:{ticket.lane[1:]}", kind="post", desk=True, lane=ticket.lane, ticket_id=ticket.id,
            body=notice(say, see=TICKETS), **here,
        )  # fmt: skip

    async def _arrive(self, act: AgentAct, before: Department) -> None:
        """The card tells the newest of the story; all of it follows where that is more, and the files."""
        turn, ticket = self.case.turn, self.case.ticket
        since = await story_begins(turn.conn, turn.person.id, before=ticket.id, at=ticket.opened_at - STORY)
        params = {
            "agent": act.agent.name,
            "department": self._name(before),
            "reason": act.values.get("reason", ""),
        }
        name = "thread.moved_here_because" if params["reason"] else "thread.moved_here"
        await self.case.notice(f"moved_here:{ticket.lane[1:]}", Say(name=name, params=params))
        story = ThreadStory(turn, self.case.published)
        whole = (await story.since(since, by=EVERYBODY)).text
        if whole.count("\n") >= LONGEST_STORY:
            body: dict[str, object] = {"text": whole}
            await self.case.post(f"story:{ticket.lane[1:]}", body)
        await story.files_since(ticket, since)
        await arm(
            turn.conn, key=f"card:{ticket.id}", person_id=turn.person.id, ticket_id=ticket.id, due_at=turn.now,
            now=turn.now,
        )  # fmt: skip

    async def _tell(self, to: Department, before: Department) -> None:
        """Once, and again only where they must wait longer than they were told."""
        now = self.case.turn.now
        closed = bool(to.hours) and not (to.hours and to.hours.is_open(now))
        was_closed = bool(before.hours) and not (before.hours and before.hours.is_open(now))
        before_it = FormerThread.filter(ticket_id=self.case.number, live=False).using_db(self.case.turn.conn)
        first = await before_it.count() == 1  # an accident's new thread told them nothing
        if first or (closed and not was_closed):
            name = to.name_in(self.case.turn.person.language)
            say = Say(name="ticket.moved", params={"number": self.case.number, "department": name})
            await self.case.tell(say)

    def _name(self, department: Department) -> str:
        return department.name_in(self.case.published.desk_language)


def _all(case: Case) -> str:
    return ", ".join(one.id for one in case.published.routing.departments)
