"""The verbs of agents: words in a ticket's thread and the card's buttons."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core.conversation.plain import plain_words
from core.conversation.situation import dump, load
from core.delivery.wakeup import Wakeup
from core.errors import DatabaseAway
from core.escalation import ticket as tickets
from core.escalation.notes import note_in
from core.helpdesk.outgoing import Outgoing
from core.helpdesk.quarantine import Quarantine
from core.helpdesk.replies import Replies
from core.helpdesk.threads import Threads
from core.messages import AgentAct, AgentWords, Say, Thread
from core.metrics import Metrics
from core.publishing import Publishing
from core.storage import models
from core.storage.turns import Turn, Turns

log = structlog.get_logger()
DESK = "desk"

_LOOK, _LOOKS = 0.05, 30
"""Seconds between looks for a thread that is just being opened, and how many: Slack waits 3 s."""


def _posting() -> QuerySet[models.Delivery]:
    """Cards that are on their way, or may have arrived without our knowing."""
    unsure = Q(lease_until__isnull=False) | Q(unconfirmed=True)
    return models.Delivery.filter(unsure, state="due", kind="open")


class ThreadUnknown(DatabaseAway):
    """A card is just being posted and this may be its thread; the desk must come again when that is written."""


class Agents:
    """What the desk's edge calls; what it returns is whispered to the one agent."""

    def __init__(
        self,
        *,
        turns: Turns,
        publishing: Publishing,
        support_channel: str,
        wakeup: Wakeup,
        metrics: Metrics,
        quarantine: Quarantine,
    ) -> None:
        self._turns = turns
        self._publishing = publishing
        self._support_channel = support_channel
        self._wakeup = wakeup
        self._metrics = metrics
        self._quarantine = quarantine

    async def ticket_in(self, thread: Thread) -> int | None:
        """The number of the ticket whose thread this is. Raises DatabaseAway."""
        reading = self._turns.storage.reading
        here = models.Ticket.filter(channel=thread.channel, thread=thread.id).using_db(reading)
        for _ in range(_LOOKS):
            posting = await _posting().using_db(reading).exists()  # asked first: it may end in between
            ticket = await here.first()
            if ticket or not posting:
                return ticket.id if ticket else None
            await asyncio.sleep(_LOOK)
        raise ThreadUnknown

    async def said(self, words: AgentWords) -> Say | None:
        """An agent's words in a thread. Raises DatabaseAway; anything else is quarantined."""
        try:
            return await self.take_words(words)
        except DatabaseAway:
            raise
        except Exception as failure:
            log.exception("an agent's turn failed and was quarantined", thread=words.thread.id)
            await self._quarantine.value(DESK, words.thread.channel, "words", words, failure)
            return Say(name="desk.quarantined")

    async def act(self, act: AgentAct) -> Say | None:
        """A button of a ticket's card. Raises DatabaseAway; anything else is quarantined."""
        try:
            return await self.take_act(act)
        except DatabaseAway:
            raise
        except Exception as failure:
            log.exception("an agent's act failed and was quarantined", ticket=act.ticket, verb=act.verb)
            await self._quarantine.value(DESK, "acts", "act", act, failure)
            return Say(name="desk.quarantined")

    async def take_words(self, words: AgentWords) -> Say | None:
        """``said``, raising whatever fails."""
        words = plain_words(words)
        number = await self.ticket_in(words.thread)
        if number is None:
            return None
        self._metrics.inbound.labels(platform=DESK, kind=words.kind).inc()
        return await self._turn(number, lambda turn, ticket: self._said(turn, ticket, words))

    async def take_act(self, act: AgentAct) -> Say | None:
        """``act``, raising whatever fails."""
        self._metrics.inbound.labels(platform=DESK, kind="act").inc()
        return await self._turn(act.ticket, lambda turn, ticket: self._act(turn, ticket, act))

    async def quarantine(self, payload: bytes, reason: str) -> None:
        """Keep a verified desk payload that can't be understood."""
        await self._quarantine.keep(DESK, "", "payload", payload, reason)

    # --- one turn -------------------------------------------------------------------------------------------

    async def _turn(
        self, number: int, run: Callable[[Turn, models.Ticket], Awaitable[Say | None]]
    ) -> Say | None:
        owner = await models.Ticket.get_or_none(id=number, using_db=self._turns.storage.reading)
        if owner is None:
            return Say(name="desk.no_such_ticket", params={"number": number})

        async def locked(turn: Turn) -> Say | None:
            return await run(turn, await models.Ticket.get(id=number, using_db=turn.conn))

        whisper = await self._turns.of_person(owner.person_id, locked)
        await self._wakeup.notify()
        return whisper

    async def _said(self, turn: Turn, ticket: models.Ticket, words: AgentWords) -> Say | None:
        if await turn.first_time(DESK, words.thread.channel, words.id) is None:
            return None
        replies = Replies(turn, self._publishing.current, ticket)
        if words.kind != "said":
            return await replies.changed(words)
        note = note_in(words.text)
        if note is not None:
            await replies.note(words, note)
            return None
        await replies.reply(words)
        threads = Threads(turn, self._publishing.current, self._support_channel)
        await threads.move(ticket, tickets.Replied(agent=words.agent))
        return None

    async def _act(self, turn: Turn, ticket: models.Ticket, act: AgentAct) -> Say | None:
        if await turn.first_time(DESK, "acts", act.id) is None:
            return None
        verb = _act_named(act)
        if verb is None:
            return Say(name="desk.unknown_verb", params={"verb": act.verb})
        threads = Threads(turn, self._publishing.current, self._support_channel)
        outcome = await threads.move(ticket, verb)
        await turn.record(
            f"ticket.{act.verb}",
            ticket=ticket.id,
            actor=act.agent.id,
            moved=isinstance(outcome, tickets.Moved),
        )
        if isinstance(outcome, tickets.IllegalMove):
            await threads.refresh_card(ticket)
            return outcome.whisper
        if outcome.tell:
            await self._tell(turn, ticket, outcome.tell)
        if outcome.ticket.state == "resolved":
            ticket.resolved_with = await turn.newest_message()
            await ticket.save(using_db=turn.conn)
        return outcome.whisper

    async def _tell(self, turn: Turn, ticket: models.Ticket, say: Say) -> None:
        """Tell the person what became of the ticket; a resolved one can be brought back by a tap."""
        identity = (await turn.identities())[0]
        outgoing = Outgoing(turn, self._publishing.current, identity, ticket.id)
        options = (f"unsolved:{ticket.id}",) if ticket.state == "resolved" else ()
        talk = await outgoing.tell(say, options, load(turn.person.scene))
        turn.person.scene = dump(talk)
        await turn.person.save(using_db=turn.conn)


def _act_named(act: AgentAct) -> tickets.Act | None:
    """The act of a button."""
    match act.verb:
        case "claim":
            return tickets.Claim(agent=act.agent)
        case "release":
            return tickets.Release(agent=act.agent)
        case "resolve":
            return tickets.Resolve(agent=act.agent)
        case "reopen":
            return tickets.Reopen(agent=act.agent)
        case _:
            return None
