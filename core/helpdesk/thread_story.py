"""What was said and sent since a moment, told once more in a ticket's thread."""

from core.messages import UNFETCHED, Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn

LONGEST_STORY = 30
INDENT = "\n\u2003\u2003"


class ThreadStory:
    """One person's story in one turn."""

    def __init__(self, turn: Turn, published: Published) -> None:
        self._turn = turn
        self._published = published

    async def since(
        self, since: int, *, by: tuple[str, ...] = ("person", "bot"), most: int = LONGEST_STORY
    ) -> tuple[int, str]:
        """The newest message after ``since``, and what was said, oldest first."""
        query = models.Message.filter(person_id=self._turn.person.id, id__gt=since, by__in=by)
        said = await query.using_db(self._turn.conn).order_by("-id").limit(most)
        lines = [self._line(message) for message in reversed(said) if message.text]
        return (said[0].id if said else since), "\n".join(lines)

    async def files_since(self, row: models.Ticket, identity: models.Identity | None, since: int) -> None:
        """The files that the person sent; ``identity`` None: where they came from is told by each itself."""
        query = models.Attachment.filter(
            message__person_id=self._turn.person.id, message_id__gt=since, message__by="person"
        )
        for file in await query.using_db(self._turn.conn).order_by("id").limit(LONGEST_STORY):
            platform = identity.platform if identity else file.source.partition(":")[0]
            await self.file(row, file, platform)

    async def file(self, row: models.Ticket, file: models.Attachment, platform: str) -> None:
        """One file under the person's name; what there is nothing to fetch of was told in words."""
        if file.kind in UNFETCHED:
            return
        await self._turn.deliver(
            key=f"file:{file.id}:{row.lane[1:]}", kind="file", desk=True, lane=row.lane, ticket_id=row.id,
            message_id=file.message_id, attachment_id=file.id,
            body={"author": self._turn.person.name, "platform": platform},
        )  # fmt: skip

    def _line(self, message: models.Message) -> str:
        """Later rows stand further in, so that nobody can write a line in somebody else's name."""
        text = INDENT.join(message.text.splitlines())
        params = {"text": text, "name": message.author}
        return self._published.desk_text(Say(name=f"line.{message.by}", params=params))
