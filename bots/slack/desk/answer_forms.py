"""The modals in which an agent words an answer: to the person, in place of a wrong one, or for the FAQ. Pure."""

from bots.slack.desk.forms import form
from bots.slack.desk.where import Where
from bots.slack.fields import select
from bots.slack.kit import FIELD, Speech, View, context, field
from bots.slack.lengths import cut
from bots.slack.text import safe
from core.conversation.texts import LANGUAGES

REPLY, PUT_RIGHT, PROPOSE = "desk.reply", "desk.put_right", "desk.propose"
TEXT, QUESTION, ANSWER, VARIANTS, LANGUAGE = "text", "question", "answer", "variants", "language"


def reply(where: Where, text: str, speech: Speech) -> View:
    """An answer of the FAQ or a canned reply, to be changed before it goes to the person."""
    blocks = [
        field(TEXT, speech("modal.reply.text"), cut(text, FIELD), lines=True, optional=False),
        context(speech("modal.reply.hint")),
    ]
    return form(REPLY, where, blocks, speech, submit="modal.send")


def put_right(where: Where, speech: Speech) -> View:
    """What everybody gets who was given the wrong answer."""
    blocks = [
        context(speech("modal.put_right.hint", entry=safe(where.entry))),
        field(TEXT, speech("modal.put_right.text"), lines=True, optional=False),
    ]
    return form(PUT_RIGHT, where, blocks, speech, submit="modal.send")


def propose(where: Where, question: str, answer: str, language: str, speech: Speech) -> View:
    """An entry for the FAQ, made of what was asked and answered here; admins decide on it."""
    languages = [(code, speech(f"card.language.{code}")) for code in LANGUAGES]
    initial = language if language in LANGUAGES else LANGUAGES[0]
    blocks = [
        field(
            QUESTION, speech("modal.propose.question"), cut(" ".join(question.split()), 300), optional=False
        ),
        field(ANSWER, speech("modal.propose.answer"), cut(answer, FIELD), lines=True, optional=False),
        field(VARIANTS, speech("modal.propose.variants"), hint=speech("modal.propose.hint"), lines=True),
        select(LANGUAGE, speech("modal.propose.language"), languages, initial=initial),
        context(speech("modal.propose.careful")),
    ]
    return form(PROPOSE, where, blocks, speech, submit="modal.propose.submit")
