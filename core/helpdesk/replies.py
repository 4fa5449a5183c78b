"""An agent's words on their way to the person, or onto the timeline as a private note."""

from datetime import timedelta

from core.conversation.texts import nearest
from core.delivery.arming import arm
from core.escalation.notes import note_in
from core.messages import UNFETCHED, AgentWords, Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn

WAITING_SHOWN_AFTER = timedelta(seconds=3)
"""A mark for "waiting" costs a call; a send that is quicker than this goes without."""


class Replies:
    """One agent's words on one ticket, in one turn."""

    def __init__(self, turn: Turn, published: Published, ticket: models.Ticket) -> None:
        self._turn = turn
        self._published = published
        self._ticket = ticket

    async def note(self, words: AgentWords, text: str) -> None:
        """A private note: on the timeline for colleagues, and nowhere else."""
        message = await self._remember(words, "note", text)
        await self._turn.attach(message, words.attachments, "desk")
        await self._turn.record("note", ticket=self._ticket.id, actor=words.agent.id)

    async def reply(self, words: AgentWords) -> None:
        """Words and files for the person, each a delivery of its own; the agent's name goes before the first."""
        identity = (await self._turn.identities())[0]
        first = await self._first_words_of(words.agent.id)
        message = await self._remember(words, "agent", words.text)
        if text := self._spoken(words, signed=first):
            await self._deliver(
                message, identity, "say", f"say:{message.id}", body={"text": text, "choices": []}
            )
        for file in await self._turn.attach(message, words.attachments, "desk"):
            if file.kind not in UNFETCHED:
                key = f"file:{file.id}:i{identity.id}"
                await self._deliver(message, identity, "file", key, attachment_id=file.id)
        await arm(
            self._turn.conn, key=f"mark:{message.id}", kind="mark", person_id=self._turn.person.id,
            ticket_id=self._ticket.id, message_id=message.id, due_at=self._turn.now + WAITING_SHOWN_AFTER,
            now=self._turn.now,
        )  # fmt: skip
        await self._turn.record("reply", ticket=self._ticket.id, actor=words.agent.id)

    async def changed(self, words: AgentWords) -> Say | None:
        """An edit or deletion: it changes what has not left yet; of what has, the agent is told that it has."""
        query = models.Message.filter(ticket_id=self._ticket.id, external_id=words.post, version_of=None)
        before = await query.using_db(self._turn.conn).first()
        if before is None:
            return None
        private = note_in(words.text) is not None
        by = "note" if before.by == "note" or private else "agent"
        await self._remember(words, by, words.text, version_of=before.id)
        for_nobody = private or words.kind == "deleted"
        if before.by == "note":
            return None if for_nobody else Say(name="desk.stays_private")
        rows = await self._leaving(before)
        if rows and all(row.state == "cancelled" for row in rows):
            return None if for_nobody else Say(name="desk.stays_private")
        if not all(_is_waiting(row) for row in rows):
            return Say(name=f"desk.{words.kind}_too_late")
        if for_nobody:
            await self._withdraw(rows)
        else:
            await self._put_right(before, words, rows)
        return None

    async def _leaving(self, message: models.Message) -> list[models.Delivery]:
        """What the message sends to the person; nobody can take it in hand until we are done."""
        rows = models.Delivery.filter(message_id=message.id, desk=False).using_db(self._turn.conn)
        return await rows.order_by("id").select_for_update()

    async def _withdraw(self, rows: list[models.Delivery]) -> None:
        for row in rows:
            row.state, row.fence = "cancelled", row.fence + 1
            await row.save(using_db=self._turn.conn, update_fields=["state", "fence"])

    async def _put_right(
        self, before: models.Message, words: AgentWords, rows: list[models.Delivery]
    ) -> None:
        """The person only ever sees the change."""
        signed = await self._first_words_of(words.agent.id, before=before.id)
        body: dict[str, object] = {"text": self._spoken(words, signed=signed), "choices": []}
        said = next((row for row in rows if row.kind == "say"), None)
        if said:
            said.body, said.fence = body, said.fence + 1
            await said.save(using_db=self._turn.conn, update_fields=["body", "fence"])
        elif words.text:
            identity = (await self._turn.identities())[0]
            await self._deliver(before, identity, "say", f"say:{before.id}", body=body)

    async def _remember(
        self, words: AgentWords, by: str, text: str, version_of: int | None = None
    ) -> models.Message:
        return await self._turn.say_on_timeline(
            by=by, kind=words.kind, text=text, author=words.agent.name, agent=words.agent.id,
            external_id=words.post, ticket_id=self._ticket.id, version_of=version_of,
        )  # fmt: skip

    async def _deliver(
        self, message: models.Message, identity: models.Identity, kind: str, key: str, **columns: object
    ) -> None:
        await self._turn.deliver(
            key=key, kind=kind, lane=f"i{identity.id}", identity_id=identity.id, message_id=message.id,
            ticket_id=self._ticket.id, **columns,
        )  # fmt: skip

    def _spoken(self, words: AgentWords, *, signed: bool) -> str:
        """The words as the person reads them."""
        if not signed:
            return words.text
        name = "agent.signed" if words.text else "agent.here"
        say = Say(name=name, params={"agent": words.agent.name, "text": words.text})
        return self._published.texts.render(say, nearest(self._turn.person.language))

    async def _first_words_of(self, agent: str, before: int | None = None) -> bool:
        """Whether the person has nothing yet that bears the agent's name: withdrawn and failed words don't count."""
        query = models.Message.filter(ticket_id=self._ticket.id, by="agent", agent=agent, version_of=None)
        if before:
            query = query.filter(id__lt=before)
        spoken = [message.id for message in await query.using_db(self._turn.conn)]
        named = models.Delivery.filter(message_id__in=spoken, kind="say", state__in=["due", "parked", "sent"])
        return not spoken or not await named.using_db(self._turn.conn).exists()


def _is_waiting(row: models.Delivery) -> bool:
    """True if nothing of it can have reached the person: tries that were refused outright don't count."""
    in_hand = row.lease_until is not None or row.unconfirmed
    return row.state in ("due", "parked") and not in_hand and not row.done
