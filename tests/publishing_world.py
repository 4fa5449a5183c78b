"""Publishing for tests about other things: small folders, letters instead of meanings, one database."""

from datetime import UTC, datetime
from pathlib import Path

from core.delivery.wakeup import MemoryWakeup, Wakeup
from core.metrics import Metrics
from core.publishing import Content, Folder, Publishing, Step
from core.storage.engine import Storage
from tests.letters_encoder import LettersEncoder

CONFIG = Path(__file__).parent.parent / "config"


def clock() -> datetime:
    """A real one: history is told in its order."""
    return datetime.now(UTC)


def publishing_of(
    storage: Storage,
    folder: Path,
    *,
    shipped_texts: Path = CONFIG / "texts",
    own: bool = False,
    wakeup: Wakeup | None = None,
    language: str = "en",
    metrics: Metrics | None = None,
) -> Publishing:
    """For the files in ``folder``; nothing is loaded yet."""
    encoder = LettersEncoder()
    content = Content(
        shipped_texts=shipped_texts, desk_language=language, encoder=encoder, embed=encoder.encode
    )
    places = Folder({"faq/": folder / "faq", "texts/": folder / "texts"})
    step = Step(places, folder / "var" / "folder.json", own=own)
    return Publishing(
        storage=storage, clock=clock, content=content, step=step, wakeup=wakeup or MemoryWakeup(),
        metrics=metrics or Metrics(),
    )  # fmt: skip
