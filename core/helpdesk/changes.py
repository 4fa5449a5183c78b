"""Edits and deletions of what an agent wrote: before it leaves they change it, afterwards they follow it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.conversation.texts import nearest
from core.delivery.arming import rearm_mark
from core.desk import Whisper
from core.escalation.lanes import Command, Held, Note, Unknown
from core.helpdesk.case import Case
from core.helpdesk.replies import Replies
from core.helpdesk.speech import SPOKEN, Speech, is_waiting
from core.messages import AgentWords, Capabilities, Say
from core.storage import models


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One edit or deletion, in one turn."""

    case: Case

    @property
    def speech(self) -> Speech:
        return Speech(case=self.case)

    async def changed(self, words: AgentWords) -> Whisper | None:
        """The message as it is now, or that it is gone."""
        before = await self.speech.find(words.post)
        if before is None:
            return None
        private = self._is_private(words)
        by = "note" if before.by == "note" or private else "agent"
        version = await self.speech.remember(words, by, words.text, version_of=before.id)
        await self.case.record(f"message.{words.kind}", words.agent, message=before.id)
        for_nobody = private or words.kind == "deleted"
        rows = await self.speech.leaving(before)
        if before.by == "note" or _is_gone(rows):
            return None if for_nobody else self.case.whisper("desk.stays_private")
        if for_nobody:
            return await self._take_back(before, rows, words)
        return await self._put_right(before, version, rows, words)

    def _is_private(self, words: AgentWords) -> bool:
        """What became a note, a command or a call to a teammate is for nobody else from now on."""
        if words.kind == "deleted":
            return False
        to = Replies(case=self.case).lane(words)
        return isinstance(to, Command | Unknown) or (isinstance(to, Note) and to.why != "not_holder")

    async def _take_back(
        self, before: models.Message, rows: Sequence[models.Delivery], words: AgentWords
    ) -> Whisper | None:
        waiting = [row for row in rows if is_waiting(row)]
        await self.speech.withdraw(waiting)
        await self._answered_again(before, rows, waiting)
        gone = [
            row for row in rows if row.kind in SPOKEN and not is_waiting(row) and row.state != "cancelled"
        ]
        lost = [row for row in gone if not await self._delete(before, row, words)]
        await rearm_mark(self.case.turn.conn, before.id, self.case.turn.now, if_all_sent=False)
        return self.case.whisper(f"desk.{words.kind}_too_late") if lost else None

    async def _delete(self, before: models.Message, row: models.Delivery, words: AgentWords) -> bool:
        """Take it back where it was sent; False where that can't be."""
        able = await self._able(row)
        if able is None or not able.deletes:
            return False
        body = {"of": row.id}
        key = f"delete:{row.id}"
        if not await models.Delivery.filter(key=key).using_db(self.case.turn.conn).exists():
            await self.speech.change(before, row, kind="delete", key=key, body=body)
        return True

    async def _answered_again(
        self, before: models.Message, rows: Sequence[models.Delivery], withdrawn: Sequence[models.Delivery]
    ) -> None:
        if withdrawn and len(withdrawn) == len(
            [row for row in rows if row.state != "cancelled" or row in withdrawn]
        ):
            await unanswered(self.case, before)

    async def _put_right(
        self,
        before: models.Message,
        version: models.Message,
        rows: Sequence[models.Delivery],
        words: AgentWords,
    ) -> Whisper | None:
        """The person only ever sees the change, or sees it follow."""
        to = Replies(case=self.case).lane(words)
        held = to if isinstance(to, Held) else None
        said = next((row for row in rows if row.kind == "say" and row.key == f"say:{before.id}"), None)
        text = await self.speech.spoken(before, words.text)
        if said is None:
            await self._first_words(before, rows, text, held)
        elif is_waiting(said):
            await self.speech.rewrite(said, body={**said.body, "text": text})
            await self._hold(rows, held)
        else:
            await self._follow(before, version, said, text, held)
        await rearm_mark(self.case.turn.conn, before.id, self.case.turn.now, if_all_sent=False)
        return await self._asked(before, held, words.text)

    async def _hold(self, rows: Sequence[models.Delivery], held: Held | None) -> None:
        """What was harmless may have become costly; what waits for its Send goes on waiting."""
        for row in rows:
            if held and held.why == "costly" and row.state == "due" and is_waiting(row):
                await self.speech.rewrite(row, state="held")

    async def _first_words(
        self, before: models.Message, rows: Sequence[models.Delivery], text: str, held: Held | None
    ) -> None:
        if text:
            waits = held is not None or any(row.state == "held" for row in rows)
            await self.speech.add(before, text, state="held" if waits else "due", due_at=self._due())

    async def _follow(
        self,
        before: models.Message,
        version: models.Message,
        said: models.Delivery,
        text: str,
        held: Held | None,
    ) -> None:
        """It left: where the platform can, the message itself changes, else a short correction follows it.

        Changes that come quickly are one.
        """
        state = "held" if held else "due"
        body = {"of": said.id, "text": text, "correction": self._correction(version.text)}
        pending = [row for row in await self.speech.leaving(before) if row.kind == "edit" and is_waiting(row)]
        if pending:
            await self.speech.rewrite(pending[-1], body=body, state=state, due_at=self._due())
        else:
            await self.speech.change(
                before,
                said,
                kind="edit",
                key=f"edit:{version.id}",
                body=body,
                state=state,
                due_at=self._due(),
            )

    def _correction(self, text: str) -> str:
        say = Say(name="agent.corrected", params={"text": text})
        return self.case.published.texts.render(say, nearest(self.case.turn.person.language))

    def _due(self) -> datetime:
        return self.case.turn.now + self.case.department.undo

    async def _asked(self, before: models.Message, held: Held | None, text: str) -> Whisper | None:
        rows = await self.speech.leaving(before)
        if held is None or not any(row.state == "held" for row in rows):
            return None
        replies = Replies(case=self.case)
        await replies.remind(before)
        return replies.asked(before, held, text)

    async def _able(self, row: models.Delivery) -> Capabilities | None:
        identity = await models.Identity.get(id=row.identity_id, using_db=self.case.turn.conn)
        return self.case.able_at(identity)


def _is_gone(rows: Sequence[models.Delivery]) -> bool:
    """Whether nobody has it any more: it was taken back before it left, or after."""
    deleted = any(row.kind == "delete" and row.state != "dead" for row in rows)
    return deleted or (bool(rows) and all(row.state == "cancelled" for row in rows))


async def unanswered(case: Case, taken_back: models.Message) -> None:
    """After words were taken back the person waits for an answer again, since whenever they did before."""
    if case.ticket.waiting_since is not None or case.ticket.state == "resolved":
        return
    since = await _waits_since(case, taken_back)
    if since is not None:
        value = replace(case.value, waiting_since=since)
        await case.threads.put(case.ticket, value)


async def _waits_since(case: Case, taken_back: models.Message) -> datetime | None:
    """When the person said the first thing that nobody answered."""
    said = models.Message.filter(ticket_id=case.number, version_of=None).using_db(case.turn.conn)
    answers = await said.filter(by="agent", id__lt=taken_back.id).order_by("-id").limit(50)
    reached = models.Delivery.filter(
        message_id__in=[one.id for one in answers], desk=False, state__not_in=["cancelled", "held"]
    )
    answered = max([row.message_id or 0 for row in await reached.using_db(case.turn.conn)], default=0)
    first = await said.filter(by="person", id__gt=answered).order_by("id").first()
    return first.at if first else (None if answered else case.ticket.opened_at)
