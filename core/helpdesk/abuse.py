"""Warnings, mutes and blocks: decided, told to the person, and undone. Who is blocked has no open ticket any more."""

from dataclasses import dataclass, replace

from core.desk import Button, Whisper
from core.escalation import abuse
from core.escalation import ticket as tickets
from core.escalation.acts import IllegalMove
from core.helpdesk.abuse_standing import standing_of
from core.helpdesk.case import Case
from core.helpdesk.supervise import moment_in
from core.messages import Agent, AgentAct, Say

VERBS = frozenset({"warn", "mute", "unmute", "block", "unblock"})
_BACK = Button(verb="unblock", label="button.undo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abuse:
    """One act on how a person stands with us, in one turn."""

    case: Case

    async def act(self, act: AgentAct) -> Whisper:
        """Decide it, tell the person and the thread."""
        person = self.case.turn.person
        outcome = abuse.step(standing_of(person), self._move(act), self.case.turn.now)
        legal = isinstance(outcome, abuse.Stands)
        await self.case.record(f"abuse.{act.verb}", act.agent, moved=legal, values=dict(act.values))
        if isinstance(outcome, IllegalMove):
            return self.case.whispered(outcome.whisper)
        was_muted = standing_of(person).is_muted(self.case.turn.now)
        await self._put(outcome.standing, was_muted=was_muted)
        if outcome.tell:
            await self.case.tell(outcome.tell)
        ended = await self._end(act.agent) if outcome.ends else False
        await self._notice(act, ended=ended)
        return self.case.whisper("desk.done")

    async def over(self) -> None:
        """A mute's time has come: what was said meanwhile comes into the thread."""
        person = self.case.turn.person
        if standing_of(person).is_muted(self.case.turn.now):
            return
        person.muted_until = None
        await person.save(using_db=self.case.turn.conn, update_fields=["muted_until"])
        await self.case.threads.gathered(self.case.ticket)
        await self.case.threads.refresh_card(self.case.ticket)
        await self.case.record("abuse.over", None)

    async def _put(self, standing: abuse.Standing, *, was_muted: bool) -> None:
        turn, person = self.case.turn, self.case.turn.person
        person.warned_at, person.muted_until = standing.warned_at, standing.muted_until
        person.blocked_at = standing.blocked_at
        muted = standing.is_muted(turn.now)
        if muted and not was_muted and not person.unposted_after:
            person.unposted_after = await turn.newest_message()
        await person.save(using_db=turn.conn)
        timer = f"unmute:{self.case.number}"
        if standing.muted_until and not standing.blocked_at:
            await turn.wake_at(timer, standing.muted_until)
        else:
            await turn.forget(timer)
        if was_muted and not muted:
            await self.case.threads.gathered(self.case.ticket)
        await self.case.threads.refresh_card(self.case.ticket)

    async def _end(self, agent: Agent) -> bool:
        """The person's open ticket is resolved without a goodbye; False if there is none.

        It may be another one than that on whose card they were blocked, which is then told so itself.
        """
        row, _ = await self.case.turn.tickets()
        if row is None:
            return False
        case = self.case if row.id == self.case.number else replace(self.case, ticket=row)
        await case.move(tickets.Resolve(agent=agent))
        case.ticket.resolved_with = await case.turn.newest_message()
        await case.ticket.save(using_db=case.turn.conn, update_fields=["resolved_with"])
        await case.record("ticket.ended", agent, why="block")
        if case is not self.case:
            say = Say(name="thread.abuse_block_ended", params={"agent": agent.name})
            await case.notice(f"ended:{case.number}:{case.ticket.resolved_with}", say, buttons=(_BACK,))
        return case is self.case

    async def _notice(self, act: AgentAct, *, ended: bool) -> None:
        name = f"thread.abuse_{_shown(act.verb)}{'_ended' if ended else ''}"
        say = Say(name=name, params={"agent": act.agent.name})
        buttons = () if act.verb in ("unmute", "unblock") else (_BACK,)
        await self.case.notice(self.case.key(act, "abuse"), say, buttons=buttons)

    def _move(self, act: AgentAct) -> abuse.Act:
        agent: Agent = act.agent
        match act.verb:
            case "warn":
                return abuse.Warn(agent=agent)
            case "mute":
                until = moment_in(act.values.get("until", "")) or self.case.turn.now + abuse.MUTE
                return abuse.Mute(agent=agent, until=until)
            case "block":
                return abuse.Block(agent=agent)
            case _:
                return abuse.Undo(agent=agent)


def _shown(verb: str) -> str:
    return "undone" if verb in ("unmute", "unblock") else verb
