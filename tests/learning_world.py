"""A database, a small FAQ published in it, and people whose questions and voices are written as turns would."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.conversation.faq.normal import Normal
from core.delivery.wakeup import MemoryWakeup
from core.helpdesk.learning import Learning
from core.metrics import Metrics
from core.ports import Clock
from core.publishing import Content, Folder, Publishing, Step
from core.storage import faq_models
from core.storage.engine import Storage
from core.storage.learning import voice
from core.storage.migrate import migrate
from tests.letters_encoder import LettersEncoder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHIPPED = Path(__file__).parent.parent / "config" / "texts"
FAQ = """# ours
entries:
  - id: return-goods
    category: after-sales
    en:
      question: How do I return something?
      answer: Click return.
    zh-CN:
      question: 怎么退货？
      answer: 点退货。
  - id: track-parcel  # mail
    category: shipping
    en:
      question: Where is my parcel?
      answer: On its way.
"""
NORMAL = Normal()


@dataclass(slots=True, kw_only=True)
class World:
    storage: Storage
    publishing: Publishing
    learning: Learning
    now: datetime = NOW

    async def asked(self, text: str, person: int = 1, **columns: object) -> faq_models.Question:
        """A question as a turn keeps it."""
        told = {
            "person_id": person, "text": text, "at": self.now, "platform": "telegram", "language": "en",
            "kind": "suggest", "shown": ["return-goods", "track-parcel"], "probability": 0.5, "signs": [0.1, 0.2],
        } | columns  # fmt: skip
        async with self.storage.turn() as conn:
            return await faq_models.Question.create(using_db=conn, **told)

    async def picked(
        self, text: str, people: Sequence[int], entry: str = "return-goods", fate: str = "picked"
    ) -> None:
        """Each of them asked this, and picked the entry."""
        for person in people:
            question = await self.asked(text, person, fate=fate, entry=entry)
            await self.voiced(question, entry, f"person:{person}")

    async def voiced(
        self, question: faq_models.Question, entry: str, whose: str, source: str = "picked"
    ) -> None:
        async with self.storage.turn() as conn:
            folded = NORMAL.of(question.text)
            await voice(conn, question, entry, source, whose, self.now, folded)

    async def variants(self) -> dict[str, str]:
        """The state of every variant, by its text."""
        found = await faq_models.Variant.all().using_db(self.storage.reading).order_by("id")
        return {row.text: row.state for row in found}

    async def variant(self, text: str) -> int:
        return (await faq_models.Variant.get(text=text, using_db=self.storage.reading)).id

    def phrasings(self, entry: str = "return-goods") -> tuple[str, ...]:
        return self.publishing.current.faq.entries[entry].phrasings()


@asynccontextmanager
async def world(url: str, folder: Path, faq: str = FAQ, confirmations: int = 3) -> AsyncIterator[World]:
    """Everything ready; the FAQ is revision 1."""
    await migrate(url)
    storage = await Storage.open(url)
    (folder / "faq").mkdir(exist_ok=True)
    (folder / "faq" / "10.yaml").write_text(faq, encoding="utf-8")
    made: list[World] = []

    def clock() -> datetime:
        return made[0].now if made else NOW

    try:
        publishing = publisher(storage, folder, clock)
        await publishing.load()
        learning = Learning(storage=storage, publishing=publishing, clock=clock, confirmations=confirmations)
        made.append(World(storage=storage, publishing=publishing, learning=learning))
        yield made[0]
    finally:
        await storage.close()


def publisher(storage: Storage, folder: Path, clock: Clock) -> Publishing:
    encoder = LettersEncoder()
    content = Content(shipped_texts=SHIPPED, desk_language="en", encoder=encoder, embed=encoder.encode)
    places = {"faq/": folder / "faq", "texts/": folder / "texts"}
    step = Step(Folder(places), folder / "memory.json", own=False)
    return Publishing(
        storage=storage, clock=clock, content=content, step=step, wakeup=MemoryWakeup(), metrics=Metrics()
    )


def days(count: float) -> timedelta:
    return timedelta(days=count)
