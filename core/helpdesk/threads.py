"""What a person says and does, on its way into the ticket's thread; opening and reopening the ticket."""

from core.delivery.arming import arm
from core.escalation import ticket as tickets
from core.messages import UNFETCHED, Inbound, Say
from core.publishing import Published
from core.storage import models
from core.storage.stories import STORY, story_begins
from core.storage.turns import Turn, put_ticket, ticket_value

LONGEST_STORY = 30
INDENT = "\n\u2003\u2003"


class Threads:
    """The thread's side of one turn."""

    def __init__(self, turn: Turn, published: Published, channel: str) -> None:
        self._turn = turn
        self._published = published
        self._channel = channel

    async def open(self, identity: models.Identity, reason: str) -> models.Ticket:
        """A new ticket: its card tells what was said so far, its files follow in the thread."""
        turn = self._turn
        since = await story_begins(turn.conn, turn.person.id, before=None, at=turn.now - STORY)
        newest = await turn.newest_message()
        row = await models.Ticket.create(
            using_db=turn.conn, person_id=turn.person.id, identity_id=identity.id, reason=reason,
            channel=self._channel, opened_with=newest, opened_at=turn.now, waiting_since=turn.now,
        )  # fmt: skip
        await turn.deliver(
            key=f"open:{row.id}", kind="open", desk=True, lane=f"t{row.id}", priority=1, ticket_id=row.id
        )
        await self._files_since(row, identity, since)
        await turn.record("ticket.opened", ticket=row.id, reason=reason)
        return row

    async def reopen(self, row: models.Ticket, identity: models.Identity, reason: str) -> None:
        """The matter goes on in its old thread, with what was said to the bot in between."""
        await self.move(row, tickets.Reopen())
        story = await self._story_since(row.resolved_with)
        told: dict[str, object] = {"say": "thread.reopened", "params": {"story": story[1]}}
        await self._notice(row, f"reopened:{row.id}:{story[0]}", told)
        await self._files_since(row, identity, row.resolved_with)
        await self._turn.record("ticket.reopened", ticket=row.id, reason=reason)

    async def move(self, row: models.Ticket, act: tickets.Act) -> tickets.Moved | tickets.IllegalMove:
        """One act on the ticket; the card follows."""
        outcome = tickets.step(ticket_value(row), act, self._turn.now)
        if isinstance(outcome, tickets.Moved):
            put_ticket(row, outcome.ticket)
            await row.save(using_db=self._turn.conn)
            await self.refresh_card(row)
        return outcome

    async def refresh_card(self, row: models.Ticket) -> None:
        """The card is rendered again, from the truth at the moment it leaves."""
        await arm(
            self._turn.conn, key=f"card:{row.id}", kind="card", person_id=self._turn.person.id, ticket_id=row.id,
            due_at=self._turn.now, now=self._turn.now,
        )  # fmt: skip

    async def forward(
        self, row: models.Ticket, message: models.Message, event: Inbound, files: list[models.Attachment]
    ) -> None:
        """What the person just said or did goes into the thread under their name."""
        platform = event.sender.platform
        if event.kind in ("edited", "deleted"):
            await self._did(row, f"thread.{event.kind}", message, platform, text=event.text)
        elif event.kind == "chose":
            await self._did(row, "thread.picked", message, platform, text=message.text)
        elif event.unknown_type:
            await self._did(row, "thread.unknown", message, platform, type=event.unknown_type)
        else:
            await self._words(row, message, event, files)
            await self.move(row, tickets.Asked())

    async def left(self, row: models.Ticket, message: models.Message, platform: str) -> None:
        """The person can't be reached any more."""
        await self._did(row, "thread.left", message, platform)

    async def _words(
        self, row: models.Ticket, message: models.Message, event: Inbound, files: list[models.Attachment]
    ) -> None:
        said = [event.text, *(f"[{file.kind}] {file.name}" for file in files if file.kind in UNFETCHED)]
        if text := "\n".join(filter(None, said)):
            body = {"author": self._turn.person.name, "platform": event.sender.platform, "text": text}
            await self._turn.deliver(
                key=f"post:{message.id}", kind="post", desk=True, lane=f"t{row.id}", ticket_id=row.id,
                message_id=message.id, body=body,
            )  # fmt: skip
        for file in files:
            await self._file(row, file, event.sender.platform)

    async def _file(self, row: models.Ticket, file: models.Attachment, platform: str) -> None:
        if file.kind in UNFETCHED:
            return
        await self._turn.deliver(
            key=f"file:{file.id}:{row.id}", kind="file", desk=True, lane=f"t{row.id}", ticket_id=row.id,
            message_id=file.message_id, attachment_id=file.id,
            body={"author": self._turn.person.name, "platform": platform},
        )  # fmt: skip

    async def _did(
        self, row: models.Ticket, name: str, message: models.Message, platform: str, **params: str
    ) -> None:
        """What the person did other than speak, under their own name: nobody mistakes it for a colleague's doing."""
        told: dict[str, object] = {"say": name, "params": params}
        face = {"author": self._turn.person.name, "platform": platform}
        await self._notice(row, f"post:{message.id}", {**told, **face})

    async def _notice(self, row: models.Ticket, key: str, body: dict[str, object]) -> None:
        await self._turn.deliver(
            key=key, kind="post", desk=True, lane=f"t{row.id}", ticket_id=row.id, body=body
        )

    async def _files_since(self, row: models.Ticket, identity: models.Identity, since: int) -> None:
        query = models.Attachment.filter(
            message__person_id=self._turn.person.id, message_id__gt=since, message__by="person"
        )
        for file in await query.using_db(self._turn.conn).order_by("id").limit(LONGEST_STORY):
            await self._file(row, file, identity.platform)

    async def _story_since(self, since: int) -> tuple[int, str]:
        query = models.Message.filter(person_id=self._turn.person.id, id__gt=since, by__in=["person", "bot"])
        said = await query.using_db(self._turn.conn).order_by("-id").limit(LONGEST_STORY)
        lines = [self._line(message) for message in reversed(said) if message.text]
        return (said[0].id if said else since), "\n".join(lines)

    def _line(self, message: models.Message) -> str:
        """Later rows stand further in, so that nobody can write a line in somebody else's name."""
        text = INDENT.join(message.text.splitlines())
        return self._published.desk_text(Say(name=f"line.{message.by}", params={"text": text}))
