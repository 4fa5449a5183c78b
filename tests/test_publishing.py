"""What is published: valid changes within a second, by whatever way an editor saves; invalid ones never."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from core.errors import Invalid
from core.messages import Say
from core.publishing import Publishing

SHIPPED = Path(__file__).parent.parent / "config" / "texts"
MEANINGS = ("person", "not_person", "status", "anyone", "thanks", "greeting", "help")
WORDS = "words:\n" + "".join(f"  {meaning}: {{en: [{meaning} word, x]}}\n" for meaning in MEANINGS)
NAMES = "names: {zh-CN: {first: [a], second: [b]}, zh-TW: {first: [a], second: [b]}, en: {first: [a], second: [b]}}\n"
WELCOME = "welcome: {zh-CN: 欢迎, zh-TW: 歡迎, en: Welcome}\n"


def faq_file(*names: str) -> str:
    return "entries:\n" + "".join(
        f"  - {{id: {name}, en: {{question: {name}?, answer: a}}}}\n" for name in names
    )


def publishing(tmp_path: Path) -> Publishing:
    """With small shipped texts, so that reading them takes no time."""
    shipped = tmp_path / "shipped"
    shipped.mkdir(exist_ok=True)
    (shipped / "all.yaml").write_text(WELCOME + WORDS + NAMES, encoding="utf-8")
    return Publishing(
        faq_dir=tmp_path / "faq", texts_dir=tmp_path / "texts", shipped_texts=shipped, desk_language="zh-TW"
    )


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


@asynccontextmanager
async def watched(held: Publishing) -> AsyncIterator[None]:
    """The watcher runs, and is stopped within the time that a process may take to end."""
    await held.load()
    stop = asyncio.Event()
    watcher = asyncio.create_task(held.watch(stop))
    try:
        yield
        assert not watcher.done()
    finally:
        stop.set()
        await asyncio.wait_for(watcher, 2)


async def test_the_first_load_holds_faq_and_texts(tmp_path: Path, faq_dir: Path) -> None:
    held = Publishing(faq_dir=faq_dir, texts_dir=SHIPPED, shipped_texts=SHIPPED, desk_language="zh-TW")
    await held.load()
    assert ids(held) == ["first"]
    assert held.current.texts.render(Say(name="menu.person"), "en") == "A person"
    assert held.current.desk_text(Say(name="desk.no_such_ticket", params={"number": 7})) == "沒有工單 T-7。"
    assert held.language("怎麼退貨", "") == "zh-TW"


async def test_a_missing_faq_is_an_empty_one(tmp_path: Path) -> None:
    held = publishing(tmp_path)
    await held.load()
    assert ids(held) == []
    assert held.current.faq.decide("怎么退货").kind == "nothing"


async def test_the_first_load_refuses_with_every_problem_of_every_file(tmp_path: Path, faq_dir: Path) -> None:
    (faq_dir / "20.yaml").write_text("entries: all")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mine.yaml").write_text("welcome: hi\n")
    with pytest.raises(Invalid) as refused:
        await publishing(tmp_path).load()
    assert f"{faq_dir / '20.yaml'}:1:10: entries must be a list" in str(refused.value)
    assert "mine.yaml: welcome: must hold a text for each of zh-CN, zh-TW, en" in str(refused.value)


async def test_an_invalid_file_never_replaces_a_good_one(tmp_path: Path, faq_dir: Path) -> None:
    held = publishing(tmp_path)
    await held.load()
    before = held.current
    (faq_dir / "10.yaml").write_text("entries:\n\t- id: x\n")
    with capture_logs() as logs:
        assert not await held.reload()
    assert held.current is before
    assert [line["log_level"] for line in logs] == ["error"]
    assert (
        logs[0]["problem"]
        == f"{faq_dir / '10.yaml'}:2:1: a tab stands where blanks must; indent with blanks only"
    )
    (faq_dir / "10.yaml").write_text(faq_file("first", "second"))
    assert await held.reload()
    assert ids(held) == ["first", "second"]


async def test_a_saved_change_is_live_within_a_second(tmp_path: Path, faq_dir: Path) -> None:
    held = publishing(tmp_path)
    async with watched(held):
        for number in range(3):
            begun = time.monotonic()
            (faq_dir / "10.yaml").write_text(faq_file(f"change-{number}"))
            await until(partial(published, held, f"change-{number}"))
            assert time.monotonic() - begun < 1


async def test_every_way_of_saving_is_seen(tmp_path: Path, faq_dir: Path) -> None:
    held = publishing(tmp_path)
    file = faq_dir / "10.yaml"
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


async def test_folders_may_appear_go_and_be_replaced(tmp_path: Path) -> None:
    held = publishing(tmp_path)
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


async def test_a_folder_that_is_swapped_by_a_link_is_seen(tmp_path: Path) -> None:
    """Kubernetes changes a mounted configuration so."""
    for version in ("..1", "..2"):
        (tmp_path / "faq" / version).mkdir(parents=True)
        (tmp_path / "faq" / version / "10.yaml").write_text(faq_file(f"version-{version[2:]}"))
    (tmp_path / "faq" / "..data").symlink_to("..1")
    (tmp_path / "faq" / "10.yaml").symlink_to("..data/10.yaml")
    held = publishing(tmp_path)
    async with watched(held):
        assert ids(held) == ["version-1"]
        (tmp_path / "faq" / "..new").symlink_to("..2")
        (tmp_path / "faq" / "..new").rename(tmp_path / "faq" / "..data")
        await until(lambda: ids(held) == ["version-2"])


async def test_a_refusal_is_said_once_and_what_serves_goes_on(tmp_path: Path, faq_dir: Path) -> None:
    held = publishing(tmp_path)
    with capture_logs() as logs:
        async with watched(held):
            (faq_dir / "20.yaml").write_text("entries: [")
            await until(lambda: any(line["log_level"] == "error" for line in logs))
            assert ids(held) == ["first"]
            (faq_dir / "20.yaml").write_text(faq_file("mended"))
            await until(lambda: ids(held) == ["first", "mended"])
    assert [line["log_level"] for line in logs] == ["error", "info"]
    assert logs[1]["entries"] == 2


async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, faq_dir: Path) -> None:
    (faq_dir / "20.yaml").symlink_to("20.yaml")
    (faq_dir / "30.yaml").mkdir()
    held = publishing(tmp_path)
    await held.load()
    assert ids(held) == ["first"]
    if os.geteuid() != 0:
        (faq_dir / "10.yaml").chmod(0)
        assert not await held.reload()


async def test_a_file_whose_bytes_cannot_be_had_is_told_and_replaces_nothing(
    tmp_path: Path, faq_dir: Path
) -> None:
    """``/proc/self/mem`` is a file that nobody, not even root, can read from its beginning."""
    held = publishing(tmp_path)
    await held.load()
    (faq_dir / "20.yaml").symlink_to("/proc/self/mem")
    with capture_logs() as logs:
        assert not await held.reload()
    assert ids(held) == ["first"]
    assert "20.yaml: can't be read (Input/output error); let the bot's user read it" in logs[0]["problem"]


async def test_looks_that_overlap_end_with_the_newest(tmp_path: Path, faq_dir: Path) -> None:
    held = publishing(tmp_path)
    await held.load()
    (faq_dir / "10.yaml").write_text(faq_file("newest"))
    assert all(await asyncio.gather(*(held.reload() for _ in range(5))))
    assert ids(held) == ["newest"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("welcom: {zh-CN: a, zh-TW: b, en: c}", 'mine.yaml:1:1: no text is called "welcom"; did you mean "welcome"?'),
        ("zzzzzz: {zh-CN: a, zh-TW: b, en: c}", 'no text is called "zzzzzz"; delete it'),
        ("welcome: {zh-CN: a, zh-TW: b, en: '{who}'}", "en uses a parameter that is not among []"),
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
async def test_texts_are_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mine.yaml").write_text(text)
    with pytest.raises(Invalid) as refused:
        await publishing(tmp_path).load()
    assert told in str(refused.value)


async def test_the_shipped_lists_may_be_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mine.yaml").write_text(WORDS.replace("person word", "wizard please"))
    held = publishing(tmp_path)
    await held.load()
    assert held.current.texts.words.wants_person("WIZARD please!")
    assert not held.current.texts.words.wants_person("person word")
