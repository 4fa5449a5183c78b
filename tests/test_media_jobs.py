"""Attachments: fetched once into the file store, tried again within bounds, by one worker at a time."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from core.delivery.files import FileStore
from core.delivery.media import MOST_TRIES, MediaFetcher
from core.errors import Rejected, RetryLater
from core.messages import Attachment
from core.ports import Fetched
from core.storage import models
from tests.outbox_world import START, FakeChannel, World, world_on

CAT = Fetched(data=b"a cat", mime="image/jpeg", name="cat.jpg")


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


@asynccontextmanager
async def fetching(world: World) -> AsyncIterator[None]:
    stop = asyncio.Event()
    fetcher = MediaFetcher(
        storage=world.storage, clock=world.clock, channels=world.channels, desk=world.desk, files=world.files,
        wakeup=world.wakeup, faq=Path(__file__).parent,
    )  # fmt: skip
    work = asyncio.create_task(fetcher.run(stop))
    yield
    stop.set()
    await world.wakeup.notify()
    await work


async def pending(world: World, *answers: Fetched | BaseException, **columns: object) -> models.Attachment:
    person = (await world.identity()).person_id
    values = {"source": "chat:shop", "state": "pending", "sha256": "", "name": "", "mime": "", **columns}
    row = await world.attachment(await world.message(person), **values)
    world.channel.files[row.ref] = deque(answers)
    return row


async def now(world: World, row: models.Attachment) -> models.Attachment:
    return await models.Attachment.get(id=row.id, using_db=world.storage.reading)


async def became(world: World, row: models.Attachment, state: str) -> models.Attachment:
    async def is_there() -> bool:
        return (await now(world, row)).state == state

    await world.until(is_there)
    return await now(world, row)


async def test_a_file_is_fetched_into_the_store_and_wakes_the_outbox(world: World) -> None:
    row = await pending(world, CAT)
    async with fetching(world):
        stored = await became(world, row, "stored")
    assert stored.sha256 == hashlib.sha256(b"a cat").hexdigest()
    assert (stored.mime, stored.name, stored.size) == ("image/jpeg", "cat.jpg", 5)
    assert world.files.path(stored.sha256).read_bytes() == b"a cat"
    assert world.wakeup.heard > 0


async def test_an_agents_file_is_fetched_from_the_desk_and_keeps_its_name(world: World) -> None:
    row = await pending(world, source="desk", ref="bytes", name="report.png")
    async with fetching(world):
        stored = await became(world, row, "stored")
    assert (stored.name, world.files.path(stored.sha256).read_bytes()) == ("report.png", b"bytes")


async def test_a_file_of_an_answer_is_read_beside_the_faq_and_nothing_outside(world: World) -> None:
    name = "slack_user_text.json"
    row = await pending(world, source="faq", ref=f"payloads/{name}", name=name, mime="text/x-json")
    refs = ("../pyproject.toml", "/etc/hostname", "gone.png")
    others = [await pending(world, source="faq", ref=ref) for ref in refs]
    async with fetching(world):
        stored = await became(world, row, "stored")
        failed = [await became(world, other, "failed") for other in others]
    assert world.files.path(stored.sha256).read_bytes().startswith(b"{")
    assert (stored.name, stored.mime) == (name, "text/x-json")
    assert ["outside the FAQ's folder" in other.error for other in failed] == [True, True, False]


async def test_a_fetch_is_tried_again_within_bounds(world: World) -> None:
    row = await pending(world, RetryLater(timedelta(seconds=20), "busy"), ValueError("odd"), CAT)
    async with fetching(world):

        async def waits(attempts: int) -> bool:
            current = await now(world, row)
            return current.attempts == attempts and current.lease_until is None

        await world.until(lambda: waits(1))
        assert (await now(world, row)).due_at >= START + timedelta(seconds=20)
        world.clock.forward(30)
        await world.until(lambda: waits(2))
        world.clock.forward(30)
        await became(world, row, "stored")


async def test_it_ends_after_many_tries(world: World) -> None:
    row = await pending(world, RetryLater(timedelta(), "busy"), attempts=MOST_TRIES - 1)
    async with fetching(world):
        assert (await became(world, row, "failed")).error == "busy"


@pytest.mark.parametrize(
    ("source", "why"), [("chat:shop", "expired"), ("chat:closed", "chat:closed is not set up any more")]
)
async def test_what_will_never_come_is_failed_at_once(world: World, source: str, why: str) -> None:
    row = await pending(world, Rejected("expired"), source=source)
    async with fetching(world):
        assert (await became(world, row, "failed")).error == why


async def test_a_dead_workers_job_is_taken_over_and_its_late_result_ignored(world: World) -> None:
    row = await pending(world, CAT, lease_until=START + timedelta(seconds=10), fence=3)
    async with fetching(world):
        other = await pending(world, CAT, ref="other")
        await became(world, other, "stored")
        assert (await now(world, row)).state == "pending"
        world.clock.forward(11)
        taken = await became(world, row, "stored")
    assert (taken.fence, taken.attempts) == (4, 1)


async def test_a_long_fetch_keeps_its_lease_and_is_given_back_at_the_end(world: World) -> None:
    row = await pending(world)
    started = asyncio.Event()

    class Slow(FakeChannel):
        async def fetch(self, attachment: Attachment) -> Fetched:
            started.set()
            await asyncio.Event().wait()
            return CAT

    world.channel = Slow()

    async def is_renewed() -> bool:
        until = (await now(world, row)).lease_until
        return until is not None and until >= world.clock.now + timedelta(seconds=25)

    async with fetching(world):
        await started.wait()
        for _ in range(3):
            world.clock.forward(20)
            await world.until(is_renewed)
    kept = await now(world, row)
    assert (kept.state, kept.lease_until, kept.fence, kept.attempts) == ("pending", None, 1, 0)


async def test_the_store_keeps_one_copy_and_no_halves(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    names = set(await asyncio.gather(*[store.save(b"same") for _ in range(5)]))
    assert names == {hashlib.sha256(b"same").hexdigest()}
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == list(names)


async def test_a_disk_that_takes_nothing_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("not a folder")
    with pytest.raises(OSError, match="files"):
        await FileStore(tmp_path / "files").save(b"data")
