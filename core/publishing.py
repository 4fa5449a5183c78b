"""What admins publish, as it is now: read from the files, validated whole, swapped whole, watched for changes."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import structlog
from watchfiles import awatch

from core.conversation import texts as text_files
from core.conversation.faq import load as faq_files
from core.conversation.faq.book import Faq
from core.conversation.faq.tree import Items, Node, Scalar, Table, parse, problem
from core.conversation.language import Languages
from core.conversation.texts import LANGUAGES, Texts
from core.conversation.words import Words, fold
from core.errors import Invalid
from core.messages import Say

log = structlog.get_logger()

LOOK = 500
"""Milliseconds between two looks at the folders: some appear later, some are replaced, some tell no changes (NFS)."""
SETTLED = 50
"""Milliseconds between two looks that must find the same: until then somebody is still writing."""

Contents = Mapping[str, bytes]
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One consistent state of FAQ and texts; a turn uses one and the same all through."""

    faq: Faq
    texts: Texts
    desk_language: str

    def desk_text(self, say: Say) -> str:
        """A text for agents, in the desk's language."""
        return self.texts.render(say, self.desk_language)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What lies in the folders at one moment."""

    faq: Contents
    texts: tuple[Contents, ...]
    unreadable: tuple[str, ...]


class Publishing:
    """Holds what is published. ``shipped_texts`` serve where the operator's own leave something out.

    A missing FAQ folder is an empty FAQ.
    """

    def __init__(self, *, faq_dir: Path, texts_dir: Path, shipped_texts: Path, desk_language: str) -> None:
        self._faq_dir = faq_dir
        self._texts_dirs = (shipped_texts, texts_dir) if texts_dir != shipped_texts else (shipped_texts,)
        self._desk_language = desk_language
        self._languages = Languages()
        self._current: Published | None = None
        self._seen: _Look | None = None
        self._files: Mapping[tuple[str, bytes], faq_files.File] = {}
        self._texts: tuple[Sequence[Contents], Texts] | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def current(self) -> Published:
        """The newest valid state. ``load`` must have been awaited."""
        assert self._current is not None, "load() first"
        return self._current

    def language(self, text: str, hint: str) -> str:
        """The language of a person's words."""
        return self._languages.of(text, hint)

    async def load(self) -> None:
        """Read everything for the first time. Raises Invalid with file, line and reason."""
        await self._publish(await asyncio.to_thread(self._look))

    async def reload(self) -> bool:
        """Take up what is there now; an invalid file never replaces a good one, but is said in the log."""
        return await self._replace(await asyncio.to_thread(self._look))

    async def watch(self, stop: asyncio.Event) -> None:
        """Publish each change of a file within a second of its being saved, until ``stop`` is set.

        A refusal is said once, and again only when something changed.
        """
        while not stop.is_set():
            await self._catch_up(stop)
            try:
                await self._listen(stop)
            except OSError:  # the folder went just now, or the system has no watch left: looking is enough
                await _pause(stop, LOOK)

    async def _listen(self, stop: asyncio.Event) -> None:
        """Until a folder appears or goes; one that is replaced unseen is still looked at."""
        there = self._there()
        changes = awatch(
            *there,
            watch_filter=None,
            stop_event=stop,
            step=SETTLED,
            debounce=LOOK,
            rust_timeout=LOOK,
            yield_on_timeout=True,
        )
        async with contextlib.aclosing(changes):
            async for _ in changes:
                await self._catch_up(stop)
                if self._there() != there:
                    return

    def _there(self) -> list[Path]:
        return [folder for folder in (self._faq_dir, *self._texts_dirs) if folder.is_dir()]

    async def _catch_up(self, stop: asyncio.Event) -> None:
        """Publish what changed since the last look, once two looks find the same: nobody is writing any more."""
        look = await asyncio.to_thread(self._look)
        while look != self._seen and not stop.is_set():
            await _pause(stop, SETTLED)
            before, look = look, await asyncio.to_thread(self._look)
            if look == before:
                await self._replace(look)

    async def _replace(self, look: _Look) -> bool:
        try:
            await self._publish(look)
        except Invalid as invalid:
            for told in invalid.problems:
                log.error("not published: a file is invalid, the last good one stays", problem=told)
            return False
        log.info("published", entries=len(self.current.faq.entries), texts=len(self.current.texts.by_name))
        return True

    async def _publish(self, look: _Look) -> None:
        async with self._one_at_a_time:
            self._seen = look
            self._current = await asyncio.to_thread(self._built, look)

    def _look(self) -> _Look:
        unreadable: list[str] = []
        faq = _contents(self._faq_dir, unreadable)
        texts = tuple(_contents(folder, unreadable) for folder in self._texts_dirs)
        return _Look(faq=faq, texts=texts, unreadable=tuple(unreadable))

    def _built(self, look: _Look) -> Published:
        """Everything anew, beside what serves meanwhile; files that didn't change are not parsed again."""
        self._files = {
            (name, content): self._files.get((name, content)) or faq_files.read_file(name, content)
            for name, content in look.faq.items()
        }
        problems = list(look.unreadable)
        entries = _tried(lambda: faq_files.together(list(self._files.values())), problems)
        texts = _tried(lambda: self._texts_of(look.texts), problems)
        if problems or entries is None or texts is None:
            raise Invalid(problems)
        return Published(faq=Faq.of(entries), texts=texts, desk_language=self._desk_language)

    def _texts_of(self, folders: Sequence[Contents]) -> Texts:
        if self._texts is None or self._texts[0] != folders:
            self._texts = folders, _texts(folders)
        return self._texts[1]


def _tried(read: Callable[[], Part], problems: list[str]) -> Part | None:
    """What was read; where it is invalid its problems join the others, so that all are told at once."""
    try:
        return read()
    except Invalid as invalid:
        problems.extend(invalid.problems)
        return None


def _texts(folders: Sequence[Contents]) -> Texts:
    texts: Texts | None = None
    for files in folders:
        problems = [told for name, content in files.items() for told in _misshapen(name, content, texts)]
        if problems:
            raise Invalid(problems)
        texts = text_files.read(files, instead_of=texts)
    assert texts is not None
    return texts


def _misshapen(name: str, content: bytes, shipped: Texts | None) -> Iterator[str]:
    """What the texts themselves don't look at: the lists of words and names, and texts that nobody ever says."""
    try:
        root = parse(name, content)
    except Invalid as invalid:
        yield from invalid.problems
        return
    for key, value in root.pairs if isinstance(root, Table) else ():
        if key.text == "words":
            meanings = [field.name for field in fields(Words)]
            yield from _wrong_lists(name, key, value, meanings, ())
        elif key.text == "names":
            yield from _wrong_lists(name, key, value, LANGUAGES, ("first", "second"))
        elif shipped and key.text not in shipped.by_name:
            near = get_close_matches(key.text, shipped.by_name, n=1)
            instead = f'did you mean "{near[0]}"?' if near else "delete it"
            yield problem(name, key.at, f'no text is called "{key.text}"; {instead}')


def _wrong_lists(
    name: str, key: Scalar, node: Node, outer: Sequence[str], inner: Sequence[str]
) -> Iterator[str]:
    """Two levels of keys above lists; the file's lists replace the shipped ones whole, so none may be missing."""
    below = {one.text: value for one, value in node.pairs} if isinstance(node, Table) else {}
    if set(below) != set(outer):
        yield problem(name, key.at, f"{key.text} must hold {', '.join(outer)}, all of them and no others")
        return
    for one, value in below.items():
        lists = {last.text: items for last, items in value.pairs} if isinstance(value, Table) else {}
        if not lists or (inner and set(lists) != set(inner)):
            told = f"must hold {' and '.join(inner) or 'a list per language'}"
            yield problem(name, value.at, f"{key.text}: {one} {told}")
        for items in lists.values():
            yield from _wrong_list(name, f"{key.text}: {one}", items, empty=not inner)


def _wrong_list(name: str, where: str, node: Node, *, empty: bool) -> Iterator[str]:
    if not isinstance(node, Items) or not (node.items or empty):
        yield problem(name, node.at, f"{where} must hold lists of words; write [one, another]")
        return
    for item in node.items:
        if not isinstance(item, Scalar) or item.taken_for() or not fold(item.text):
            yield problem(name, item.at, f"{where} has something that is no word; write a word, in quotes")


def _contents(folder: Path, unreadable: list[str]) -> Contents:
    """The YAML files of a folder by name, in a stable order."""
    found: dict[str, bytes] = {}
    at = folder
    try:
        for at in _yaml_in(folder):
            found[str(at)] = at.read_bytes()
    except FileNotFoundError:  # deleted or renamed since it was listed: list again
        return _contents(folder, unreadable)
    except OSError as error:
        unreadable.append(f"{at}: can't be read ({error.strerror}); let the bot's user read it")
    return found


def _yaml_in(folder: Path) -> list[Path]:
    """Without an editor's temporary files, and without hidden folders (Kubernetes keeps each version in one)."""
    found = [*folder.rglob("*.yaml"), *folder.rglob("*.yml")]
    return sorted(path for path in found if path.is_file() and not _hidden(path.relative_to(folder)))


def _hidden(path: Path) -> bool:
    return path.name.startswith(("~", "#")) or any(part.startswith(".") for part in path.parts)


async def _pause(stop: asyncio.Event, milliseconds: int) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), milliseconds / 1000)
