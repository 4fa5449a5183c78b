"""An agent's words as rows: on the timeline, and on their way to the person; told, held back, put right, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.conversation.texts import nearest
from core.delivery.arming import arm
from core.helpdesk.case import Case
from core.messages import UNFETCHED, Agent, AgentWords, Say, Thread
from core.storage import models
from core.storage.engine import rows

WAITING_SHOWN_AFTER = timedelta(seconds=3)
"""A mark for "waiting" costs a call; a send that is quicker than this goes without."""
SPOKEN = ("say", "file")
"""The deliveries that bring a message to a person; the others change what was brought."""

_NAMED = """
SELECT 1 AS found FROM message m JOIN delivery d ON d.message_id = m.id AND d.kind = 'say'
WHERE m.ticket_id = $1 AND m.by = 'agent' AND m.agent = $2 AND m.version_of IS NULL AND m.id < $3
AND d.state IN ('due', 'parked', 'sent') LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Writes what agents say on one ticket, in one turn."""

    case: Case

    async def remember(
        self, words: AgentWords, by: str, text: str, *, kind: str = "", version_of: int | None = None
    ) -> models.Message:
        """One more entry of the timeline."""
        return await self.case.turn.say_on_timeline(
            by=by, kind=kind or words.kind, text=text, author=words.agent.name, agent=words.agent.id,
            external_id=words.post, ticket_id=self.case.number, version_of=version_of,
        )  # fmt: skip

    async def deliver(
        self, message: models.Message, files: Sequence[models.Attachment], due_at: datetime | None
    ) -> None:
        """Words and files for the person, each a delivery of its own; held back where there is no ``due_at``.

        The agent's name goes before their first words.
        """
        identity = (await self.case.turn.identities())[0]
        columns = {"due_at": due_at or self.case.turn.now, "state": "due" if due_at else "held"}
        if text := await self.spoken(message):
            body = {"text": text, "choices": []}
            await self._leave(message, identity, "say", f"say:{message.id}", body=body, **columns)
        for file in files:
            if file.kind not in UNFETCHED:
                key = f"file:{file.id}:i{identity.id}:{message.id}"
                await self._leave(message, identity, "file", key, attachment_id=file.id, **columns)

    async def mark(self, message: models.Message, place: Thread, due_at: datetime) -> None:
        """See to it that the agent's post shows what becomes of it."""
        await arm(
            self.case.turn.conn, key=f"mark:{message.id}", person_id=self.case.turn.person.id,
            ticket_id=self.case.number, message_id=message.id, due_at=due_at, now=self.case.turn.now, place=place,
        )  # fmt: skip

    async def spoken(self, message: models.Message, text: str | None = None) -> str:
        """The words (those of the message, or what they were changed to) as the person reads them."""
        said = message.text if text is None else text
        if not await self._is_first(message):
            return said
        name = "agent.signed" if said else "agent.here"
        say = Say(name=name, params={"agent": message.author, "text": said})
        return self.case.published.texts.render(say, nearest(self.case.turn.person.language))

    async def leaving(self, message: models.Message) -> list[models.Delivery]:
        """All that the message sends to the person; nobody can take it in hand until we are done."""
        rows = models.Delivery.filter(message_id=message.id, desk=False).using_db(self.case.turn.conn)
        return await rows.order_by("id").select_for_update()

    async def withdraw(self, rows: Sequence[models.Delivery]) -> None:
        """They will never leave."""
        for row in rows:
            row.state, row.fence = "cancelled", row.fence + 1
            await row.save(using_db=self.case.turn.conn, update_fields=["state", "fence"])

    async def rewrite(self, row: models.Delivery, **columns: object) -> None:
        """Change what has not left yet."""
        columns["fence"] = row.fence + 1
        row.update_from_dict(columns)
        await row.save(using_db=self.case.turn.conn, update_fields=list(columns))

    async def add(self, message: models.Message, text: str, **columns: object) -> None:
        """Words for a message that had none: only files, until it was edited."""
        identity = (await self.case.turn.identities())[0]
        body = {"text": text, "choices": []}
        await self._leave(message, identity, "say", f"say:{message.id}", body=body, **columns)

    async def change(self, message: models.Message, to: models.Delivery, **columns: object) -> None:
        """A change of what was sent follows it in its lane."""
        await self.case.turn.deliver(
            lane=to.lane,
            identity_id=to.identity_id,
            message_id=message.id,
            ticket_id=self.case.number,
            **columns,
        )

    async def find(self, about: str) -> models.Message | None:
        """The message that a button or post is about: of a note that was sent, the words that were sent."""
        query = models.Message.filter(person_id=self.case.turn.person.id, ticket_id=self.case.number)
        query = query.filter(version_of=None, by__in=["agent", "note"]).using_db(self.case.turn.conn)
        if about.startswith("#"):
            found = await query.get_or_none(id=int(about[1:])) if about[1:].isdecimal() else None
            return await self._sent_of(found) if found else None
        return await query.filter(external_id=about).order_by("-id").first() if about else None

    async def _sent_of(self, message: models.Message) -> models.Message:
        """Of a note that was sent since, the words that were: its mark was handed on to them."""
        if message.by != "note":
            return message
        mark = await models.Delivery.get_or_none(key=f"mark:{message.id}", using_db=self.case.turn.conn)
        if mark is None or mark.message_id in (None, message.id):
            return message
        return await models.Message.get(id=mark.message_id, using_db=self.case.turn.conn)

    async def newest_text(self, message: models.Message) -> str:
        """The words of a message after all its edits."""
        versions = models.Message.filter(ticket_id=self.case.number, version_of=message.id)
        newest = await versions.using_db(self.case.turn.conn).order_by("-id").first()
        return newest.text if newest else message.text

    async def _leave(
        self, message: models.Message, identity: models.Identity, kind: str, key: str, **columns: object
    ) -> None:
        await self.case.turn.deliver(
            key=key, kind=kind, lane=f"i{identity.id}", identity_id=identity.id, message_id=message.id,
            ticket_id=self.case.number, **columns,
        )  # fmt: skip

    async def _is_first(self, message: models.Message) -> bool:
        """Whether the person has nothing yet that bears the agent's name: withdrawn and failed words don't count."""
        return not await rows(self.case.turn.conn, _NAMED, [self.case.number, message.agent, message.id])


def is_waiting(row: models.Delivery) -> bool:
    """True if nothing of it can have reached the person: tries that were refused outright don't count."""
    in_hand = row.lease_until is not None or row.unconfirmed
    return row.state in ("due", "held", "parked", "dead") and not in_hand and not row.done


def as_words(message: models.Message, text: str, thread: Thread, agent: Agent, at: datetime) -> AgentWords:
    """What stands on the timeline as if it had just been written."""
    return AgentWords(
        id=f"again:{message.id}",
        kind="said",
        thread=thread,
        post=message.external_id,
        agent=agent,
        sent_at=at,
        text=text,
    )
