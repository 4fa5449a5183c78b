"""The operator's folder: read whole, written back file by file."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from core.conversation.faq.attached import FOLDER
from core.conversation.faq.editing import FAQ, Files
from core.conversation.faq.tree import decoded
from core.errors import Invalid

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What lies in the folder at one moment; ``sizes`` are the files that may be attached, by path beside the FAQ."""

    contents: Mapping[str, bytes] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()

    def files(self) -> Files:
        """As texts. Raises Invalid with every file that can't be read, or is no text."""
        problems = list(self.unreadable)
        files: dict[str, str] = {}
        for name, content in self.contents.items():
            try:
                files[name] = decoded(name, content)
            except Invalid as invalid:
                problems += invalid.problems
        if problems:
            raise Invalid(problems)
        return files


class Folder:
    """``places`` says where what is published lies: "faq/" -> a folder, "routing.yaml" -> a file; none need exist."""

    def __init__(self, places: Mapping[str, Path]) -> None:
        self._places = places

    def there(self) -> list[Path]:
        """The folders that exist."""
        return [place for place in self._places.values() if place.is_dir()]

    def look(self) -> Look:
        """Everything, in a stable order. Blocks."""
        unreadable: list[str] = []
        contents: dict[str, bytes] = {}
        for begin, place in sorted(self._places.items()):
            contents.update(_contents(begin, place, unreadable))
        return Look(contents=contents, sizes=self.sizes(), unreadable=tuple(unreadable))

    def sizes(self) -> Mapping[str, int]:
        """The bytes of the files that may go with answers. Blocks."""
        faq = self._places[FAQ]
        with contextlib.suppress(FileNotFoundError):  # gone since it was listed: it can't be attached
            return {
                path.relative_to(faq).as_posix(): path.stat().st_size
                for path in sorted((faq / FOLDER).rglob("*"))
                if path.is_file() and not _hidden(path.relative_to(faq))
            }
        return {}

    def owner(self, names: list[str]) -> str:
        """The user of this machine to whom a changed file belongs; "file" where nobody can say."""
        for name in names:
            with contextlib.suppress(OSError, KeyError):
                return self.path(name).owner()
        return "file"

    def path(self, name: str) -> Path:
        """Where a file lies."""
        begin = next(begin for begin in self._places if name.startswith(begin))
        return self._places[begin] / name.removeprefix(begin)

    def text(self, name: str) -> str | None:
        """What a file holds; None: there is none, or nobody can read it. Blocks."""
        try:
            return self.path(name).read_bytes().decode("utf-8", "replace")
        except OSError:
            return None

    def write(self, name: str, was: str | None, text: str | None) -> bool:
        """Put a file in place of the one that holds ``was`` (None: there is none), at once and whole; False if it
        holds something else, or can't be written. Blocks.
        """
        path = self.path(name)
        try:
            there = self.text(name)
            if there == text:
                return True
            if path.is_symlink() or there != was:
                log.warning("not written back: the file was changed here, or is a link", file=name)
                return False
            if text is None:
                path.unlink(missing_ok=True)
            else:
                replace_file(path, text)
        except OSError as error:
            log.warning("not written back", file=name, reason=error.strerror)
            return False
        return True


def replace_file(path: Path, text: str) -> None:
    """By another file that takes its name: nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _contents(begin: str, folder: Path, unreadable: list[str]) -> Mapping[str, bytes]:
    """The YAML files of a folder by name, in a stable order; or the one file."""
    found: dict[str, bytes] = {}
    name = begin
    try:
        for path in _yaml_in(folder) if begin.endswith("/") else filter(Path.is_file, [folder]):
            name = f"{begin}{path.relative_to(folder).as_posix()}" if begin.endswith("/") else begin
            found[name] = path.read_bytes()
    except FileNotFoundError:  # deleted or renamed since it was listed: list again
        return _contents(begin, folder, unreadable)
    except OSError as error:
        unreadable.append(f"{name}: can't be read ({error.strerror}); let the bot's user read it")
    return found


def _yaml_in(folder: Path) -> Iterator[Path]:
    """Without an editor's temporary files, and without hidden folders (Kubernetes keeps each version in one)."""
    found = [*folder.rglob("*.yaml"), *folder.rglob("*.yml")]
    for path in sorted(found):
        inside = path.relative_to(folder)
        if path.is_file() and not _hidden(inside) and inside.parts[0] != FOLDER:
            yield path


def _hidden(path: Path) -> bool:
    return path.name.startswith(("~", "#")) or any(part.startswith(".") for part in path.parts)
