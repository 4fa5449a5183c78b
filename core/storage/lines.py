"""An entry of the timeline as the desk shows it."""

from collections.abc import Sequence
from typing import Literal

from core.desk import Line
from core.storage.engine import Storage
from core.storage.faq_models import Question
from core.storage.models import Message

_BY: dict[str, Literal["person", "bot", "agent", "note"]] = {
    "person": "person", "bot": "bot", "agent": "agent", "note": "note",
}  # fmt: skip


async def lines_of(storage: Storage, messages: Sequence[Message]) -> list[Line]:
    """In their order; their attachments must have been read with them."""
    answers = [message.id for message in messages if message.by == "bot" and message.faq]
    sure: dict[int | None, float] = {}
    if answers:
        asked = Question.filter(message_id__in=answers, kind="answer").using_db(storage.reading)
        for row in await asked.order_by("-id"):
            sure[row.message_id] = row.probability
    return [_line(message, sure.get(message.id)) for message in messages]


def _line(message: Message, sure: float | None) -> Line:
    files = tuple(file.name or file.kind for file in message.attachments)
    return Line(
        by=_BY[message.by], text=message.text, at=message.at, name=message.author, files=files, id=message.id,
        entry=message.faq, sure=sure, edited=message.version_of is not None,
    )  # fmt: skip
