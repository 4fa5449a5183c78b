"""What is quicker read than made again, in one folder: it may be deleted at any time, and processes may share it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.conversation.faq.confidence import Measure
from core.conversation.faq.encoder import SentenceEncoder
from core.conversation.faq.index import Embed
from core.storage.embedding import elsewhere
from core.storage.measures import KeptMeasures
from core.storage.vectors import KeptVectors
from core.storage.weights import mapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What ``Faq.of`` takes."""

    encoder: SentenceEncoder
    embed: Embed
    measure: Measure


def kept_in(folder: Path) -> Kept:
    """Nothing is read or made before it is needed."""
    encoder = SentenceEncoder(partial(mapped, folder))
    return Kept(
        encoder=encoder,
        embed=KeptVectors(folder, encoder, elsewhere).embed,
        measure=KeptMeasures(folder).measured,
    )
