"""Turning what a decision wants said into timeline entries and deliveries, inside its turn."""

from collections.abc import Sequence
from dataclasses import replace

from core.conversation.situation import Conversation
from core.conversation.texts import nearest
from core.messages import Say
from core.publishing import Published
from core.storage import models
from core.storage.turns import Turn

Choices = Sequence[tuple[str, str]]
"""Id and label of each."""


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
        text, choices = self.render(say), [(option, self.label(option)) for option in options]
        await self.deliver(await self.write(text, choices), text, choices)
        return offered(talk, options, self._turn)

    def render(self, say: Say) -> str:
        """In the person's language."""
        return self._published.texts.render(say, self.language)

    async def write(self, text: str, choices: Choices = (), faq: str = "") -> models.Message:
        """The bot's words as they stand on the timeline."""
        shown = "\n".join([text, *(f"· {label}" for _, label in choices)])
        return await self._turn.say_on_timeline(
            by="bot", text=shown, faq=faq, identity_id=self._identity.id, ticket_id=self._ticket
        )

    async def deliver(self, message: models.Message, text: str, choices: Choices) -> None:
        """The words on their way."""
        body: dict[str, object] = {"text": text, "choices": [list(pair) for pair in choices]}
        await self._leave(message, "say", f"say:{message.id}", body=body)

    async def send_file(self, file: models.Attachment, message: models.Message) -> None:
        """A file of the message on its way."""
        key = f"file:{file.id}:i{self._identity.id}"
        await self._leave(message, "file", key, attachment_id=file.id)

    async def _leave(self, message: models.Message, kind: str, key: str, **columns: object) -> None:
        await self._turn.deliver(
            key=key, kind=kind, lane=f"i{self._identity.id}", identity_id=self._identity.id,
            message_id=message.id, ticket_id=self._ticket, **columns,
        )  # fmt: skip

    def label(self, option: str) -> str:
        """What an option says to the person; one that has no name says its id."""
        verb, _, about = option.partition(":")
        name = f"menu.{about}" if verb == "menu" else f"choice.{verb}"
        return self.render(Say(name=name)) if name in self._published.texts.by_name else option


def offered(talk: Conversation, options: Sequence[str], turn: Turn) -> Conversation:
    """The conversation with these options, if any, as its newest list."""
    return replace(talk, offered=tuple(options), offered_at=turn.now) if options else talk
