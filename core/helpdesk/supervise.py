"""What agents do with a ticket itself: take it, pass it on, put it aside, label it, end it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.desk import Button, Whisper
from core.escalation import ticket as tickets
from core.escalation.names import priority_named
from core.helpdesk.case import Case
from core.helpdesk.speech import Speech
from core.messages import Agent, AgentAct, Say
from core.storage.desk_models import Away

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise:
    """One act on one ticket, in one turn."""

    case: Case

    async def act(self, act: AgentAct) -> Whisper | None:
        """Decide it, write what follows, and say what the agent alone should hear."""
        if act.verb == "assign" and await self._is_away(act.values.get("to", "")):
            return self.case.whisper("desk.is_away", agent=act.values.get("name", ""))
        move = move_of(act)
        if isinstance(move, Say):
            return self.case.whispered(move)
        before = self.case.value.holder
        outcome = await self.case.move(move)
        legal = isinstance(outcome, tickets.Moved) and outcome.asks is None
        await self.case.record(f"ticket.{act.verb}", act.agent, moved=legal, values=dict(act.values))
        if isinstance(outcome, tickets.IllegalMove):
            return await self._refused(act, outcome)
        if outcome.asks:
            await self._ask_holder(act, outcome.asks)
            return self.case.whispered(outcome.whisper or Say(name="desk.done"))
        return await self._follow(act, outcome, before)

    async def _refused(self, act: AgentAct, outcome: tickets.IllegalMove) -> Whisper:
        """Whoever comes second hears who holds it, and can ask for it."""
        await self.case.threads.refresh_card(self.case.ticket)
        holder = self.case.value.holder
        if (
            act.verb == "claim"
            and holder
            and holder.id != act.agent.id
            and self.case.value.state != "resolved"
        ):
            take = Button(verb="take_over", label="button.take_over", values={"seen": holder.id})
            return self.case.whispered(outcome.whisper, take)
        return self.case.whispered(outcome.whisper)

    async def _ask_holder(self, act: AgentAct, holder: Agent) -> None:
        """Their yes hands it over."""
        yes = {"to": act.agent.id, "name": act.agent.name}
        await self.case.notice(
            self.case.key(act, "asked"),
            Say(name="thread.take_over_asked", params={"agent": act.agent.name}),
            buttons=(Button(verb="assign", label="button.hand_over", style="primary", values=yes),),
            calls=(holder.id,),
        )

    async def _follow(self, act: AgentAct, outcome: tickets.Moved, before: Agent | None) -> Whisper | None:
        if outcome.tell:
            options = (f"unsolved:{self.case.number}",) if outcome.ticket.state == "resolved" else ()
            await self.case.tell(outcome.tell, options)
        if act.verb in ("take_over", "assign"):
            await self._passed_on(act, before)
        if act.verb == "take_over" and act.about:
            return await self._note_again(act)
        if act.verb == "resolve":
            return await self._resolved(act)
        return self.case.whispered(outcome.whisper) if outcome.whisper else None

    async def _passed_on(self, act: AgentAct, before: Agent | None) -> None:
        """Those whom it concerns are called, unless they did it themselves."""
        holder = self.case.value.holder
        concerned = [one.id for one in (before, holder) if one and one.id != act.agent.id]
        params = {"by": act.agent.name, "agent": holder.name if holder else ""}
        name = "thread.taken_over" if act.verb == "take_over" else "thread.assigned"
        await self.case.notice(self.case.key(act, "held_by"), Say(name=name, params=params), calls=concerned)

    async def _note_again(self, act: AgentAct) -> Whisper | None:
        """What was a note, because somebody else held the ticket, can be sent now."""
        note = await Speech(case=self.case).find(act.about)
        if note is None or note.by != "note":
            return None
        send = Button(verb="send", label="button.send_to_person", about=act.about, style="primary")
        return self.case.whisper("desk.yours_now", send)

    async def _resolved(self, act: AgentAct) -> Whisper | None:
        """What it was about is asked by one tap."""
        if not self.case.ticket.resolved_with or self.case.ticket.resolved_at == self.case.turn.now:
            self.case.ticket.resolved_with = await self.case.turn.newest_message()
            await self.case.ticket.save(using_db=self.case.turn.conn, update_fields=["resolved_with"])
        if act.values.get("reason"):
            return None
        taps = tuple(
            Button(verb="resolve", label=f"resolution.{reason}", values={"reason": reason})
            for reason in tickets.RESOLUTIONS
        )
        return self.case.whisper("desk.resolved_why", *taps)

    async def _is_away(self, agent: str) -> bool:
        return await Away.filter(agent=agent).using_db(self.case.turn.conn).exists()


def move_of(act: AgentAct) -> tickets.Act | Say:
    """The move that an act means, or what is wrong with what it was given."""
    return _MOVES[act.verb](act.agent, act.values)


def _assign(agent: Agent, values: Values) -> tickets.Act | Say:
    to = values.get("to", "")
    if not to:
        return Say(name="desk.assign_whom")
    return tickets.Assign(agent=agent, to=Agent(id=to, name=values.get("name") or to))


def _snooze(agent: Agent, values: Values) -> tickets.Act | Say:
    until = moment_in(values.get("until", ""))
    return tickets.Snooze(agent=agent, until=until) if until else Say(name="desk.snooze_when")


def _priority(agent: Agent, values: Values) -> tickets.Act | Say:
    priority = priority_named(values.get("priority", ""))
    return (
        tickets.SetPriority(agent=agent, priority=priority) if priority else Say(name="desk.priority_which")
    )


def _resolve(agent: Agent, values: Values) -> tickets.Act | Say:
    reason = values.get("reason", "")
    resolution = next((one for one in tickets.RESOLUTIONS if one == reason), None)
    if reason and resolution is None:
        return Say(name="desk.resolution_which")
    return tickets.Resolve(agent=agent, resolution=resolution or "")


_MOVES: Mapping[str, Callable[[Agent, Values], tickets.Act | Say]] = {
    "claim": lambda agent, values: tickets.Claim(agent=agent),
    "release": lambda agent, values: tickets.Release(agent=agent),
    "take_over": lambda agent, values: tickets.TakeOver(agent=agent, seen=values.get("seen", "")),
    "assign": _assign,
    "resolve": _resolve,
    "reopen": lambda agent, values: tickets.Reopen(agent=agent),
    "snooze": _snooze,
    "unsnooze": lambda agent, values: tickets.Wake(agent=agent),
    "priority": _priority,
    "tag": lambda agent, values: tickets.Tag(agent=agent, tag=values.get("tag", "")),
    "untag": lambda agent, values: tickets.Untag(agent=agent, tag=values.get("tag", "")),
}
VERBS = frozenset(_MOVES)


def moment_in(value: str) -> datetime | None:
    """An aware moment in ISO form; None for anything else."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
