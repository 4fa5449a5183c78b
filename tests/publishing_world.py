"""Publishing for tests about other things: small folders, letters instead of meanings, one database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.conversation.faq.confidence import Outcome
from core.delivery.wakeup import MemoryWakeup, Wakeup
from core.escalation.canned import Canned
from core.escalation.routing import Routing
from core.metrics import Metrics
from core.publishing import Content, Files, Folder, Published, Publishing, Step
from core.storage.engine import Storage
from tests.letters_encoder import LettersEncoder

CONFIG = Path(__file__).parent.parent / "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskContent:
    """What a test wants departments and canned replies to be; ``memory`` as ``Step`` has it."""

    memory: Path
    routing: Routing
    replies: tuple[Canned, ...] = ()


BUILT: dict[tuple[str, tuple[tuple[str, str], ...]], Published] = {}
"""What was built from files already: many tests begin with the same, and none changes it."""


class _Steered(Content):
    desk: DeskContent | None = None

    def of(
        self,
        files: Files,
        *,
        before: Published | None = None,
        sizes: Mapping[str, int] | None = None,
        outcomes: Sequence[Outcome] = (),
    ) -> Published:
        if self.desk is None or before is not None or outcomes:
            return super().of(files, before=before, sizes=sizes, outcomes=outcomes)
        known = (self._desk_language, tuple(files.items()))
        if known not in BUILT:
            BUILT[known] = super().of(files, sizes=sizes)
        return replace(BUILT[known], routing=self.desk.routing, replies=self.desk.replies)


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
    desk: DeskContent | None = None,
) -> Publishing:
    """For the files in ``folder``; nothing is loaded yet. ``desk`` steers the desk instead of files."""
    encoder = LettersEncoder()
    content = _Steered(
        shipped_texts=shipped_texts, desk_language=language, encoder=encoder, embed=encoder.encode
    )
    content.desk = desk
    places = Folder({"faq/": folder / "faq", "texts/": folder / "texts"})
    step = Step(places, desk.memory if desk else folder / "var" / "folder.json", own=own)
    return Publishing(
        storage=storage, clock=clock, content=content, step=step, wakeup=wakeup or MemoryWakeup(),
        metrics=metrics or Metrics(),
    )  # fmt: skip
