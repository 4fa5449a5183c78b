"""Turning what a decision wants said into timeline entries and deliveries, inside its turn."""

from collections.abc import Sequence
from dataclasses import replace

from core.conversation.situation import Conversation
from core.conversation.texts import nearest
from core.messages import Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn


class Outgoing:
    """Speaks for the bot in one turn: renders in the person's language and writes the rows."""

    def __init__(
        self, turn: Turn, published: Published, identity: models.Identity, ticket: int | None
    ) -> None:
        self._turn = turn
        self._published = published
        self._identity = identity
        self._ticket = ticket
        self.language = nearest(turn.person.language or "en")

    async def tell(self, say: Say, options: Sequence[str], talk: Conversation) -> Conversation:
        """Say a text with options; a bare number belongs to these options from now on."""
        text = self._published.texts.render(say, self.language)
        choices = [[option, self.label(option)] for option in options]
        await self._send(text, choices)
        return offered(talk, options, self._turn) if options else talk

    async def answer(self, entry: str) -> None:
        """Answer with a FAQ entry, in the nearest language that it has."""
        text = self._published.faq.entries[entry].answer_in(self.language)[1]
        await self._send(text, [], faq=entry)

    async def _send(self, text: str, choices: list[list[str]], faq: str = "") -> None:
        shown = "\n".join([text, *(f"· {label}" for _, label in choices)])
        message = await self._turn.say_on_timeline(
            by="bot", text=shown, faq=faq, identity_id=self._identity.id, ticket_id=self._ticket
        )
        await self._turn.deliver(
            key=f"say:{message.id}", kind="say", lane=f"i{self._identity.id}", identity_id=self._identity.id,
            message_id=message.id, ticket_id=self._ticket, body={"text": text, "choices": choices},
        )  # fmt: skip

    def label(self, option: str) -> str:
        """What an option says to the person; an option that is gone says its id."""
        verb, _, about = option.partition(":")
        if verb == "faq" and about in self._published.faq.entries:
            return self._published.faq.entries[about].question_in(self.language)
        name = f"menu.{about}" if verb == "menu" else f"choice.{verb}"
        known = name in self._published.texts.by_name
        return self._published.texts.render(Say(name=name), self.language) if known else option


def offered(talk: Conversation, options: Sequence[str], turn: Turn) -> Conversation:
    """The conversation with these options as its newest list."""
    return replace(talk, offered=tuple(options), offered_at=turn.now)
