"""Words as every database and platform can hold them: no NUL, no half of a surrogate pair."""

from collections.abc import Sequence
from dataclasses import replace

from core.messages import AgentWords, Attachment, Inbound


def plain(text: str) -> str:
    """The text with what can't be written as UTF-8 replaced, and without NUL."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def plain_event(event: Inbound) -> Inbound:
    """All that a person can put into an event, made plain."""
    return replace(
        event,
        text=plain(event.text),
        name=plain(event.name),
        choice=plain(event.choice),
        unknown_type=plain(event.unknown_type),
        attachments=_plain_files(event.attachments),
    )


def plain_words(words: AgentWords) -> AgentWords:
    """All that an agent can put into a message, made plain."""
    return replace(words, text=plain(words.text), attachments=_plain_files(words.attachments))


def _plain_files(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    return tuple(
        replace(file, name=plain(file.name), mime=plain(file.mime), transcript=plain(file.transcript))
        for file in files
    )
