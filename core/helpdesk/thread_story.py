"""What was said and sent since a moment, told once more in a ticket's thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.delivery.notices import notice
from core.messages import UNFETCHED, Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn

LONGEST_STORY = 30
"""Messages that a card holds."""
WHOLE, MOST_FILES = 400, 30
"""Messages and files that are told at once; of more than that it is said how many stand in the history."""
INDENT = "\n\u2003\u2003"
_WORDS = ("said", "edited", "chose")
"""Kinds of a person's events that want an answer."""
EVERYBODY = ("person", "bot", "agent", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said, oldest first. ``newest`` is the last message of it; ``asked_at`` is when the person first wrote,
    None if they didn't.
    """

    newest: int
    text: str
    asked_at: datetime | None


class ThreadStory:
    """One person's story in one turn."""

    def __init__(self, turn: Turn, published: Published) -> None:
        self._turn = turn
        self._published = published

    async def since(
        self, since: int, *, until: int | None = None, by: tuple[str, ...] = ("person", "bot")
    ) -> Told:
        """What was said after the message ``since``, up to ``until`` if there is one."""
        query = models.Message.filter(person_id=self._turn.person.id, id__gt=since, by__in=by)
        if until is not None:
            query = query.filter(id__lte=until)
        query = query.using_db(self._turn.conn)
        said = await query.order_by("-id").limit(WHOLE).prefetch_related("attachments")
        first = await query.filter(by="person", kind__in=_WORDS).order_by("id").first()
        lines = [self._line(message) for message in reversed(said)]
        if len(said) == WHOLE and (more := await query.count() - WHOLE):
            lines.insert(0, self._published.desk_text(_more("messages", more)))
        return Told(
            newest=said[0].id if said else since,
            text="\n".join(filter(None, lines)),
            asked_at=first.at if first else None,
        )

    async def files_since(self, row: models.Ticket, since: int, *, until: int | None = None) -> None:
        """The files that the person sent meanwhile, the newest if they are many."""
        theirs = models.Attachment.filter(
            message__person_id=self._turn.person.id, message_id__gt=since, message__by="person"
        ).exclude(kind__in=UNFETCHED)
        if until is not None:
            theirs = theirs.filter(message_id__lte=until)
        theirs = theirs.using_db(self._turn.conn)
        files = await theirs.order_by("-id").limit(MOST_FILES)
        if len(files) == MOST_FILES and (more := await theirs.count() - MOST_FILES):
            await self._turn.deliver(
                key=f"more_files:{row.lane[1:]}:{files[0].id}", kind="post", desk=True, lane=row.lane,
                ticket_id=row.id, body=notice(_more("files", more)),
            )  # fmt: skip
        for file in reversed(files):
            await self.file(row, file, file.source.partition(":")[0])

    async def file(self, row: models.Ticket, file: models.Attachment, platform: str) -> None:
        """One file under the person's name, unless it stands there already.

        What there is nothing to fetch of is told in words.
        """
        key = f"file:{file.id}:{row.lane[1:]}"
        there = models.Delivery.filter(key=key).using_db(self._turn.conn)
        if file.kind in UNFETCHED or await there.exists():
            return
        await self._turn.deliver(
            key=key, kind="file", desk=True, lane=row.lane, ticket_id=row.id, message_id=file.message_id,
            attachment_id=file.id, body={"author": self._turn.person.name, "platform": platform},
        )  # fmt: skip

    def _line(self, message: models.Message) -> str:
        """Later rows stand further in, so that nobody can write a line in somebody else's name; "" for no words."""
        text = INDENT.join(in_words(message.text, message.attachments).splitlines())
        params = {"text": text, "name": message.author}
        return self._published.desk_text(Say(name=f"line.{message.by}", params=params)) if text else ""


def in_words(text: str, files: Iterable[models.Attachment]) -> str:
    """What was said, with what there is nothing to fetch of, such as a place on the map."""
    unfetched = (f"[{file.kind}] {file.name}" for file in files if file.kind in UNFETCHED)
    return "\n".join(filter(None, [text, *unfetched]))


def _more(what: str, count: int) -> Say:
    return Say(name=f"thread.more_{what}", params={"count": count})
