"""A wrong answer is hidden at once; whoever was given it lately gets the right one after a yes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from tortoise.exceptions import IntegrityError

from core.conversation.texts import LANGUAGES
from core.desk import Button, Whisper
from core.errors import Rejected
from core.escalation.routing import costly_in
from core.helpdesk.putting_right import DESK, READ, RightAnswer, from_data, leave_to_timers
from core.messages import Agent, AgentAct, Say
from core.publishing import Published
from core.storage import desk_views, models
from core.storage.turns import Turns

log = structlog.get_logger()

Hide = Callable[[str, Agent], Awaitable[None]]
"""Takes a FAQ entry out of what is published, at once and once only. Raises Rejected with the reason if it can't."""

GIVEN_WITHIN = timedelta(days=30)
MOST = 500
"""People who get the right answer at one press."""
_SHOWN = 10
_ASKED = "answer.right_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAnswers:
    """What is done at a press about a wrong answer; what follows is left to timers."""

    turns: Turns
    published: Callable[[], Published]
    hide: Hide

    async def wrong(self, act: AgentAct) -> Whisper:
        """Hide the entry (again is no harm), and say who was given it."""
        entry = act.values.get("entry", "") or await self._entry_of(act.about)
        if not entry:
            return _whisper(act, "desk.wrong_which")
        try:
            await self.hide(entry, act.agent)
        except Rejected as refused:
            return _whisper(act, "desk.not_hidden", entry=entry, why=str(refused))
        given = await desk_views.given(self.turns.storage, entry, self._since(), MOST)
        await self._record(act, entry, len(given))
        names = ", ".join([*(one.person for one in given[:_SHOWN]), *(["…"] if len(given) > _SHOWN else [])])
        right = Button(verb="put_right", label="button.put_right", values={"entry": entry})
        buttons = (right,) if given else ()
        return _whisper(act, "desk.hidden", *buttons, entry=entry, count=len(given), names=names)

    async def put_right(self, act: AgentAct) -> Whisper:
        """The right answer to everybody who was given the wrong one, each once, whoever says so how often.

        It leaves after the press, person by person; costly words are asked about once more.
        """
        if act.agent.role == "trial":
            return _whisper(act, "desk.right_not_trial")
        ticket = await models.Ticket.get_or_none(id=act.ticket, using_db=self.turns.storage.reading)
        if ticket is None:
            return _whisper(act, "desk.no_such_ticket", number=act.ticket)
        sure = await self._asked_before(act)
        right = sure or self._wanted(act)
        if right is None:
            return _whisper(act, "desk.right_missing")
        people = await self._waiting(right)
        if not people:
            return _whisper(act, "desk.put_right_before")
        kinds = costly_in(self.published().routing.department(ticket.department), right.text)
        if kinds and not sure:
            return await self._ask(act, right, kinds, len(people))
        await self._begin(act, ticket.person_id, right, people)
        return _whisper(act, "desk.put_right", count=len(people))

    def _wanted(self, act: AgentAct) -> RightAnswer | None:
        """What was typed, or what another entry says."""
        entry, text = act.values.get("entry", ""), act.values.get("text", "").strip()
        found = self.published().faq.entries.get(act.values.get("right", ""))
        if not entry or not (text or (found and found.audience == "people")):
            return None
        answers = {code: text or (found.answer_in(code)[1] if found else "") for code in LANGUAGES}
        return RightAnswer(entry=entry, answers=answers)

    async def _asked_before(self, act: AgentAct) -> RightAnswer | None:
        """What the presser was asked about, and says yes to now."""
        number = act.values.get("sure", "")
        if not number.isdecimal():
            return None
        asked = models.Event.filter(id=int(number), name=_ASKED, ticket_id=act.ticket)
        found = await asked.using_db(self.turns.storage.reading).first()
        return from_data(found.data) if found else None

    async def _ask(self, act: AgentAct, right: RightAnswer, kinds: Sequence[str], count: int) -> Whisper:
        async with self.turns.storage.turn() as conn:
            asked = await models.Event.create(
                using_db=conn, at=self.turns.clock(), name=_ASKED, ticket_id=act.ticket, actor=act.agent.id,
                data=right.as_data(),
            )  # fmt: skip
        named = ", ".join(self.published().desk_text(Say(name=f"costly.{kind}")) for kind in kinds)
        values = {"entry": right.entry, "text": right.text, "sure": str(asked.id)}
        send = Button(verb="put_right", label="button.send", values=values, style="primary")
        return _whisper(act, "desk.right_costly", send, count=count, kinds=named, text=right.text)

    async def _waiting(self, right: RightAnswer) -> Sequence[int]:
        """Who was given the wrong answer, hasn't read this one and may be written to."""
        reading = self.turns.storage.reading
        given = await desk_views.given(self.turns.storage, right.entry, self._since(), MOST)
        people = models.Person.filter(id__in=[one.person_id for one in given], blocked_at=None)
        keys = {right.read_by(one.id): one.id for one in await people.using_db(reading)}
        read = models.Receipt.filter(platform=DESK, account=READ, event__in=list(keys)).using_db(reading)
        done = {row.event for row in await read}
        return [person for key, person in keys.items() if key not in done]

    async def _begin(self, act: AgentAct, owner: int, right: RightAnswer, people: Sequence[int]) -> None:
        """In one commit; no turn, since it would hold the ticket's person while it waits for the others'."""
        now = self.turns.clock()
        once = {"platform": DESK, "account": "acts", "event": act.id[:255]}
        try:
            async with self.turns.storage.turn() as conn:
                await models.Receipt.create(using_db=conn, at=now, **once)
                job = await models.Event.create(
                    using_db=conn, at=now, name="answer.puts_right", person_id=owner, ticket_id=act.ticket,
                    actor=act.agent.id, data=right.as_data(),
                )  # fmt: skip
                await leave_to_timers(conn, job, people, now)
        except IntegrityError:
            log.info("a press came twice", ticket=act.ticket)

    async def _record(self, act: AgentAct, entry: str, given: int) -> None:
        owner = await models.Ticket.get_or_none(id=act.ticket, using_db=self.turns.storage.reading)
        if owner is not None:
            await self.turns.of_person(
                owner.person_id,
                lambda turn: turn.record(
                    "answer.wrong", ticket=act.ticket, actor=act.agent.id, entry=entry, given=given
                ),
            )

    async def _entry_of(self, about: str) -> str:
        """Of the bot's message that a button names."""
        number = about.removeprefix("#")
        if not number.isdecimal():
            return ""
        row = await models.Message.get_or_none(id=int(number), using_db=self.turns.storage.reading)
        return row.faq if row else ""

    def _since(self) -> datetime:
        return self.turns.clock() - GIVEN_WITHIN


def _whisper(act: AgentAct, name: str, *buttons: Button, **params: str | int) -> Whisper:
    return Whisper(say=Say(name=name, params=params), buttons=buttons, ticket=act.ticket)
