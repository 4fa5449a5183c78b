"""What an agent does with words that were written already: send them after all, take them back, try them again."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.delivery.arming import hand_on_mark, rearm_mark
from core.desk import Whisper
from core.escalation import ticket as tickets
from core.escalation.lanes import Held, Reply, sent_by_hand
from core.helpdesk.case import Case
from core.helpdesk.changes import unanswered
from core.helpdesk.replies import Replies
from core.helpdesk.speech import SPOKEN, WAITING_SHOWN_AFTER, Speech, as_words, is_waiting
from core.messages import Agent, AgentAct
from core.storage import models

VERBS = frozenset({"send", "undo", "retry", "via", "wait"})
_STUCK = ("dead", "parked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One press or command, in one turn."""

    case: Case

    @property
    def speech(self) -> Speech:
        return Speech(case=self.case)

    async def act(self, act: AgentAct) -> Whisper | None:
        """One of the verbs below."""
        match act.verb:
            case "send":
                return await self.send(act)
            case "undo":
                return await self.undo(act)
            case "retry":
                return await self.retry(act)
            case "via":
                return await self.via(act)
            case _:
                return await self.wait(act)

    async def send(self, act: AgentAct) -> Whisper | None:
        """An unsent reply leaves; a note becomes a reply, and both stand on the timeline."""
        message = await self._meant(act, "held")
        if message is None:
            return self.case.whisper("desk.nothing_unsent")
        if not _may_send(act.agent, message):
            return self.case.whisper("desk.not_yours", agent=message.author)
        if message.by == "note":
            return await self._send_note(message, act)
        held = [row for row in await self.speech.leaving(message) if row.state == "held"]
        return await self._let_go(message, held, act) if held else self.case.whisper("desk.nothing_unsent")

    async def undo(self, act: AgentAct) -> Whisper:
        """Words are taken back before they left."""
        message = await self._meant(act, "waiting")
        if message is None or message.by == "note":
            return self.case.whisper("desk.nothing_to_undo")
        if not _may_send(act.agent, message):
            return self.case.whisper("desk.not_yours", agent=message.author)
        rows = [row for row in await self.speech.leaving(message) if row.state != "cancelled"]
        waiting = [row for row in rows if is_waiting(row)]
        if not waiting:
            return self.case.whisper("desk.undo_too_late")
        await self.speech.withdraw(waiting)
        if len(waiting) == len(rows):
            await unanswered(self.case, message)
        await self._marked(message)
        await self.case.turn.forget(f"held:{message.id}")
        await self.case.record("reply.undone", act.agent, message=message.id)
        return self.case.whisper("desk.undone")

    async def retry(self, act: AgentAct) -> Whisper | None:
        """What failed is tried again, where it was meant to go."""
        return await self._again(act, {})

    async def via(self, act: AgentAct) -> Whisper | None:
        """What failed goes to the person on another platform."""
        chosen = act.values.get("to", "")
        identity = next((one for one in await self.case.turn.identities() if str(one.id) == chosen), None)
        if identity is None:
            return self.case.whisper("desk.no_such_way")
        return await self._again(act, {"lane": f"i{identity.id}", "identity_id": identity.id})

    async def wait(self, act: AgentAct) -> Whisper:
        """What failed leaves as soon as the person writes."""
        message, rows = await self._stuck(act)
        if message is None or not rows:
            return self.case.whisper("desk.nothing_failed")
        for row in rows:
            await self.speech.rewrite(row, state="parked", attempts=0)
        await self._marked(message)
        await self.case.record("reply.waits", act.agent, message=message.id)
        return self.case.whisper("desk.waits_for_them")

    # --- each -----------------------------------------------------------------------------------------------

    async def _meant(self, act: AgentAct, what: str) -> models.Message | None:
        """The message that a button names, else the agent's newest that is held (or has not left yet)."""
        if act.about:
            return await self.speech.find(act.about)
        states = ["held"] if what == "held" else ["held", "due", "parked"]
        mine = models.Message.filter(
            person_id=self.case.turn.person.id, ticket_id=self.case.number, by="agent", agent=act.agent.id,
            version_of=None,
        )  # fmt: skip
        newest = await mine.using_db(self.case.turn.conn).order_by("-id").limit(20)
        there = models.Delivery.filter(
            message_id__in=[one.id for one in newest], desk=False, state__in=states
        )
        wanted = {row.message_id for row in await there.using_db(self.case.turn.conn)}
        return next((one for one in newest if one.id in wanted), None)

    async def _send_note(self, note: models.Message, act: AgentAct) -> Whisper | None:
        """Costly words are asked about once more; what began as a note never leaves."""
        text = await self.speech.newest_text(note)
        words = as_words(note, text, self.case.thread, act.agent, act.at)
        to = None
        if note.kind == "said":
            to = sent_by_hand(words, ticket=self.case.value, department=self.case.department)
        if to is None:
            return self.case.whisper("desk.stays_private")
        return await self._as_reply(note, text, to, act)

    async def _as_reply(
        self, note: models.Message, text: str, to: Reply | Held, act: AgentAct
    ) -> Whisper | None:
        message = await self.case.turn.say_on_timeline(
            by="agent", text=text, author=note.author, agent=note.agent, external_id=note.external_id,
            ticket_id=self.case.number,
        )  # fmt: skip
        files = (
            await models.Attachment.filter(message_id=note.id).using_db(self.case.turn.conn).order_by("id")
        )
        await hand_on_mark(self.case.turn.conn, note.id, message.id)
        await self.speech.deliver(message, files, None if isinstance(to, Held) else self.case.turn.now)
        await self._marked(message, leaving=not isinstance(to, Held))
        await self.case.record("note.sent", act.agent, note=note.id, message=message.id)
        if isinstance(to, Held):
            replies = Replies(case=self.case)
            await replies.remind(message)
            return replies.asked(message, to, text)
        await self._replied(act.agent)
        return None

    async def _let_go(
        self, message: models.Message, held: list[models.Delivery], act: AgentAct
    ) -> Whisper | None:
        """Where the person is now, whatever they used when it was written."""
        identity = (await self.case.turn.identities())[0]
        text = await self.speech.spoken(message, await self.speech.newest_text(message))
        for row in held:
            place: dict[str, object] = {}
            if row.kind in SPOKEN:
                place = {"lane": f"i{identity.id}", "identity_id": identity.id}
            if row.kind == "say":
                place["body"] = {**row.body, "text": text}
            now = self.case.turn.now
            await self.speech.rewrite(row, state="due", due_at=now, created_at=now, **place)
        await self.case.turn.forget(f"held:{message.id}")
        await self._marked(message, leaving=True)
        await self._replied(act.agent)
        await self.case.record("reply", act.agent, message=message.id, held=True)
        return None

    async def _replied(self, agent: Agent) -> None:
        claims = self.case.department.claim_required and self.case.value.holder is None
        await self.case.move(tickets.Replied(agent=agent, claims=claims))

    async def _stuck(self, act: AgentAct) -> tuple[models.Message | None, list[models.Delivery]]:
        message = await self._meant(act, "failed") if act.about else await self._newest_stuck()
        rows = await self.speech.leaving(message) if message else []
        return message, [row for row in rows if row.state in _STUCK]

    async def _newest_stuck(self) -> models.Message | None:
        stuck = models.Delivery.filter(
            ticket_id=self.case.number, person_id=self.case.turn.person.id, desk=False
        )
        newest = await stuck.filter(state__in=_STUCK).using_db(self.case.turn.conn).order_by("-id").first()
        if newest is None or newest.message_id is None:
            return None
        return await models.Message.get(id=newest.message_id, using_db=self.case.turn.conn)

    async def _again(self, act: AgentAct, place: Mapping[str, object]) -> Whisper | None:
        message, rows = await self._stuck(act)
        if place:  # what changes a message has no meaning where that message isn't
            rows = [row for row in rows if row.kind in SPOKEN]
        if message is None or not rows:
            return self.case.whisper("desk.nothing_failed")
        now = self.case.turn.now
        for row in rows:
            kept = {
                key: value
                for key, value in row.body.items()
                if key not in ("tried", *(["ids"] if place else []))
            }
            body = {**kept, "retries": int(str(row.body.get("retries", 0))) + 1}
            again = {"due_at": now, "created_at": now, "attempts": 0, "unconfirmed": False, "error": ""}
            await self.speech.rewrite(row, state="due", body=body, **again, **place)
        await self._marked(message, leaving=True)
        await self.case.record(f"reply.{act.verb}", act.agent, message=message.id)
        return None

    async def _marked(self, message: models.Message, *, leaving: bool = False) -> None:
        """What is sent quickly costs one call; what never will be sent shows it at once."""
        now = self.case.turn.now
        at = now + WAITING_SHOWN_AFTER if leaving else now
        await rearm_mark(self.case.turn.conn, message.id, now, if_all_sent=False, at=at)


def _may_send(agent: Agent, message: models.Message) -> bool:
    return agent.id == message.agent or agent.role == "supervisor"
