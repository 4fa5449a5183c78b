"""Reads about single messages at the desk: what an agent's answer was asked by, and where pictures stand in Slack."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from core.storage import models
from core.storage.engine import Storage

DESK = "desk"
WORDS = 5
"""Of the person's messages before an answer that count as the question."""
BRINGING = ("say", "file")
GIVEN = ("due", "parked", "sent")
"""What is undone, failed or waits for its Send isn't given."""
LOOKED_AT = 50
"""Replies, the newest, among which the last that was given is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An agent's answer with the person's words that it followed."""

    question: str
    answer: str
    language: str


async def answered(storage: Storage, ticket: int, post: str) -> Answered | None:
    """By the answer's message at the desk ("": the latest); None where that is no answer that the person was given."""
    reading = storage.reading
    mine = models.Message.filter(ticket_id=ticket, by="agent", version_of=None).exclude(text="")
    named = mine.filter(external_id=post) if post else mine
    newest = await named.using_db(reading).order_by("-id").limit(LOOKED_AT).prefetch_related("person")
    theirs = await given(reading, [row.id for row in newest])
    answer = next((row for row in newest if row.id in theirs), None)
    if answer is None:
        return None
    edits = models.Message.filter(ticket_id=ticket, version_of=answer.id, by="agent").using_db(reading)
    latest = await edits.order_by("-id").first() or answer
    before = models.Message.filter(person_id=answer.person_id, version_of=None, id__lt=answer.id)
    last = await last_given(reading, answer.person_id, answer.id)
    said = before.filter(by="person", kind="said").exclude(text="").using_db(reading).order_by("-id")
    since = await said.filter(id__gt=last).limit(WORDS) or await said.limit(1)
    question = "\n".join(row.text for row in reversed(since))
    return Answered(question=question, answer=latest.text, language=answer.person.language)


async def given(conn: BaseDBAsyncClient, messages: Collection[int]) -> frozenset[int]:
    """Of these messages of agents those that the person has, or that are on their way; at most some hundreds."""
    theirs = models.Delivery.filter(message_id__in=[*messages], desk=False, state__in=GIVEN).using_db(conn)
    found = [(row.kind, row.message_id) for row in await theirs if row.message_id is not None]
    taken_back = {message for kind, message in found if kind == "delete"}
    return frozenset(message for kind, message in found if kind in BRINGING) - taken_back


async def last_given(conn: BaseDBAsyncClient, person: int, before: int | None = None) -> int:
    """The newest reply of an agent that the person has, or that is on its way; 0 for none."""
    written = models.Message.filter(person_id=person, by="agent", version_of=None).using_db(conn)
    if before is not None:
        written = written.filter(id__lt=before)
    newest = await written.order_by("-id").limit(LOOKED_AT)
    return max(await given(conn, [row.id for row in newest]), default=0)


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
