"""Carrying out a decision inside its turn: the person's own words onto the timeline, then effect by effect."""

from collections.abc import Callable

from core.conversation.situation import (
    Answer,
    Became,
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
from core.helpdesk.answers import Answers
from core.helpdesk.threads import Threads
from core.messages import Inbound, Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn

REASON = 40
"""Characters that a ticket keeps."""


class Carrier:
    """Carries out one step in one turn. ``home`` is the way to the direct chat, for calls in a shared one."""

    def __init__(
        self,
        turn: Turn,
        published: Published,
        identity: models.Identity,
        *,
        answers: Callable[[int | None], Answers],
        support_channel: str,
        home: str,
    ) -> None:
        self._turn = turn
        self._identity = identity
        self._answers = answers
        self._threads = Threads(turn, published, support_channel)
        self._home = home

    async def carry(
        self, event: Inbound | Fired, option: str, step: Step, ticket: models.Ticket | None
    ) -> Conversation:
        """Write all that the step wants and return the conversation as it is then; ``option`` is what was chosen."""
        message, files = await self._remember(event, option, ticket)
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
        answers = self._answers(ticket.id if ticket else None)
        match effect:
            case Tell():
                return await answers.tell(effect, talk, {"home": self._home})
            case Answer():
                return await answers.answer(effect, talk)
            case Became():
                await answers.questions.became(effect)
            case HandOff():
                await self._hand_off(effect)
            case Forward() if ticket and message and isinstance(event, Inbound):
                await self._threads.forward(ticket, message, event, files)
            case Wait(timer=timer, until=until):
                await self._turn.wake_at(timer, until)
            case Forget(timer=timer):
                await self._turn.forget(timer)
            case _:
                pass
        return talk

    async def _hand_off(self, wanted: HandOff) -> None:
        number = wanted.reopens
        row = await models.Ticket.get_or_none(id=number, using_db=self._turn.conn) if number else None
        if row is None:
            row = await self._threads.open(self._identity, wanted.reason[:REASON])
            told = Say(name="ticket.opened", params={"number": row.id})
        else:
            await self._threads.reopen(row, wanted.reason[:REASON])
            told = Say(name="ticket.reopened", params={"number": row.id})
        answers = self._answers(row.id)
        if wanted.asked:
            await answers.questions.keep(wanted.asked, None)
        await answers.tell(Tell(say=told), Conversation(), {})

    async def _remember(
        self, event: Inbound | Fired, option: str, ticket: models.Ticket | None
    ) -> tuple[models.Message | None, list[models.Attachment]]:
        """The person's words as they stand on the timeline; calls in a shared chat leave nothing there."""
        if isinstance(event, Fired) or event.kind == "mentioned":
            return None, []
        message = await self._turn.say_on_timeline(
            by="person", kind=event.kind, text=self._text(event, option), external_id=event.external_id,
            version_of=await self._version_of(event), identity_id=self._identity.id,
            ticket_id=ticket.id if ticket else None,
        )  # fmt: skip
        source = f"{event.sender.platform}:{event.sender.account}"
        return message, await self._turn.attach(message, event.attachments, source)

    def _text(self, event: Inbound, option: str) -> str:
        return self._answers(None).label(option) if event.kind == "chose" else event.text

    async def _version_of(self, event: Inbound) -> int | None:
        """The message that an edit or a deletion is about."""
        if event.kind not in ("edited", "deleted") or not event.refers_to:
            return None
        query = models.Message.filter(identity_id=self._identity.id, external_id=event.refers_to)
        first = await query.using_db(self._turn.conn).order_by("id").first()
        return first.id if first else None
