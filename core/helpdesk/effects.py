"""Carrying out a decision inside its turn: the person's own words onto the timeline, then effect by effect."""

from core.conversation.situation import (
    Answer,
    Conversation,
    Effect,
    Fired,
    Forget,
    Forward,
    HandOff,
    Step,
    Tell,
    Wait,
)
from core.helpdesk.outgoing import Outgoing
from core.helpdesk.threads import Threads
from core.messages import Inbound, Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn


class Carrier:
    """Carries out one step in one turn. ``home`` is the way to the direct chat, for calls in a shared one."""

    def __init__(
        self, turn: Turn, published: Published, identity: models.Identity, *, support_channel: str, home: str
    ) -> None:
        self._turn = turn
        self._published = published
        self._identity = identity
        self._threads = Threads(turn, published, support_channel)
        self._home = home

    async def carry(self, event: Inbound | Fired, step: Step, ticket: models.Ticket | None) -> Conversation:
        """Write all that the step wants and return the conversation as it is then."""
        message, files = await self._remember(event, ticket)
        talk = step.conversation
        for effect in step.effects:
            talk = await self._effect(effect, talk, ticket, event, message, files)
        if ticket and message and message.kind == "left":
            await self._threads.left(ticket, message, self._identity.platform)
        return talk

    async def _effect(
        self,
        effect: Effect,
        talk: Conversation,
        ticket: models.Ticket | None,
        event: Inbound | Fired,
        message: models.Message | None,
        files: list[models.Attachment],
    ) -> Conversation:
        outgoing = Outgoing(self._turn, self._published, self._identity, ticket.id if ticket else None)
        match effect:
            case Tell(say=say, options=options):
                named = Say(name=say.name, params={"home": self._home, **say.params})
                return await outgoing.tell(named, options, talk)
            case Answer(entry=entry):
                await outgoing.answer(entry)
            case HandOff(reason=reason, reopens=number):
                await self._hand_off(reason, number)
            case Forward() if ticket and message and isinstance(event, Inbound):
                await self._threads.forward(ticket, message, event, files)
            case Wait(timer=timer, until=until):
                await self._turn.wake_at(timer, until)
            case Forget(timer=timer):
                await self._turn.forget(timer)
            case _:
                pass
        return talk

    async def _hand_off(self, reason: str, number: int) -> None:
        row = await models.Ticket.get_or_none(id=number, using_db=self._turn.conn) if number else None
        if row is None:
            row = await self._threads.open(self._identity, reason)
            told = Say(name="ticket.opened", params={"number": row.id})
        else:
            await self._threads.reopen(row, self._identity, reason)
            told = Say(name="ticket.reopened", params={"number": row.id})
        outgoing = Outgoing(self._turn, self._published, self._identity, row.id)
        await outgoing.tell(told, (), Conversation())

    async def _remember(
        self, event: Inbound | Fired, ticket: models.Ticket | None
    ) -> tuple[models.Message | None, list[models.Attachment]]:
        """The person's words as they stand on the timeline; calls in a shared chat leave nothing there."""
        if isinstance(event, Fired) or event.kind == "mentioned":
            return None, []
        message = await self._turn.say_on_timeline(
            by="person", kind=event.kind, text=await self._text(event), external_id=event.external_id,
            version_of=await self._version_of(event), identity_id=self._identity.id,
            ticket_id=ticket.id if ticket else None,
        )  # fmt: skip
        source = f"{event.sender.platform}:{event.sender.account}"
        return message, await self._turn.attach(message, event.attachments, source)

    async def _text(self, event: Inbound) -> str:
        if event.kind != "chose":
            return event.text
        return Outgoing(self._turn, self._published, self._identity, None).label(event.choice)

    async def _version_of(self, event: Inbound) -> int | None:
        """The message that an edit or a deletion is about."""
        if event.kind not in ("edited", "deleted") or not event.refers_to:
            return None
        query = models.Message.filter(identity_id=self._identity.id, external_id=event.refers_to)
        first = await query.using_db(self._turn.conn).order_by("id").first()
        return first.id if first else None
