"""Numbered revisions: merged, refused, brought back, taken up by every replica, and written into the folder."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from core.conversation.faq.editing import Files, with_source, with_variant
from core.delivery.wakeup import RedisWakeup, Wakeup
from core.errors import Invalid
from core.metrics import Metrics
from core.publishing import Conflict, Publishing
from core.storage import revisions
from core.storage.engine import Storage
from core.storage.migrate import migrate
from core.storage.revisions import Revision, digest_of
from tests.publishing_world import clock, publishing_of
from tests.test_publishing import NAMES, WELCOME, WORDS, faq_file, ids, until, watched


def source(name: str, answer: str = "a") -> str:
    return f"id: {name}\nen:\n  question: {name}?\n  answer: {answer}\n"


class World:
    """A database, a machine with a folder, and processes on it."""

    def __init__(self, storage: Storage, folder: Path) -> None:
        self.storage, self.folder = storage, folder
        shipped = folder / "shipped"
        shipped.mkdir(parents=True)
        (shipped / "all.yaml").write_text(WELCOME + WORDS + NAMES, encoding="utf-8")
        (folder / "faq").mkdir()
        self.put(faq_file("one", "two"))

    @property
    def file(self) -> Path:
        return self.folder / "faq" / "10.yaml"

    def put(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def process(
        self, *, own: bool = False, wakeup: Wakeup | None = None, metrics: Metrics | None = None
    ) -> Publishing:
        shipped = self.folder / "shipped"
        return publishing_of(
            self.storage, self.folder, shipped_texts=shipped, own=own, wakeup=wakeup, metrics=metrics
        )  # fmt: skip

    async def loaded(self, *, own: bool = False, wakeup: Wakeup | None = None) -> Publishing:
        held = self.process(own=own, wakeup=wakeup)
        await held.load()
        return held

    async def by_hand(self, number: int, files: Files) -> None:
        head = Revision(
            number=number, base=0, at=clock(), door="command", author="newer", comment="", digest=digest_of(files)
        )  # fmt: skip
        assert await revisions.add(self.storage, head, files)


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Storage]:
    await migrate(database_url)
    storage = await Storage.open(database_url)
    yield storage
    await storage.close()


@pytest.fixture
async def everywhere(opened: Storage, tmp_path: Path) -> World:
    """On each kind of database."""
    return World(opened, tmp_path / "machine")


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    await migrate(sqlite_url)
    storage = await Storage.open(sqlite_url)
    yield World(storage, tmp_path / "machine")
    await storage.close()


def answers(held: Publishing) -> dict[str, str]:
    return {name: entry.answer_in("en")[1] for name, entry in held.current.faq.entries.items()}


def serves(held: Publishing, number: int) -> bool:
    return held.current.revision == number


async def edit(
    held: Publishing, text: str, *, base: int = 0, author: str = "anna", door: str = "slack"
) -> Revision:
    base = base or held.current.revision
    files = with_source(await held.files_of(base), text)
    return await held.publish(files, base=base, door=door, author=author, comment="better")


async def test_replicas_that_start_together_end_with_one_revision_1(everywhere: World) -> None:
    replicas = [everywhere.process() for _ in range(4)]
    await asyncio.gather(*(replica.load() for replica in replicas))
    assert [one.number for one in await replicas[0].history()] == [1]
    assert {replica.current.revision for replica in replicas} == {1}
    assert all(ids(replica) == ["one", "two"] for replica in replicas)


async def test_what_one_publishes_the_others_serve_within_a_second(everywhere: World) -> None:
    one, other = await everywhere.loaded(), await everywhere.loaded()
    async with watched(other):
        begun = time.monotonic()
        revision = await edit(one, source("one", "new"))
        await until(lambda: other.current.revision == 2)
        assert time.monotonic() - begun < 1
    assert answers(other) == {"one": "new", "two": "a"}
    assert (revision.number, revision.base, revision.door, revision.author) == (2, 1, "slack", "anna")
    assert revision.comment == "better"
    assert list(await other.history(1)) == [revision]
    assert other.current.faq is not one.current.faq


async def test_a_notice_through_redis_is_faster_than_looking(here: World, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis, Redis.from_url(redis_url) as another:
        wakeups = [RedisWakeup(redis), RedisWakeup(another)]
        one, other = [await here.loaded(wakeup=wakeup) for wakeup in wakeups]
        stop = asyncio.Event()
        running = [asyncio.create_task(wakeup.run(stop)) for wakeup in wakeups]
        async with watched(other):
            took = []
            for number in range(2, 7):
                begun = time.monotonic()
                await edit(one, source("one", f"answer {number}"))
                await until(partial(serves, other, number))
                took.append(time.monotonic() - begun)
            assert min(took) < 0.4
            assert max(took) < 1
        stop.set()
        await asyncio.gather(*running)


async def test_changes_of_different_entries_are_merged(everywhere: World) -> None:
    held = await everywhere.loaded()
    await edit(held, source("one", "mine"), base=1)
    await edit(held, source("two", "theirs"), base=1, author="ben")
    await edit(held, source("three"), base=1, author="carl")
    assert answers(held) == {"one": "mine", "two": "theirs", "three": "a"}
    assert [(one.number, one.base) for one in await held.history()] == [(4, 1), (3, 1), (2, 1), (1, 0)]
    without = await held.files_of(1)
    assert digest_of(without) == (await held.history())[-1].digest


async def test_two_changes_of_one_entry_are_a_conflict_that_tells_both(everywhere: World) -> None:
    held = await everywhere.loaded()
    first = await edit(held, source("one", "mine"), base=1)
    with pytest.raises(Conflict) as conflict:
        await edit(held, source("one", "theirs"), base=1, author="ben")
    assert conflict.value.current == first
    (difference,) = conflict.value.differences
    assert (difference.id, difference.kind) == ("one", "changed")
    assert [(one.name, one.before, one.after) for one in difference.fields] == [
        ("en answer", "mine", "theirs")
    ]
    assert "anna in revision 2" in str(conflict.value)
    assert answers(held)["one"] == "mine"
    assert (await edit(held, source("one", "mine"), base=1, author="ben")) == first, "the same change is none"
    assert len(await held.history()) == 2


async def test_an_entry_that_is_deleted_here_and_changed_there_is_a_conflict(here: World) -> None:
    held = await here.loaded()
    await edit(held, source("two", "changed"))
    with pytest.raises(Conflict) as conflict:
        await held.publish({"faq/10.yaml": faq_file("one")}, base=1, door="command", author="ben")
    assert [(one.id, one.kind) for one in conflict.value.differences] == [("two", "removed")]


async def test_texts_are_merged_by_file(here: World) -> None:
    held = await here.loaded()
    mine, theirs = WELCOME.replace("Welcome", "Hi"), WELCOME.replace("Welcome", "Hey")
    files = await held.files_of(1)
    await held.publish({**files, "texts/a.yaml": mine}, base=1, door="command", author="anna")
    with pytest.raises(Conflict) as conflict:
        await held.publish({**files, "texts/a.yaml": theirs}, base=1, door="command", author="ben")
    assert [one.id for one in conflict.value.differences] == ["texts/a.yaml"]
    await held.publish({**files, "texts/b.yaml": theirs}, base=1, door="command", author="ben")
    assert list(held.current.files) == ["faq/10.yaml", "texts/a.yaml", "texts/b.yaml"]


async def test_many_who_publish_at_once_all_get_a_number_of_their_own(everywhere: World) -> None:
    replicas = [await everywhere.loaded() for _ in range(3)]
    made = await asyncio.gather(
        *(edit(replica, source(f"new-{at}"), base=1) for at, replica in enumerate(replicas))
    )
    assert sorted(one.number for one in made) == [2, 3, 4]
    late = await everywhere.loaded()
    assert sorted(ids(late)) == ["new-0", "new-1", "new-2", "one", "two"]


async def test_an_earlier_revision_is_brought_back_as_a_new_one(everywhere: World) -> None:
    held = await everywhere.loaded()
    await edit(held, source("one", "wrong"), author="a\0\ud800" + "x" * 200)
    back = await held.rollback(1, door="slack", author="ben")
    assert (back.number, back.base, back.comment) == (3, 1, "back to revision 1")
    assert answers(held)["one"] == "a"
    assert await held.files_of(3) == await held.files_of(1)
    assert await held.rollback(1, door="slack", author="ben") == back
    for call in (held.rollback(9, door="slack", author="ben"), held.files_of(9)):
        with pytest.raises(LookupError, match="there is no revision 9"):
            await call
    assert [one.number for one in await held.history(1, before=3)] == [2]


async def test_what_is_invalid_is_neither_published_nor_tried(here: World) -> None:
    held = await here.loaded()
    before = held.current
    broken = {"faq/10.yaml": faq_file("one") + "    follow_ups: [tow]\n"}
    for call in (held.tried(broken), held.publish(broken, base=1, door="command", author="anna")):
        with pytest.raises(Invalid) as refused:
            await call
        assert refused.value.problems == [
            'faq/10.yaml:6:18: no entry has the id "tow"; write the id of another entry'
        ]
    for name in (
        "faq/x.txt",
        "faq/../x.yaml",
        "/faq/x.yaml",
        "faq/.x.yaml",
        "faq/files/x.yaml",
        "var/x.yaml",
        "faq/",
    ):
        with pytest.raises(
            Invalid, match=r": only routing.yaml and YAML files in faq/, texts/ and replies/ are published"
        ):
            await held.tried({name: "entries: []"})
    assert held.current is before
    tried = await held.tried({"faq/10.yaml": faq_file("other")})
    assert (tried.revision, list(tried.faq.entries)) == (0, ["other"])
    assert held.current is before


async def test_an_attachment_must_lie_in_the_folder(here: World) -> None:
    held = await here.loaded()
    wanted = source("one") + "attachments: [files/sizes.png]\n"
    with pytest.raises(Invalid, match=r"there is no file faq/files/sizes\.png; put it there"):
        await edit(held, wanted)
    (here.folder / "faq" / "files").mkdir()
    (here.folder / "faq" / "files" / "sizes.png").write_bytes(b"\x89PNG")
    await edit(held, wanted)
    assert held.current.faq.entries["one"].attachments == ("files/sizes.png",)


async def test_edits_by_other_doors_are_written_into_the_folder(here: World) -> None:
    here.put("# ours\n" + faq_file("one", "two") + "# the end\n")
    held = await here.loaded(own=True)
    async with watched(held):
        await edit(held, source("one", "new"))
        assert here.file.read_text() == "# ours\n" + faq_file("one", "two").replace(
            "answer: a", "answer: new", 1
        ) + ("# the end\n")
        await edit(held, source("three") + "category: more\n")
        assert "id: three" in (here.folder / "faq" / "90-added.yaml").read_text()
        await held.rollback(1, door="slack", author="ben")
        assert [path.name for path in (here.folder / "faq").iterdir()] == ["10.yaml"]
        here.put(faq_file("one", "two", "four"))
        await until(lambda: "four" in answers(held))
    assert [one.door for one in await held.history()] == ["file", "slack", "slack", "slack", "file"]


async def test_every_machine_writes_into_its_own_folder(here: World, tmp_path: Path) -> None:
    there = World(here.storage, tmp_path / "other machine")
    one, other = await here.loaded(own=True), await there.loaded(own=True)
    async with watched(other):
        await until((there.folder / "var" / "folder.json").exists)
        await edit(one, source("one", "new"))
        await until(lambda: "answer: new" in there.file.read_text())
    assert here.file.read_text() == there.file.read_text()


async def test_a_file_that_somebody_is_changing_is_left_and_merged(here: World) -> None:
    held = await here.loaded(own=True)
    here.put(faq_file("one", "two").replace("two?", "and two?"))
    await edit(held, source("one", "new"))
    assert "answer: new" not in here.file.read_text()
    async with watched(held):
        await until(lambda: held.current.revision == 3)
        assert held.current.faq.entries["two"].question_in("en") == "and two?"
        assert answers(held) == {"one": "new", "two": "a"}
        await until(lambda: "answer: new" in here.file.read_text() and "and two?" in here.file.read_text())


async def test_a_folder_that_is_not_ours_is_never_written(here: World) -> None:
    held, before = await here.loaded(), here.file.read_text()
    await edit(held, source("one", "new"))
    here.put(before.replace("two?", "and two?"))
    async with watched(held):
        await until(lambda: held.current.revision == 3)
    assert answers(held)["one"] == "new"
    assert held.current.faq.entries["two"].question_in("en") == "and two?"
    assert "answer: new" not in here.file.read_text()


async def test_a_kill_between_commit_and_own_is_made_good(here: World) -> None:
    await here.loaded(own=True)
    beside = await here.loaded(own=False)
    files = with_variant(await beside.files_of(1), "one", "en", "uno?")
    await beside.publish(files, base=1, door="learning", author="people")
    again = await here.loaded(own=True)
    async with watched(again):
        await until(lambda: "uno?" in here.file.read_text())
    assert [one.number for one in await again.history()] == [2, 1]


async def test_an_old_copy_of_the_folder_is_left_alone(here: World) -> None:
    held = await here.loaded(own=True)
    old = here.file.read_text()
    await edit(held, source("one", "new"))
    here.put(old)
    again = await here.loaded(own=True)
    with capture_logs() as logs:
        async with watched(again):
            await until(lambda: any("older revision" in line["event"] for line in logs))
            assert here.file.read_text() == old
            here.put(old.replace("two?", "and two?"))
            await until(lambda: again.current.revision == 3)
    assert answers(again)["one"] == "new"
    assert again.current.faq.entries["two"].question_in("en") == "and two?"


@pytest.mark.parametrize("remembered", [True, False])
async def test_what_was_edited_while_nothing_ran_is_merged(here: World, remembered: bool) -> None:
    held = await here.loaded()
    await edit(held, source("one", "new"))
    here.put(faq_file("one", "two").replace("two?", "and two?"))
    if not remembered:
        (here.folder / "var" / "folder.json").unlink()
    again = await here.loaded(own=not remembered)
    async with watched(again):
        await until(lambda: again.current.revision == 3)
    assert answers(again)["one"] == "new"
    assert again.current.faq.entries["two"].question_in("en") == "and two?"


@pytest.mark.parametrize("remembered", [True, False])
async def test_what_was_edited_here_and_elsewhere_is_refused_with_the_difference(
    here: World, remembered: bool
) -> None:
    held = await here.loaded()
    await edit(held, source("one", "new"))
    here.put(faq_file("one", "two").replace("answer: a", "answer: other", 1))
    if not remembered:
        (here.folder / "var" / "folder.json").unlink()
    again = await here.loaded(own=not remembered)
    async with watched(again):
        await until(lambda: again.refused)
        assert again.refused[0].startswith(
            "one: en answer changed here and, meanwhile, in revision 2 by anna"
        )
        assert answers(again)["one"] == "new"
        before = again.refused
        here.put(faq_file("one", "two", "three").replace("answer: a", "answer: other", 1))
        await until(lambda: again.refused is not before)  # still the same conflict
        assert again.current.revision == 2
        here.put(faq_file("one", "two", "three").replace("answer: a", "answer: new", 1))
        await until(lambda: again.current.revision == 3)
    assert answers(again) == {"one": "new", "two": "a", "three": "a"}


async def test_the_sample_is_no_door_once_others_have_published(here: World) -> None:
    await here.loaded()
    here.put(faq_file("one", "two").replace("two?", "of the sample?"))
    (here.folder / "var" / "folder.json").unlink()
    sample = await here.loaded(own=False)
    with capture_logs() as logs:
        async with watched(sample):
            await until(lambda: any("sample" in log["event"] for log in logs))
            await edit(sample, source("one", "theirs"))
            here.put(faq_file("one", "two", "three"))
            await until(lambda: "three" in answers(sample))
    assert [one.door for one in await sample.history()] == ["file", "slack", "file"]
    assert sample.current.faq.entries["two"].question_in("en") == "two?"


async def test_a_program_that_cannot_serve_the_newest_keeps_the_last_good_one(here: World) -> None:
    metrics = Metrics()
    held = here.process(metrics=metrics)
    await held.load()
    await here.by_hand(2, {"faq/10.yaml": faq_file("one").replace("en:", "of_tomorrow: 1\n    en:")})
    with capture_logs() as logs:
        async with watched(held):
            await until(lambda: any("can't serve" in line["event"] for line in logs))
            assert held.current.revision == 1
            assert b"onethread_revision 1.0" in metrics.page()
            assert b"onethread_newest_revision 2.0" in metrics.page()
            late = await here.loaded()
            assert late.current.revision == 1
            await here.by_hand(3, {"faq/10.yaml": faq_file("three")})
            await until(lambda: held.current.revision == 3)
    assert ids(held) == ["three"]
    assert "of_tomorrow" in str(logs)


async def test_where_nothing_can_be_served_a_mended_folder_is(here: World) -> None:
    await here.by_hand(1, {"faq/10.yaml": faq_file("one").replace("en:", "of_yesterday: 1\n    en:")})
    here.put((await revisions.files_of(here.storage, 1))["faq/10.yaml"])
    with pytest.raises(Invalid, match=r'faq/10\.yaml:3:5: there is no key "of_yesterday" here'):
        await here.loaded()
    here.put(faq_file("one"))
    held = await here.loaded()
    assert (held.current.revision, ids(held)) == (2, ["one"])


async def test_a_refused_folder_that_is_published_by_command_is_in_step_again(here: World) -> None:
    held, beside = await here.loaded(), await here.loaded()
    async with watched(held):
        await until((here.folder / "var" / "folder.json").exists)
        await edit(beside, source("one", "theirs"))
        await until(lambda: held.current.revision == 2)
        here.put(faq_file("one", "two").replace("answer: a", "answer: mine", 1))
        await until(lambda: held.refused)
        await beside.publish(await beside.folder_files(), base=2, door="command", author="ben")
        await until(lambda: answers(held)["one"] == "mine" and not held.refused)
        here.put(faq_file("one", "two").replace("answer: a", "answer: better", 1))
        await until(lambda: answers(held)["one"] == "better")
    assert [one.door for one in await held.history()] == ["file", "command", "slack", "file"]


async def test_where_nothing_can_be_remembered_edits_are_merged_all_the_same(here: World) -> None:
    (here.folder / "var").write_text("a file where a folder should be")
    held = await here.loaded()
    async with watched(held):
        await edit(held, source("one", "theirs"))
        here.put(faq_file("one", "two").replace("two?", "and two?"))
        await until(lambda: held.current.revision == 3)
    assert answers(held)["one"] == "theirs"
    assert held.current.faq.entries["two"].question_in("en") == "and two?"


async def test_a_folder_that_cannot_be_written_is_left_and_published_all_the_same(here: World) -> None:
    held = await here.loaded(own=True)
    here.file.rename(here.folder / "real.yaml")
    here.file.symlink_to("/proc/self/mem")
    with capture_logs() as logs:
        await edit(held, source("one", "new"))
    assert answers(held)["one"] == "new"
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [
        "not written back: the file was changed here, or is a link"
    ]
