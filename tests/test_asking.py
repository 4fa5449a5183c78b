"""What is kept of questions, on each kind of database: fates, voices, whose they are, what is read later."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.conversation import texts
from core.conversation.asked import Asked, Fate
from core.conversation.faq.book import Faq
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.normal import Normal
from core.conversation.feedback import LATEST, Standing
from core.conversation.situation import Became
from core.helpdesk.asking import Questions, about
from core.helpdesk.standing import Top, standings
from core.publishing import Published
from core.storage import models
from core.storage.engine import Storage, rows
from core.storage.faq_models import Question
from core.storage.migrate import migrate
from core.storage.turns import Turn
from tests.letters_encoder import LettersEncoder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = Path(__file__).parent.parent / "config" / "texts"
ENTRY = Entry(id="a", blocks={"en": Block(question="How do I return something?", answer="So.")})
NORMAL = Normal()


@dataclass(slots=True, kw_only=True)
class Shop:
    storage: Storage
    published: Published
    person: models.Person
    other: models.Person
    identity: models.Identity

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Questions]:
        async with self.storage.turn() as conn:
            turn = Turn(conn, NOW, self.person)
            yield Questions(turn, self.published, self.identity, "en", NORMAL)

    async def asked(
        self, text: str = "can I send it back", entry: str = "a", fate: str = "", days: int = 0
    ) -> None:
        """A question of somebody, some days ago."""
        async with self.storage.turn() as conn:
            await Question.create(
                using_db=conn, person_id=self.other.id, at=NOW - timedelta(days=days), text=text,
                platform="telegram", language="en", kind="answer", entry=entry, fate=fate,
            )  # fmt: skip

    async def kept(self) -> Question:
        """The newest question."""
        return await Question.all().using_db(self.storage.reading).order_by("-id").get()


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    await migrate(database_url)
    storage = await Storage.open(database_url)
    faq = Faq.of([ENTRY], LettersEncoder())
    read = texts.read({path.name: path.read_bytes() for path in TEXTS.glob("*.yaml")})
    published = Published(revision=3, files={}, faq=faq, texts=read, desk_language="en")
    async with storage.turn() as conn:
        person, other = [
            await models.Person.create(using_db=conn, name=name, created_at=NOW) for name in ("Lena", "Ana")
        ]
        identity = await models.Identity.create(
            using_db=conn, person_id=person.id, platform="telegram", account="shop", user="1", chat="1",
            last_at=NOW,
        )  # fmt: skip
    yield Shop(storage=storage, published=published, person=person, other=other, identity=identity)
    await storage.close()


SUGGESTED = Asked(
    kind="suggest", text="can I send it back", shown=("a", "b"), probability=0.5, signs=(0.1, -2.0, 0.5)
)


async def test_a_question_is_kept_whole_and_belongs_to_its_person(shop: Shop) -> None:
    async with shop.turn() as questions:
        number = await questions.keep(SUGGESTED, 77)
    row = await shop.kept()
    assert (row.id, row.message_id, row.at, row.platform, row.language) == (number, 77, NOW, "telegram", "en")
    assert (row.kind, row.entry, row.shown, row.fate, row.revision) == ("suggest", "", ["a", "b"], "", 3)
    assert (row.probability, row.signs) == (0.5, [0.1, -2.0, 0.5])
    reading = shop.storage.reading
    found = await about(reading, shop.person.id, f"pick:{number}:0")
    assert found is not None
    assert (found.id, found.text, found.shown) == (number, "can I send it back", ("a", "b"))
    assert await about(reading, shop.other.id, f"pick:{number}:0") is None
    assert await about(reading, shop.person.id, "pick:999999999999999999:0") is None
    assert await about(reading, shop.person.id, "menu:help") is None


async def test_the_first_fate_counts_and_a_right_entry_is_a_voice(shop: Shop) -> None:
    async with shop.turn() as questions:
        number = await questions.keep(SUGGESTED, None)
        fates: tuple[tuple[Fate, str], ...] = (
            ("picked", "a"),
            ("picked", "b"),
            ("helped", ""),
            ("person", ""),
        )
        for fate, entry in fates:
            await questions.became(Became(question=number, fate=fate, entry=entry))
    row = await shop.kept()
    assert (row.fate, row.entry, row.fate_at) == ("helped", "a", NOW)
    voices = "SELECT v.entry, v.text, e.voice FROM evidence e JOIN variant v ON v.id = e.variant_id"
    heard = [tuple(one.values()) for one in await rows(shop.storage.reading, voices)]
    assert heard == [("a", "can I send it back", f"person:{shop.person.id}")]


async def test_nobody_decides_what_became_of_another_persons_question(shop: Shop) -> None:
    await shop.asked()
    row = await shop.kept()
    async with shop.turn() as questions:
        await questions.became(Became(question=row.id, fate="unhelped"))
    assert (await shop.kept()).fate == ""


async def test_what_the_faq_asks_itself_and_what_leans_on_an_answer_teach_nothing(shop: Shop) -> None:
    for text in ("how do I return something", "How do I return something?\nand postage", ""):
        async with shop.turn() as questions:
            number = await questions.keep(Asked(kind="answer", text=text, entry="a", shown=("a",)), None)
            await questions.became(Became(question=number, fate="helped"))
    assert await rows(shop.storage.reading, "SELECT id FROM variant") == []


async def test_the_standing_is_that_of_the_latest(shop: Shop) -> None:
    await shop.asked(fate="unhelped", days=9)
    for fate in (*["helped"] * 3, "unhelped", "person", *[""] * (LATEST - 5)):
        await shop.asked(fate=fate)
    await shop.asked(entry="b", fate="unhelped")
    found = await standings(shop.storage, ["a", "b", "c"])
    assert found == {"a": Standing(helped=3, unhelped=1), "b": Standing(unhelped=1), "c": Standing()}
    assert await standings(shop.storage, []) == {}


async def test_the_top_is_what_answered_most_people_this_week(shop: Shop) -> None:
    async with shop.turn() as questions:
        for entry in ("b", "b", "b", "a"):
            await questions.keep(Asked(kind="answer", text="x", entry=entry, shown=(entry,)), None)
        await questions.keep(Asked(kind="opened", entry="o", shown=("o",)), None)
    await shop.asked(entry="a")
    await shop.asked(entry="old", days=8)
    await shop.asked(entry="bad", fate="unhelped")
    await shop.asked(entry="")
    top = Top(shop.storage)
    assert await top.entries(NOW + timedelta(seconds=1)) == ("a", "b")
    await shop.asked(entry="c")
    assert await top.entries(NOW + timedelta(seconds=30)) == ("a", "b"), "looked up once a minute"
    assert await top.entries(NOW + timedelta(seconds=90)) == ("a", "b", "c")
