"""An agent's new words: to the person, held until they say Send, or onto the timeline as a private note."""

from dataclasses import dataclass
from datetime import timedelta

from core.desk import Button, Whisper
from core.escalation import ticket as tickets
from core.escalation.lanes import Command, Held, Note, Reply, Unknown, lane
from core.helpdesk.case import Case, named
from core.helpdesk.speech import WAITING_SHOWN_AFTER, Speech
from core.messages import Agent, AgentWords, Say
from core.storage import models

DESK = "desk"
REMINDED_AFTER = timedelta(minutes=10)
"""How long an unsent reply waits before its author is reminded the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """One agent's words on one ticket, in one turn."""

    case: Case

    @property
    def speech(self) -> Speech:
        return Speech(case=self.case)

    def lane(self, words: AgentWords) -> Command | Unknown | Note | Reply | Held:
        """Where the words go."""
        trial = words.agent.role == "trial"
        return lane(
            words, ticket=self.case.value, agent=words.agent, department=self.case.department, trial=trial
        )

    async def take(self, words: AgentWords, to: Note | Reply | Held, *, faq: str = "") -> Whisper | None:
        """Write them; ``faq`` is the entry that they answer with."""
        match to:
            case Note():
                return await self.note(words, to)
            case Reply(undo=undo, claims=claims):
                return await self.reply(words, undo=undo, claims=claims, faq=faq)
            case Held():
                return await self.hold(words, to, faq=faq)

    async def note(self, words: AgentWords, note: Note) -> Whisper | None:
        """A private note: on the timeline for colleagues, and nowhere else.

        One that begins as a note stays one; the others can be sent by a button.
        """
        kind = "private" if note.why == "prefix" else "said"
        message = await self.speech.remember(words, "note", note.text, kind=kind)
        await self.case.turn.attach(message, words.attachments, DESK)
        await self._show(words, message, "thread.noted")
        if note.why != "prefix":  # which shows by itself that it is a note
            await self.speech.mark(message, words.thread, self.case.turn.now)
        await self.case.record("note", words.agent, message=message.id, why=note.why)
        return self._asked_to_send(message, note)

    async def reply(
        self, words: AgentWords, *, undo: timedelta, claims: bool, faq: str = ""
    ) -> Whisper | None:
        """Words and files for the person, unless they are taken back before ``undo`` has passed."""
        message = await self._remember(words, faq)
        files = await self.case.turn.attach(message, words.attachments, DESK)
        due_at = self.case.turn.now + undo
        await self.speech.deliver(message, files, due_at)
        await self._show(words, message, "thread.spoken")
        await self.speech.mark(message, words.thread, due_at + WAITING_SHOWN_AFTER)
        await self.case.move(tickets.Replied(agent=words.agent, claims=claims))
        await self.case.record("reply", words.agent, message=message.id)
        if not undo:
            return None
        back = Button(verb="undo", label="button.undo", about=named(message))
        return self.case.whisper("desk.sending", back, seconds=_seconds(undo))

    async def hold(self, words: AgentWords, held: Held, *, faq: str = "") -> Whisper:
        """Nothing leaves before the agent says so."""
        message = await self._remember(words, faq)
        files = await self.case.turn.attach(message, words.attachments, DESK)
        await self.speech.deliver(message, files, None)
        await self._show(words, message, "thread.drafted")
        await self.speech.mark(message, words.thread, self.case.turn.now)
        await self.remind(message)
        await self.case.record("reply.held", words.agent, message=message.id, why=held.why)
        return self.asked(message, held, words.text)

    async def remind(self, message: models.Message) -> None:
        """An unsent reply isn't forgotten."""
        await self.case.turn.wake_at(f"held:{message.id}", self.case.turn.now + REMINDED_AFTER)

    def asked(self, message: models.Message, held: Held, text: str) -> Whisper:
        """The preview, with Send."""
        kinds = self._kinds(held)
        return self.case.whisper(f"desk.held_{held.why}", *held_buttons(message), text=text, kinds=kinds)

    def _kinds(self, held: Held) -> str:
        texts = self.case.published
        return ", ".join(texts.desk_text(Say(name=f"costly.{kind}")) for kind in held.kinds)

    def _asked_to_send(self, message: models.Message, note: Note) -> Whisper | None:
        send = Button(verb="send", label="button.send_to_person", about=named(message))
        if note.why == "mention":
            return self.case.whisper("desk.noted_mention", send)
        if note.why == "not_holder":
            holder = self.case.value.holder or Agent(id="", name="")
            seen = {"seen": holder.id}
            take = Button(verb="take_over", label="button.take_over", about=named(message), values=seen)
            return self.case.whisper("desk.noted_not_holder", send, take, agent=holder.name)
        return None

    async def _remember(self, words: AgentWords, faq: str) -> models.Message:
        message = await self.speech.remember(words, "agent", words.text)
        if faq:
            message.faq = faq
            await message.save(using_db=self.case.turn.conn, update_fields=["faq"])
        return message

    async def _show(self, words: AgentWords, message: models.Message, name: str) -> None:
        """What was said from a modal stands in the thread too; what was written there does already."""
        if words.post:
            return
        params: dict[str, str | int] = {"agent": words.agent.name, "text": message.text}
        body: dict[str, object] = {"say": name, "params": params, "echo": message.id}
        await self.case.post(f"echo:{message.id}", body)


def held_buttons(message: models.Message) -> tuple[Button, Button]:
    """Of a reply that waits for its Send."""
    about = named(message)
    return (
        Button(verb="send", label="button.send", about=about, style="primary"),
        Button(verb="undo", label="button.discard", about=about),
    )


def _seconds(span: timedelta) -> int:
    return max(1, round(span.total_seconds()))
