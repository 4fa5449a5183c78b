"""The folder's door: a valid change is a revision within a second, however an editor saves; an invalid one never."""

import asyncio
import getpass
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.errors import Invalid
from core.messages import Say
from core.publishing import Published, Publishing, Revision
from core.storage.engine import Storage
from core.storage.migrate import migrate
from tests.publishing_world import publishing_of

MEANINGS = ("person", "not_person", "status", "anyone", "thanks", "greeting", "help")
WORDS = "words:\n" + "".join(f"  {meaning}: {{en: [{meaning} word, x]}}\n" for meaning in MEANINGS)
NAMES = "names: {zh-CN: {first: [a], second: [b]}, zh-TW: {first: [a], second: [b]}, en: {first: [a], second: [b]}}\n"
WELCOME = "welcome: {zh-CN: 欢迎, zh-TW: 歡迎, en: Welcome}\n"


def faq_file(*names: str, answer: str = "a") -> str:
    return "entries:\n" + "".join(
        f"  - id: {name}\n    en:\n      question: {name}?\n      answer: {answer}\n" for name in names
    )


@pytest.fixture
async def storage(sqlite_url: str) -> AsyncIterator[Storage]:
    await migrate(sqlite_url)
    storage = await Storage.open(sqlite_url)
    yield storage
    await storage.close()


@pytest.fixture
def small(tmp_path: Path, storage: Storage) -> Callable[..., Publishing]:
    """Publishing with few shipped texts, so that reading them takes no time."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "all.yaml").write_text(WELCOME + WORDS + NAMES, encoding="utf-8")
    return partial(publishing_of, storage, tmp_path, shipped_texts=shipped)


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "faq"
    folder.mkdir()
    (folder / "10.yaml").write_text(faq_file("first"))
    return folder


def ids(held: Publishing) -> list[str]:
    return list(held.current.faq.entries)


def published(held: Publishing, *names: str) -> bool:
    return ids(held) == list(names)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


class Told:
    """What the admins are told."""

    def __init__(self) -> None:
        self.refused: list[Sequence[str]] = []
        self.published: list[tuple[int, list[str]]] = []

    async def of_refusal(self, problems: Sequence[str]) -> None:
        self.refused.append(problems)

    async def of_revision(self, revision: Revision, before: Published) -> None:
        self.published.append((revision.number, list(before.faq.entries)))


@asynccontextmanager
async def watched(held: Publishing, told: Told | None = None) -> AsyncIterator[None]:
    """The watcher runs, and is stopped within the time that a process may take to end."""
    told = told or Told()
    stop = asyncio.Event()
    watcher = asyncio.create_task(held.watch(stop, told.of_refusal, told.of_revision))
    try:
        yield
        assert not watcher.done()
    finally:
        stop.set()
        await asyncio.wait_for(watcher, 2)


async def test_the_first_load_makes_the_folder_revision_1(
    tmp_path: Path, faq_dir: Path, storage: Storage
) -> None:
    held = publishing_of(storage, tmp_path, language="zh-TW")
    await held.load()
    assert ids(held) == ["first"]
    assert held.current.texts.render(Say(name="menu.person"), "en") == "A person"
    assert held.current.desk_text(Say(name="desk.no_such_ticket", params={"number": 7})) == "沒有工單 T-7。"
    assert held.language("怎麼退貨", "") == "zh-TW"
    (only,) = await held.history()
    assert (only.number, only.base, only.door, only.author) == (1, 0, "file", getpass.getuser())
    assert await held.files_of(1) == {"faq/10.yaml": faq_file("first")} == held.current.files


async def test_a_missing_faq_is_an_empty_one(small: Callable[..., Publishing]) -> None:
    held = small()
    await held.load()
    assert ids(held) == []
    assert held.current.revision == 1
    assert held.current.faq.decide("怎么退货").kind == "nothing"


async def test_the_first_load_refuses_with_every_problem_of_every_file(
    tmp_path: Path, faq_dir: Path, small: Callable[..., Publishing]
) -> None:
    (faq_dir / "20.yaml").write_text("entries: all")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mine.yaml").write_text("welcome: hi\n")
    with pytest.raises(Invalid) as refused:
        await small().load()
    assert [problem.partition(";")[0] for problem in refused.value.problems] == [
        "faq/20.yaml:1:10: entries must be a list",
        "texts/mine.yaml:1:10: welcome: must hold a text for each of zh-CN, zh-TW, en",
    ]
    assert await small().history() == []


async def test_a_saved_change_is_a_revision_within_a_second(
    faq_dir: Path, small: Callable[..., Publishing]
) -> None:
    held, told = small(), Told()
    await held.load()
    async with watched(held, told):
        for number in range(3):
            begun = time.monotonic()
            (faq_dir / "10.yaml").write_text(faq_file(f"change-{number}"))
            await until(partial(published, held, f"change-{number}"))
            assert time.monotonic() - begun < 1
        await until(lambda: len(told.published) == 3)
    assert [(one.number, one.door, one.author) for one in await held.history()] == [
        (number, "file", getpass.getuser()) for number in (4, 3, 2, 1)
    ]
    assert told.published == [(2, ["first"]), (3, ["change-0"]), (4, ["change-1"])]


async def test_an_invalid_change_is_told_once_and_replaces_nothing(
    faq_dir: Path, small: Callable[..., Publishing]
) -> None:
    held, told = small(), Told()
    await held.load()
    before = held.current
    with capture_logs() as logs:
        async with watched(held, told):
            (faq_dir / "20.yaml").write_text("entries:\n\t- id: x\n")
            await until(lambda: told.refused)
            assert held.refused == (
                "faq/20.yaml:2:1: a tab stands where blanks must; indent with blanks only",
            )
            assert held.current is before
            (faq_dir / "30.yaml").write_text("entries: []")
            (faq_dir / "20.yaml").write_text(faq_file("mended"))
            await until(lambda: ids(held) == ["first", "mended"])
            await until(lambda: not held.refused)
    assert told.refused == [("faq/20.yaml:2:1: a tab stands where blanks must; indent with blanks only",)]
    errors = [line for line in logs if line["log_level"] == "error"]
    assert {line["problem"] for line in errors} == set(told.refused[0])
    assert [one.number for one in await held.history()] == [2, 1]


async def test_every_way_of_saving_is_seen(faq_dir: Path, small: Callable[..., Publishing]) -> None:
    held, file = small(), faq_dir / "10.yaml"
    await held.load()
    async with watched(held):
        (faq_dir / ".10.yaml.swp.yaml").write_text(faq_file("renamed"))
        (faq_dir / ".10.yaml.swp.yaml").rename(file)
        await until(lambda: ids(held) == ["renamed"])
        file.rename(faq_dir / "10.yaml~")
        file.write_text(faq_file("backed-up"))
        await until(lambda: ids(held) == ["backed-up"])
        (faq_dir / "more").mkdir()
        (faq_dir / "more" / "20.yml").write_text(faq_file("deeper"))
        await until(lambda: ids(held) == ["backed-up", "deeper"])
        file.unlink()
        await until(lambda: ids(held) == ["deeper"])


async def test_folders_may_appear_go_and_be_replaced(
    tmp_path: Path, small: Callable[..., Publishing]
) -> None:
    held = small()
    await held.load()
    async with watched(held):
        folder = tmp_path / "faq"
        for name in ("appeared", "again"):
            folder.mkdir()
            (folder / "10.yaml").write_text(faq_file(name))
            await until(partial(published, held, name))
            (folder / "10.yaml").unlink()
            folder.rmdir()
            await until(lambda: ids(held) == [])
        (tmp_path / "texts").mkdir()
        (tmp_path / "texts" / "mine.yaml").write_text("welcome: {zh-CN: 好, zh-TW: 好, en: Fine}\n")
        await until(lambda: held.current.texts.render(Say(name="welcome"), "en") == "Fine")


async def test_a_folder_that_is_swapped_by_a_link_is_seen(
    tmp_path: Path, small: Callable[..., Publishing]
) -> None:
    """Kubernetes changes a mounted configuration so; what comes by other doors can't be written there."""
    for version in ("..1", "..2"):
        (tmp_path / "faq" / version).mkdir(parents=True)
        (tmp_path / "faq" / version / "10.yaml").write_text(faq_file(f"version-{version[2:]}"))
    (tmp_path / "faq" / "..data").symlink_to("..1")
    (tmp_path / "faq" / "10.yaml").symlink_to("..data/10.yaml")
    held = small(own=True)
    await held.load()
    async with watched(held):
        assert ids(held) == ["version-1"]
        files = {"faq/10.yaml": faq_file("version-1", "other")}
        await held.publish(files, base=1, door="command", author="anna")
        assert (tmp_path / "faq" / "10.yaml").read_text() == faq_file("version-1")
        (tmp_path / "faq" / "..new").symlink_to("..2")
        (tmp_path / "faq" / "..new").rename(tmp_path / "faq" / "..data")
        await until(lambda: sorted(ids(held)) == ["other", "version-2"])


async def test_files_that_cannot_be_read_replace_nothing(
    faq_dir: Path, small: Callable[..., Publishing]
) -> None:
    """``/proc/self/mem`` is a file that nobody, not even root, can read from its beginning."""
    (faq_dir / "20.yaml").symlink_to("20.yaml")
    (faq_dir / "30.yaml").mkdir()
    held = small()
    await held.load()
    assert ids(held) == ["first"]
    async with watched(held):
        (faq_dir / "40.yaml").symlink_to("/proc/self/mem")
        await until(lambda: held.refused)
        assert held.refused == (
            "faq/40.yaml: can't be read (Input/output error); let the bot's user read it",
        )
        (faq_dir / "40.yaml").unlink()
        (faq_dir / "50.yaml").write_bytes("entries: 退".encode("gbk"))
        await until(lambda: "50.yaml" in str(held.refused))
        assert held.refused == ("faq/50.yaml:1:10: not UTF-8; save the file as UTF-8",)
    assert held.current.revision == 1
    if os.geteuid() != 0:
        (faq_dir / "10.yaml").chmod(0)
        with pytest.raises(Invalid):
            await held.folder_files()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("welcom: {zh-CN: a, zh-TW: b, en: c}", 'mine.yaml:1:1: no text is called "welcom"; did you mean "welcome"?'),
        ("zzzzzz: {zh-CN: a, zh-TW: b, en: c}", 'no text is called "zzzzzz"; delete it'),
        ("welcome: {zh-CN: a, zh-TW: b, en: '{who}'}", "en uses a parameter that is not among []"),
        ("welcome: {zh-CN: a, zh-TW: b, en: c, fr: d}", 'mine.yaml:1:38: there is no key "fr" here; known are zh-CN'),
        ("welcome: {zh-CN: a, zh-TW: b, en: yes}", "welcome: has no text for en; write one"),
        ("\twelcome: x", "mine.yaml:1:1: a tab stands where blanks must"),
        ("words: [a]", "mine.yaml:1:1: words must hold person, not_person, status, anyone, thanks, greeting, help"),
        ("words: {person: {en: [agent]}}", "all of them and no others"),
        (WORDS.replace("  help:", "  helps:"), "words must hold person"),
        (WORDS.replace("[help word, x]", "x"), "words: help must hold lists of words"),
        (WORDS.replace("[help word, x]", "[true]"), "words: help has something that is no word"),
        (WORDS.replace("[help word, x]", '["!"]'), "words: help has something that is no word"),
        (WORDS.replace("[help word, x]", "[[x]]"), "words: help has something that is no word"),
        (WORDS.replace("{en: [help word, x]}", "x"), "words: help must hold a list per language"),
        ("names: {zh-CN: {first: [a], second: [b]}}", "names must hold zh-CN, zh-TW, en"),
        (NAMES.replace(", second: [b]}, en", "}, en"), "names: zh-TW must hold first and second"),
        (NAMES.replace("en: {first: [a]", "en: {first: []"), "names: en must hold lists of words"),
    ],
)  # fmt: skip
async def test_texts_are_refused_in_words(
    tmp_path: Path, small: Callable[..., Publishing], text: str, told: str
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mine.yaml").write_text(text)
    with pytest.raises(Invalid) as refused:
        await small().load()
    assert told in str(refused.value)


async def test_the_shipped_lists_may_be_replaced_whole(
    tmp_path: Path, small: Callable[..., Publishing]
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mine.yaml").write_text(WORDS.replace("person word", "wizard please"))
    held = small()
    await held.load()
    assert held.current.texts.words.wants_person("WIZARD please!")
    assert not held.current.texts.words.wants_person("person word")


async def test_shipped_texts_that_are_edited_in_place_are_published_too(
    tmp_path: Path, storage: Storage
) -> None:
    """So it is where the configuration lies beside what is shipped; broken ones never take the bot down."""
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "all.yaml").write_text(WELCOME + WORDS + NAMES, encoding="utf-8")
    await publishing_of(storage, tmp_path, shipped_texts=texts).load()
    (texts / "all.yaml").write_text("welcome: [", encoding="utf-8")
    held = publishing_of(storage, tmp_path, shipped_texts=texts)
    await held.load()
    assert held.current.texts.render(Say(name="welcome"), "en") == "Welcome"
    async with watched(held):
        await until(lambda: held.refused)
        (texts / "all.yaml").write_text(WELCOME.replace("Welcome", "Hi") + WORDS + NAMES, encoding="utf-8")
        await until(lambda: held.current.texts.render(Say(name="welcome"), "en") == "Hi")
    assert held.current.revision == 2
