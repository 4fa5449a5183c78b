"""Asking the FAQ before the turn: in a worker thread, outside any transaction, with what is read unlocked."""

import asyncio
from dataclasses import dataclass

from core.conversation import flow
from core.conversation.faq.decide import Decision
from core.conversation.situation import Conversation, Fired, load
from core.messages import Inbound
from core.publishing import Published
from core.storage import models
from core.storage.engine import Storage

NOTHING = Decision(kind="nothing", ids=())


@dataclass(frozen=True, slots=True)
class Ranked:
    """The FAQ's decision, with the question it was made on: in the turn it must still be the same."""

    question: str
    decision: Decision


class QuestionChanged(Exception):
    """Between ranking and locking more words came in: rank again."""


async def for_event(storage: Storage, published: Published, event: Inbound) -> Ranked:
    """The decision on what a person just said, together with what still waits for the rest."""
    if event.kind != "said":
        return Ranked("", NOTHING)
    sender = event.sender
    query = models.Identity.filter(platform=sender.platform, account=sender.account, user=sender.user)
    identity = await query.using_db(storage.reading).select_related("person").first()
    return await _ranked(published, identity.person if identity else None, event)


async def for_timer(storage: Storage, published: Published, person_id: int, event: Fired) -> Ranked:
    """The decision on what a person left waiting."""
    person = await models.Person.get_or_none(id=person_id, using_db=storage.reading)
    return await _ranked(published, person, event)


async def _ranked(published: Published, person: models.Person | None, event: Inbound | Fired) -> Ranked:
    talk = load(person.scene) if person else Conversation()
    question = flow.question(talk, event, published.texts.words)
    decision = await asyncio.to_thread(published.faq.decide, question) if question else NOTHING
    return Ranked(question, decision)
