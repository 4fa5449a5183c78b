"""What agents read beside a person's file: the words in a voice message, and what Slack can't play. Pure."""

from collections.abc import Iterator

from core.messages import Attachment, Say

UNPLAYABLE = {"audio/amr": "AMR", "audio/silk": "SILK", "audio/speex": "Speex"}
"""Sounds of phones and of WeChat for which Slack has no player; nothing here can convert them."""


def beside_a_file(file: Attachment) -> Iterator[Say]:
    """What is said of it, best first."""
    if file.transcript:
        yield Say(name="desk.heard", params={"text": file.transcript})
    if file.mime in UNPLAYABLE:
        yield Say(name="desk.unplayable", params={"type": UNPLAYABLE[file.mime]})
