"""Another department is asked in its own Slack channel; what it answers comes back into the thread as a note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.delivery.notices import TICKETS, notice
from core.desk import Whisper
from core.escalation import questions
from core.escalation.commands import Command, Unknown, command_in
from core.escalation.notes import note_in
from core.escalation.questions import Question
from core.escalation.routing import Department, channel_for
from core.helpdesk.case import Case
from core.helpdesk.speech import Speech
from core.messages import AgentAct, AgentWords, Say, Thread
from core.storage import models
from core.storage.desk_models import SideQuestion

DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideQuestions:
    """What concerns the questions about one ticket, in one turn."""

    case: Case

    async def ask(self, act: AgentAct) -> Whisper:
        """A small thread in the other department's Slack channel; the ticket stays where it is."""
        to = self.case.published.routing.named(act.values.get("to", ""))
        text = act.values.get("text", "").strip()
        if to is None or not text:
            names = ", ".join(one.id for one in self.case.published.routing.departments)
            return self.case.whisper("desk.ask_whom", departments=names)
        row = await self._keep(act, to, text)
        message = await self._note(act, f"→ {self._name(to)}: {text}")
        await self._post(row, act, to, text)
        params = {"agent": act.agent.name, "department": self._name(to), "text": text}
        await self.case.notice(f"side:{row.id}", Say(name="thread.side_asked", params=params))
        await self._time(row, to)
        await self.case.record("side.asked", act.agent, question=row.id, to=to.id, message=message.id)
        return self.case.whisper("desk.side_asked", department=self._name(to))

    async def answered(self, row: SideQuestion, words: AgentWords) -> Whisper | None:
        """An answer comes back as a note; what is said there among themselves does not."""
        if words.kind != "said":
            await self._changed(row, words)
            return None
        if note_in(words.text) is not None:
            return None
        command = command_in(words.text)
        if isinstance(command, Command | Unknown):
            return self.case.whisper("desk.no_commands_here")
        first = row.answered_at is None
        await self._ends(row)
        message = await Speech(case=self.case).remember(words, "note", words.text, kind="private")
        files = await self.case.turn.attach(message, words.attachments, DESK)
        await self._bring_back(row, words, message, files)
        await Speech(case=self.case).mark(message, words.thread, self.case.turn.now)
        await self.case.record("side.answered", words.agent, question=row.id, first=first)
        return None

    async def _changed(self, row: SideQuestion, words: AgentWords) -> None:
        """What was brought back is put right there as well, or said to be taken back.

        Without any answer left the question is open again.
        """
        before = await Speech(case=self.case).find(words.post)
        if before is None:  # it was among themselves, and stays so
            return
        gone = (
            words.kind == "deleted" or note_in(words.text) is not None or command_in(words.text) is not None
        )
        text = "" if gone else words.text
        version = await Speech(case=self.case).remember(
            words, "note", text, kind="deleted" if gone else "edited", version_of=before.id
        )
        if await self._has_answers(row):
            await self._ends(row)
        elif row.answered_at:
            await self._goes_on(row)
        name = "thread.side_taken_back" if gone else "thread.side_changed"
        await self._told(row, words, version, Say(name=name, params={"text": text}))
        await self.case.record(f"side.{words.kind}", words.agent, question=row.id, message=before.id)

    async def _ends(self, row: SideQuestion) -> None:
        row.answered_at = row.answered_at or self.case.turn.now
        await row.save(using_db=self.case.turn.conn, update_fields=["answered_at"])
        await self.case.turn.forget(f"side:{row.id}")

    async def _goes_on(self, row: SideQuestion) -> None:
        department = self.case.published.routing.department(row.department)
        again = questions.reopened(question_of(row), self.case.turn.now, department.hours)
        row.answered_at, row.nudges = again.answered_at, again.nudges
        await row.save(using_db=self.case.turn.conn, update_fields=["answered_at", "nudges"])
        await self._time(row, department)

    async def _has_answers(self, row: SideQuestion) -> bool:
        """Whether an answer stands that nobody took back; each bears a mark in the question's thread."""
        conn = self.case.turn.conn
        notes = models.Message.filter(ticket_id=self.case.number, by="note").using_db(conn).order_by("id")
        latest = {note.version_of or note.id: note for note in await notes}
        standing = [f"mark:{id}" for id, note in latest.items() if note.kind != "deleted"]
        here = models.Delivery.filter(key__in=standing, channel=row.channel, thread=row.thread)
        return await here.using_db(conn).exists()

    async def remind(self, row: SideQuestion) -> None:
        """Its time comes: who was asked is reminded, or the asker hears that nobody answered."""
        department = self.case.published.routing.department(row.department)
        due = questions.next_of(question_of(row), department.hours)
        if due is None or due.at > self.case.turn.now:
            await self._time(row, department)
            return
        row.nudges += 1
        await row.save(using_db=self.case.turn.conn, update_fields=["nudges"])
        if due.what == "give_up":
            say = Say(name="thread.side_unanswered", params={"department": self._name(department)})
            await self.case.notice(f"side_end:{row.id}", say, calls=(row.agent,))
        else:
            await self._nudge(row, department, overdue=due.overdue)
        await self._time(row, department)
        await self.case.record("side.reminded", None, question=row.id, nudges=row.nudges, what=due.what)

    # --- rows -----------------------------------------------------------------------------------------------

    async def _keep(self, act: AgentAct, to: Department, text: str) -> SideQuestion:
        due = questions.due_in(_span(act))
        asked = Question(asked_at=self.case.turn.now, due=due)
        return await SideQuestion.create(
            using_db=self.case.turn.conn, person_id=self.case.turn.person.id, ticket_id=self.case.number,
            department=to.id, channel=channel_for(to, self.case.number, self.case.support_channel), text=text,
            agent=act.agent.id, agent_name=act.agent.name, asked_at=self.case.turn.now,
            minutes=int(due.total_seconds()) // 60, due_at=questions.due_at(asked, to.hours),
        )  # fmt: skip

    async def _note(self, act: AgentAct, text: str) -> models.Message:
        return await self.case.turn.say_on_timeline(
            by="note", kind="private", text=text, author=act.agent.name, agent=act.agent.id,
            ticket_id=self.case.number,
        )  # fmt: skip

    async def _post(self, row: SideQuestion, act: AgentAct, to: Department, text: str) -> None:
        """The first post of the small thread; its id becomes the thread's."""
        params: dict[str, str | int] = {
            "number": self.case.number, "agent": act.agent.name, "text": text, "minutes": row.minutes,
        }  # fmt: skip
        calls = (to.on_call,) if to.on_call else ()
        body = notice(Say(name="side.question", params=params), calls=calls, see=TICKETS)
        await self._deliver(row, f"ask:{row.id}", "ask", {**body, "question": row.id}, thread="")

    async def _nudge(self, row: SideQuestion, department: Department, *, overdue: bool) -> None:
        calls = (department.on_call,) if overdue and department.on_call else ()
        params: dict[str, str | int] = {"number": self.case.number, "agent": row.agent_name}
        say = Say(name="side.overdue" if overdue else "side.reminder", params=params)
        if row.thread:
            await self._deliver(
                row, f"nudge:{row.id}:{row.nudges}", "post", notice(say, calls=calls), thread=row.thread
            )

    async def _bring_back(
        self,
        row: SideQuestion,
        words: AgentWords,
        message: models.Message,
        files: Sequence[models.Attachment],
    ) -> None:
        """Who says it, and which files they say it with, stands above the files: these come without a name."""
        named = [f"📎 {file.name or file.kind}" for file in files]
        text = "\n".join(filter(None, [words.text, *named]))
        await self._told(row, words, message, Say(name="thread.side_answer", params={"text": text}))
        lane = self.case.ticket.lane
        for file in files:
            await self.case.turn.deliver(
                key=f"file:{file.id}:{lane[1:]}", kind="file", desk=True, lane=lane, ticket_id=self.case.number,
                message_id=message.id, attachment_id=file.id,
            )  # fmt: skip

    async def _told(self, row: SideQuestion, words: AgentWords, message: models.Message, say: Say) -> None:
        """In the ticket's thread, to who asked."""
        department = self.case.published.routing.department(row.department)
        params = {**say.params, "agent": words.agent.name, "department": self._name(department)}
        see = Thread(channel=row.channel, id=row.thread)
        whole = Say(name=say.name, params=params)
        await self.case.notice(f"side_answer:{message.id}", whole, calls=(row.agent,), see=see)

    async def _deliver(
        self, row: SideQuestion, key: str, kind: str, body: dict[str, object], *, thread: str
    ) -> None:
        await self.case.turn.deliver(
            key=key, kind=kind, desk=True, lane=f"q{row.id}", ticket_id=self.case.number, channel=row.channel,
            thread=thread, body=body,
        )  # fmt: skip

    async def _time(self, row: SideQuestion, department: Department) -> None:
        due = questions.next_of(question_of(row), department.hours)
        if due is None:
            await self.case.turn.forget(f"side:{row.id}")
        else:
            await self.case.turn.wake_at(f"side:{row.id}", due.at)

    def _name(self, department: Department) -> str:
        return department.name_in(self.case.published.desk_language)


def question_of(row: SideQuestion) -> Question:
    """The row as the rules know it."""
    return Question(
        asked_at=row.asked_at,
        due=timedelta(minutes=row.minutes),
        nudges=row.nudges,
        answered_at=row.answered_at,
    )


def _span(act: AgentAct) -> timedelta:
    minutes = act.values.get("minutes", "")
    return timedelta(minutes=int(minutes)) if minutes.isdecimal() and minutes else questions.DUE
