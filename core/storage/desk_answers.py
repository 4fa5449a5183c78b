"""Reads about single messages at the desk: what an agent's answer was asked by, and where pictures stand in Slack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.storage import models
from core.storage.engine import Storage

DESK = "desk"
WORDS = 5
"""Of the person's messages before an answer that count as the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An agent's answer with the person's words that it followed."""

    question: str
    answer: str
    language: str


async def answered(storage: Storage, ticket: int, post: str) -> Answered | None:
    """By the answer's message at the desk; None where that is no answer to the person."""
    reading = storage.reading
    mine = models.Message.filter(ticket_id=ticket, by="agent", external_id=post, version_of=None)
    answer = await mine.using_db(reading).order_by("-id").first().prefetch_related("person")
    if answer is None:
        return None
    edits = models.Message.filter(ticket_id=ticket, version_of=answer.id).using_db(reading)
    newest = await edits.order_by("-id").first() or answer
    before = models.Message.filter(person_id=answer.person_id, version_of=None, id__lt=answer.id)
    last = await before.filter(by="agent").using_db(reading).order_by("-id").first()
    said = before.filter(by="person", kind="said").exclude(text="").using_db(reading).order_by("-id")
    since = await said.filter(id__gt=last.id if last else 0).limit(WORDS) or await said.limit(1)
    question = "\n".join(row.text for row in reversed(since))
    return Answered(question=question, answer=newest.text, language=answer.person.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it stands at the desk: ``ref`` is the desk's id of its file, or its address there."""

    ref: str
    name: str


async def pictures(storage: Storage, messages: Sequence[int]) -> Mapping[int, Sequence[Picture]]:
    """Those that can be shown at the desk, by the message that they came with."""
    reading = storage.reading
    there = models.Attachment.filter(message_id__in=[*messages], kind="image", state="stored")
    files = await there.using_db(reading).order_by("id")
    posted = models.Delivery.filter(
        attachment_id__in=[file.id for file in files], desk=True, kind="file", state="sent"
    )
    refs = {row.attachment_id: row.external_id for row in await posted.using_db(reading)}
    found: dict[int, list[Picture]] = {}
    for file in files:
        if ref := refs.get(file.id) or (file.ref if file.source == DESK else ""):
            found.setdefault(file.message_id, []).append(Picture(ref=ref, name=file.name))
    return found
