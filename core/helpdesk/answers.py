"""The bot's own words about the FAQ, inside a turn: answers with their files, suggestions, lists to walk through."""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from core.conversation import centre
from core.conversation.asked import Asked, stamped
from core.conversation.faq.shelf import Shelf
from core.conversation.situation import Answer, Conversation, Tell
from core.conversation.texts import CATEGORY
from core.delivery.media import FAQ
from core.helpdesk.asking import Questions
from core.helpdesk.library import Library
from core.helpdesk.outgoing import Outgoing, offered
from core.messages import Attachment, Capabilities, Media, Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn

_UNTOLD = frozenset({"back", "more", "topics"})
"""Options that are no part of the story that agents read."""


class Answers:
    """One turn's. ``able`` is what the person's platform can take."""

    def __init__(
        self,
        turn: Turn,
        published: Published,
        identity: models.Identity,
        ticket: int | None,
        *,
        library: Library,
        shelf: Shelf,
        able: Capabilities,
    ) -> None:
        self._turn = turn
        self._published = published
        self._platform = identity.platform
        self._library = library
        self._shelf = shelf
        self._able = able
        self._outgoing = Outgoing(turn, published, identity, ticket)
        self.questions = Questions(turn, published, identity, self._outgoing.language, library.normal)

    async def tell(self, tell: Tell, talk: Conversation, params: Mapping[str, str | int]) -> Conversation:
        """Say a text with options, which belong to the question if there is one."""
        text = self._outgoing.render(
            Say(name=tell.say.name, params=self._named({**params, **tell.say.params}))
        )
        asked = (tell.asked,) if tell.asked else ()
        sent = await self._send(text, tell.options, asked, talk)
        return sent[0]

    async def answer(self, answer: Answer, talk: Conversation) -> Conversation:
        """Answer with entries; their files follow. An entry that has no words of its own leaves only its question."""
        text = self._text(answer.entries)
        if not text:
            kept = [await self.questions.keep(asked, None) for asked in answer.asked]
            return _answered(talk, kept[-1] if kept else answer.question)
        talk, question = await self._send(
            text, answer.options, answer.asked, talk, answer.question, answer.entries
        )
        return _answered(talk, question)

    async def _send(
        self,
        text: str,
        options: Sequence[str],
        asked: Sequence[Asked],
        talk: Conversation,
        question: int = 0,
        entries: Sequence[str] = (),
    ) -> tuple[Conversation, int]:
        """The words with their options; gives the number of the last question as well."""
        named = [(option, self.label(option)) for option in options]
        told = [] if entries else [pair for pair in named if pair[0].partition(":")[0] not in _UNTOLD]
        message = await self._outgoing.write(text, told, entries[0] if entries else "")
        kept = [await self.questions.keep(one, message.id) for one in asked]
        shown = asked[0].shown if asked else ()
        belongs = kept[0] if kept else question
        choices = [(stamped(option, belongs, shown) if belongs else option, label) for option, label in named]
        await self._outgoing.deliver(message, text, choices)
        await self._files(message, entries)
        return offered(talk, [option for option, _ in choices], self._turn), kept[-1] if kept else question

    def _text(self, entries: Sequence[str]) -> str:
        return "\n\n".join(filter(None, (self._part(entry, len(entries) > 1) for entry in entries)))

    def _part(self, name: str, among_others: bool) -> str:
        entry = self._published.faq.entries[name]
        language, render = self._outgoing.language, self._outgoing.render
        told, converted = self._library.scripts.answer(entry, language, self._platform)
        if told and converted:
            told = f"{told}\n{render(Say(name='answer.converted'))}"
        if not told or not among_others:
            return told
        question = self._library.scripts.question(entry, language)
        return render(Say(name="answer.part", params={"question": question, "answer": told}))

    async def _files(self, message: models.Message, entries: Sequence[str]) -> None:
        """What the platform can't take stays away; the words are there."""
        paths = [path for entry in entries for path in self._published.faq.entries[entry].attachments]
        files = [file for file in map(_file, paths) if _takes(self._able, file)]
        for row in await self._turn.attach(message, files, FAQ):
            await self._outgoing.send_file(row, message)

    def label(self, option: str) -> str:
        """What an option says to the person; an entry that is gone says its id."""
        verb, _, about = option.partition(":")
        if verb == "faq" and about in self._published.faq.entries:
            return self._library.scripts.question(self._published.faq.entries[about], self._outgoing.language)
        category = centre.topic_of(option, self._shelf)
        return self._outgoing.label(option) if category is None else self._topic(category)

    def _named(self, params: Mapping[str, str | int]) -> Mapping[str, str | int]:
        """A topic's category becomes its name."""
        return {**params, "topic": self._topic(str(params["topic"]))} if "topic" in params else params

    def _topic(self, category: str) -> str:
        name = f"{CATEGORY}{category}" if category else "centre.other"
        known = name in self._published.texts.by_name
        return self._outgoing.render(Say(name=name)) if known else category


def _answered(talk: Conversation, question: int) -> Conversation:
    return replace(talk, last=replace(talk.last, question=question)) if talk.last else talk


def _file(path: str) -> Attachment:
    mime = mimetypes.guess_type(path)[0] or ""
    kind: Media = "image" if mime.startswith("image/") else "file"
    return Attachment(kind=kind, ref=path, name=PurePosixPath(path).name, mime=mime)


def _takes(able: Capabilities, file: Attachment) -> bool:
    limit = able.media.get(file.kind)
    return limit is not None and (not limit.types or file.mime in limit.types)
