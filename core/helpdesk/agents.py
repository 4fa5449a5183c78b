"""The verbs of agents: words in a ticket's thread, buttons, modals and commands; each is one turn."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from core.conversation.plain import plain_words
from core.delivery.wakeup import Wakeup
from core.desk import Whisper
from core.errors import DatabaseAway
from core.escalation.routing import Department
from core.helpdesk import places
from core.helpdesk.arriving import may_be_arriving
from core.helpdesk.case import Case
from core.helpdesk.desk_timers import DeskTimers
from core.helpdesk.hearing import Hearing
from core.helpdesk.quarantine import Quarantine
from core.helpdesk.rehoming import Rehoming, see_to_others
from core.helpdesk.wrong_answers import Hide, WrongAnswers
from core.messages import AgentAct, AgentWords, Capabilities, Say, Thread
from core.metrics import Metrics
from core.ports import Channel
from core.publishing import Publishing
from core.storage import models
from core.storage.turns import Turn, Turns

log = structlog.get_logger()
DESK = "desk"

_LOOK, _LOOKS = 0.05, 30
"""Seconds between looks for a thread that is just being opened, and how many: Slack waits 3 s."""

Run = Callable[[Case], Awaitable[Whisper | None]]


class ThreadUnknown(DatabaseAway):
    """A card is just being posted and this may be its thread; the desk must come again when that is written."""


class Agents:
    """What the desk's edge calls; what it returns is whispered to the one agent.

    ``channels`` by (platform, account); ``hide`` takes a FAQ entry out of what is published.
    """

    def __init__(
        self,
        *,
        turns: Turns,
        publishing: Publishing,
        channels: Mapping[tuple[str, str], Channel],
        support_channel: str,
        hide: Hide,
        wakeup: Wakeup,
        metrics: Metrics,
        quarantine: Quarantine,
    ) -> None:
        self._turns = turns
        self._publishing = publishing
        self._channels = channels
        self._support_channel = support_channel
        self._wakeup = wakeup
        self._metrics = metrics
        self._quarantine = quarantine
        self._timers = DeskTimers(case=self._case)
        self._wrong = WrongAnswers(turns=turns, published=lambda: publishing.current, hide=hide)

    async def ticket_in(self, thread: Thread) -> int | None:
        """The number of the ticket that this thread is about, is or was. Raises DatabaseAway."""
        reading = self._turns.storage.reading
        for _ in range(_LOOKS):
            arriving = await may_be_arriving(
                reading, thread, self._turns.clock()
            )  # first: it may end in between
            place = await places.find(reading, thread)
            if place or not arriving:
                return place.ticket if place else None
            await asyncio.sleep(_LOOK)
        raise ThreadUnknown

    async def department_of(self, ticket: int) -> Department | None:
        """Who answers this ticket. Raises DatabaseAway."""
        row = await models.Ticket.get_or_none(id=ticket, using_db=self._turns.storage.reading)
        return self._publishing.current.routing.department(row.department) if row else None

    async def department_in(self, thread: Thread) -> Department | None:
        """Whose people may write in this thread. Raises DatabaseAway."""
        place = await places.find(self._turns.storage.reading, thread)
        if place and place.question:
            return self._publishing.current.routing.department(place.question.department)
        if place and place.former:  # whoever worked there is told where it went
            return self._publishing.current.routing.department_of(thread.channel)
        return await self.department_of(place.ticket) if place else None

    async def card_deleted(self, thread: Thread) -> None:
        """Somebody deleted a card in the desk: its ticket gets a new one.

        One that was posted this very moment is nobody's yet, so it is waited for. Raises DatabaseAway.
        """
        if await self.ticket_in(thread) is None:
            return
        here = {"channel": thread.channel, "thread": thread.id}
        if row := await models.Ticket.filter(**here).using_db(self._turns.storage.reading).first():
            await self._turn(row.id, lambda case: Rehoming(case=case).thread_lost(row.moves))

    async def said(self, words: AgentWords) -> Whisper | None:
        """An agent's words in a thread. Raises DatabaseAway; anything else is quarantined."""
        try:
            return await self.take_words(words)
        except DatabaseAway:
            raise
        except Exception as failure:
            log.exception("an agent's turn failed and was quarantined", thread=words.thread.id)
            await self._quarantine.value(DESK, words.thread.channel, "words", words, failure)
            return Whisper(say=Say(name="desk.quarantined"))

    async def act(self, act: AgentAct) -> Whisper | None:
        """A button, modal or command. Raises DatabaseAway; anything else is quarantined."""
        try:
            return await self.take_act(act)
        except DatabaseAway:
            raise
        except Exception as failure:
            log.exception("an agent's act failed and was quarantined", ticket=act.ticket, verb=act.verb)
            await self._quarantine.value(DESK, "acts", "act", act, failure)
            return Whisper(say=Say(name="desk.quarantined"))

    async def take_words(self, words: AgentWords) -> Whisper | None:
        """``said``, raising whatever fails."""
        words = plain_words(words)
        number = await self.ticket_in(words.thread)
        if number is None:
            return None
        self._metrics.inbound.labels(platform=DESK, kind=words.kind).inc()
        return await self._turn(number, lambda case: Hearing(case=case).said(words))

    async def take_act(self, act: AgentAct) -> Whisper | None:
        """``act``, raising whatever fails."""
        self._metrics.inbound.labels(platform=DESK, kind="act").inc()
        if act.verb in ("wrong_answer", "put_right"):
            return await self._about_answers(act)
        return await self._turn(act.ticket, lambda case: Hearing(case=case).acted(act))

    async def fired(self, person_id: int, timer: str) -> None:
        """One of the desk's timers came due."""
        await see_to_others(self._turns, timer, self._support_channel)
        await self._turns.of_person(person_id, lambda turn: self._timers.ring(turn, timer))
        await self._wakeup.notify()

    async def quarantine(self, payload: bytes, reason: str) -> None:
        """Keep a verified desk payload that can't be understood."""
        await self._quarantine.keep(DESK, "", "payload", payload, reason)

    # --- one turn -------------------------------------------------------------------------------------------

    async def _turn(self, number: int, run: Run) -> Whisper | None:
        owner = await models.Ticket.get_or_none(id=number, using_db=self._turns.storage.reading)
        if owner is None:
            return Whisper(say=Say(name="desk.no_such_ticket", params={"number": number}))

        async def locked(turn: Turn) -> Whisper | None:
            return await run(await self._case(turn, number))

        whisper = await self._turns.of_person(owner.person_id, locked)
        await self._wakeup.notify()
        return whisper

    async def _case(self, turn: Turn, number: int) -> Case:
        return Case(
            turn=turn,
            published=self._publishing.current,
            ticket=await models.Ticket.get(id=number, using_db=turn.conn),
            able=self._able(),
            support_channel=self._support_channel,
        )

    def _able(self) -> Mapping[tuple[str, str], Capabilities]:
        return {key: channel.capabilities for key, channel in self._channels.items()}

    async def _about_answers(self, act: AgentAct) -> Whisper:
        run = self._wrong.wrong if act.verb == "wrong_answer" else self._wrong.put_right
        whisper = await run(act)
        await self._wakeup.notify()
        return whisper
